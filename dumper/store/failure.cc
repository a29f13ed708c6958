#include "dumper/store/failure.h"

#include <errno.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cstring>

#include "dumper/store/sqlite.h"

namespace pytrace::store {
namespace {

// For errors whose errno SQLite does not keep: where it makes room for the index of its journal (-shm), lack of space
// is an I/O error like any other.
bool NoBlockIsFree(const std::string& path) {
  std::string folder = path.substr(0, path.rfind('/') + 1);
  struct statvfs disk;
  if (statvfs(folder.empty() ? "." : folder.c_str(), &disk) != 0 || disk.f_blocks == 0) return false;
  return (geteuid() == 0 ? disk.f_bfree : disk.f_bavail) == 0;
}

// Of a failed COMMIT the connection does not know the errno, the journal's file does.
int SystemErrno(sqlite3* db) {
  int error = sqlite3_system_errno(db);
  sqlite3_file* journal = nullptr;
  if (error != 0 || sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &journal) != SQLITE_OK ||
      journal == nullptr || journal->pMethods == nullptr)
    return error;
  return journal->pMethods->xFileControl(journal, SQLITE_FCNTL_LAST_ERRNO, &error) == SQLITE_OK ? error : 0;
}

}  // namespace

Failure FailureOf(sqlite3* db, const std::string& path) {
  int code = sqlite3_errcode(db) & 0xff;
  std::string text = sqlite3_errmsg(db);
  bool full = code == SQLITE_FULL;
  int system = code == SQLITE_IOERR || code == SQLITE_CANTOPEN ? SystemErrno(db) : 0;
  std::string reason = system != 0 ? std::string(" (") + strerror(system) + ")" : "";
  if (system == ENOSPC || system == EDQUOT) full = true;
  if (system == EFBIG) return {false, "the limit of file sizes is reached; raise it (ulimit -f) for " + path};
  if (!full && code == SQLITE_IOERR && NoBlockIsFree(path)) {
    full = true;
    reason.clear();
  }
  if (full) return {true, "the disk is full" + reason + "; make room for " + path};
  return {false, text + reason};
}

}  // namespace pytrace::store
