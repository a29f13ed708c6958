// The database as a file, before SQLite sees it: makes it private, refuses what is not ours, and holds the lock that
// keeps it to one dumper.
#ifndef PYTRACE_DUMPER_STORE_DATABASE_FILE_H_
#define PYTRACE_DUMPER_STORE_DATABASE_FILE_H_

#include <memory>
#include <string>

namespace pytrace::store {

// POSIX drops all of a process's locks on a file when it closes any descriptor of it, SQLite's own included: destroy
// this after the connection.
class DatabaseFile {
 public:
  // Opens the file, or makes it with mode 0600, and waits for the lock. nullptr: one line in *error. A symlink or
  // another user's file is refused.
  static std::unique_ptr<DatabaseFile> Open(const std::string& path, int lock_wait_ms, std::string* error);
  ~DatabaseFile();
  // True while the path still leads to this file.
  bool IsAt(const std::string& path) const;

 private:
  explicit DatabaseFile(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace pytrace::store

#endif  // PYTRACE_DUMPER_STORE_DATABASE_FILE_H_
