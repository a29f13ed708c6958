#include "reader/db_check.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "dumper/store/schema.h"
#include "reader/segments.h"
#include "ringbuf/rundir.h"

namespace pytrace::reader {
namespace {

constexpr std::string_view kSqliteHeader("SQLite format 3\0", 16);
constexpr size_t kHeaderBytes = 100;
// Places in SQLite's file header, big-endian.
constexpr size_t kPageSizeAt = 16, kUserVersionAt = 60, kApplicationIdAt = 68;
// A dumper whose producers are gone leaves after its last commit; a run right behind another one waits for that.
constexpr int kLeaveMs = 3000, kLookMs = 10;

uint32_t BigEndian(const unsigned char* bytes) {
  return uint32_t{bytes[0]} << 24 | uint32_t{bytes[1]} << 16 | uint32_t{bytes[2]} << 8 | bytes[3];
}

bool CheckHeader(const std::string& path, off_t size, std::string* error) {
  if (size == 0) return true;
  int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) {
    *error = "cannot read " + path + ": " + strerror(errno);
    return false;
  }
  unsigned char header[kHeaderBytes];
  ssize_t n = read(fd, header, sizeof(header));
  close(fd);
  bool sqlite = n == kHeaderBytes && memcmp(header, kSqliteHeader.data(), kSqliteHeader.size()) == 0;
  uint32_t id = sqlite ? BigEndian(header + kApplicationIdAt) : 0;
  // A dumper that was killed as it began leaves one page without tables.
  if (sqlite && id == 0 && size == (header[kPageSizeAt] << 8 | header[kPageSizeAt + 1])) return true;
  // Until the first checkpoint the header may be older than the journal beside it; then the dumper will see.
  struct stat st;
  if (sqlite && id == 0 && stat((path + "-wal").c_str(), &st) == 0 && st.st_size > 0) return true;
  if (id != store::kApplicationId) {
    *error = path + " is not a recording of pytrace; it was left as it is (another place: --db PATH)";
    return false;
  }
  if (BigEndian(header + kUserVersionAt) > store::kSchemaVersion) {
    *error = path + " was made by a newer pytrace; another place: --db PATH";
    return false;
  }
  return true;
}

// What has the database's name now.
bool CheckFile(const std::string& path, std::string* error) {
  struct stat st;
  if (lstat(path.c_str(), &st) != 0) {
    if (errno == ENOENT) return true;
    *error = "cannot record into " + path + ": " + strerror(errno);
    return false;
  }
  if (S_ISLNK(st.st_mode)) {
    *error = path + " is a symbolic link; name the database itself";
  } else if (!S_ISREG(st.st_mode)) {
    *error = path + " is not a file";
  } else if (st.st_uid != geteuid()) {
    *error = path + " belongs to another user; another place: --db PATH";
  } else if (access(path.c_str(), R_OK | W_OK) != 0) {
    *error = "cannot record into " + path + ": " + strerror(errno);
  } else {
    return CheckHeader(path, st.st_size, error);
  }
  return false;
}

bool Remove(const std::string& path, std::string* error) {
  if (unlink(path.c_str()) == 0 || errno == ENOENT) return true;
  *error = "--new: cannot remove " + path + ": " + strerror(errno);
  return false;
}

}  // namespace

bool ResolveDatabase(const std::string& given, std::string* path, std::string* error) {
  size_t slash = given.rfind('/');
  std::string folder = slash == std::string::npos ? "." : given.substr(0, std::max<size_t>(slash, 1));
  std::string name = given.substr(slash + 1);  // npos + 1 is 0
  if (name.empty() || name == "." || name == "..") {
    *error = "'" + given + "' names no file for the database";
    return false;
  }
  char real[PATH_MAX];
  if (!realpath(folder.c_str(), real)) {
    *error = "no folder " + folder + " for the database: " + strerror(errno);
    return false;
  }
  if (access(real, W_OK | X_OK) != 0) {
    *error = std::string("cannot make a database in ") + real + ": " + strerror(errno) + "; another place: --db PATH";
    return false;
  }
  *path = std::string(real) + (real[1] ? "/" : "") + name;
  return CheckFile(*path, error);
}

bool StartAfresh(const std::string& path, const std::string& rundir, std::string* error) {
  if (access(rundir.c_str(), F_OK) != 0) {
    return Remove(path, error) && Remove(path + "-wal", error) && Remove(path + "-shm", error);
  }
  int lock = ring::kLockHeld;
  for (int waited = 0; waited < kLeaveMs; waited += kLookMs) {
    for (const SegmentView& segment : ListSegments(rundir)) {
      if (!segment.writer_alive) continue;
      *error = "--new: process " + std::to_string(segment.pid) + " is being recorded into " + path;
      return false;
    }
    lock = ring::TryLock(rundir.c_str());
    if (lock != ring::kLockHeld) break;
    ring::AskToLeave(rundir.c_str());
    poll(nullptr, 0, kLookMs);
  }
  if (lock == -ENOENT) return StartAfresh(path, rundir, error);  // the dumper left and took the directory along
  if (lock < 0) {
    *error = "--new: " + path + " is still being written";
    return false;
  }
  // The lock keeps a dumper from bringing the old run back while it goes.
  bool removed = Remove(path, error) && Remove(path + "-wal", error) && Remove(path + "-shm", error);
  if (removed) {
    for (const SegmentView& segment : ListSegments(rundir)) {
      if (!segment.writer_alive) unlink((rundir + "/" + segment.name).c_str());
    }
  }
  close(lock);
  return removed;
}

int64_t FindRun(const std::string& path, const std::string& token) {
  struct stat st;
  if (stat(path.c_str(), &st) != 0) return 0;
  sqlite3* db = nullptr;
  sqlite3_stmt* statement = nullptr;
  int64_t run = 0;
  if (sqlite3_open_v2(path.c_str(), &db, SQLITE_OPEN_READONLY, nullptr) == SQLITE_OK &&
      sqlite3_busy_timeout(db, 2000) == SQLITE_OK &&
      sqlite3_prepare_v2(db, "SELECT id FROM runs WHERE token = ?", -1, &statement, nullptr) == SQLITE_OK &&
      sqlite3_bind_text(statement, 1, token.c_str(), -1, SQLITE_STATIC) == SQLITE_OK &&
      sqlite3_step(statement) == SQLITE_ROW) {
    run = sqlite3_column_int64(statement, 0);
  }
  sqlite3_finalize(statement);
  sqlite3_close(db);
  return run;
}

std::string LeftAlone(const std::string& path, int64_t run) {
  sqlite3* db = nullptr;
  sqlite3_stmt* statement = nullptr;
  std::string line;
  if (sqlite3_open_v2(path.c_str(), &db, SQLITE_OPEN_READONLY, nullptr) == SQLITE_OK &&
      sqlite3_busy_timeout(db, 2000) == SQLITE_OK &&
      sqlite3_prepare_v2(db,
                         "SELECT count(*) || ' process' || iif(count(*) > 1, 'es', '') || ' of Python ' || python || "
                         "' (' || mode_reason || ')' FROM processes WHERE run = ? AND mode = 'none' "
                         "GROUP BY python, mode_reason ORDER BY min(id)",
                         -1, &statement, nullptr) == SQLITE_OK &&
      sqlite3_bind_int64(statement, 1, run) == SQLITE_OK) {
    while (sqlite3_step(statement) == SQLITE_ROW) {
      line += line.empty() ? "not recorded: " : ", ";
      line += reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
    }
  }
  sqlite3_finalize(statement);
  sqlite3_close(db);
  return line;
}

}  // namespace pytrace::reader
