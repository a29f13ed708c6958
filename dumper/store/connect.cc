#include "dumper/store/connect.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>

#include "dumper/store/failure.h"
#include "dumper/store/sqlite.h"

namespace pytrace::store {
namespace {

constexpr int kBusyMs = 5000;

// A path as a URI that SQLite turns into the same path, `:memory:` too.
std::string Uri(const std::string& path, const char* options) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string uri = path.starts_with(':') ? "file:./" : "file:";
  for (unsigned char c : path) {
    if (c == '?' || c == '#' || c == '%') {
      uri += {'%', kHex[c >> 4], kHex[c & 15]};
    } else {
      uri.push_back(static_cast<char>(c));
    }
  }
  return uri + options;
}

// nullptr: it cannot be read in this way; *why.
sqlite3* Connect(const std::string& path, const char* options, Failure* why) {
  sqlite3* db = nullptr;
  constexpr int kFlags = SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX;
  int result = sqlite3_open_v2(Uri(path, options).c_str(), &db, kFlags, nullptr);
  if (db != nullptr) sqlite3_busy_timeout(db, kBusyMs);
  if (result == SQLITE_OK) {
    result = sqlite3_exec(db, "SELECT 1 FROM sqlite_schema LIMIT 1", nullptr, nullptr, nullptr);
    if (result != SQLITE_CANTOPEN && result != SQLITE_READONLY && result != SQLITE_IOERR) return db;
  }
  *why = FailureOf(db, path);
  sqlite3_close(db);
  return nullptr;
}

}  // namespace

// A database in WAL mode needs its -shm file even to be read, which cannot be made in a folder that is not ours, and
// not grow on a full disk. One that is there can be taken as it is: what it lacks SQLite keeps in memory. Without a
// -wal file nobody writes, and the database may be taken as it is.
sqlite3* ConnectToRead(const std::string& path, std::string* error) {
  if (access(path.c_str(), F_OK) != 0 && errno == ENOENT) {
    *error = path + " does not exist; `pytrace PROGRAM` records one";
    return nullptr;
  }
  struct stat st;
  if (stat(path.c_str(), &st) == 0 && S_ISDIR(st.st_mode)) {
    *error = path + " is a directory; give the path of a recording";
    return nullptr;
  }
  if (access(path.c_str(), R_OK) != 0) {
    *error = "cannot read " + path + ": " + strerror(errno);
    return nullptr;
  }
  Failure why, still;
  if (sqlite3* db = Connect(path, "?mode=ro", &why)) return db;
  bool has_wal = stat((path + "-wal").c_str(), &st) == 0 && st.st_size > 0;
  if (sqlite3* db = Connect(path, has_wal ? "?mode=ro&readonly_shm=1" : "?mode=ro&immutable=1", &still)) return db;
  *error =
      "cannot read " + path + ": " +
      (has_wal && !why.disk_full ? "its -wal file cannot be used in this folder; copy both to one of yours" : why.text);
  return nullptr;
}

}  // namespace pytrace::store
