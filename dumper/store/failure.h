// Why SQLite could not write or read, as a person wants to hear it.
#ifndef PYTRACE_DUMPER_STORE_FAILURE_H_
#define PYTRACE_DUMPER_STORE_FAILURE_H_

#include <string>

struct sqlite3;

namespace pytrace::store {

struct Failure {
  bool disk_full;
  std::string text;  // one line; a full disk is named, with the cure, however SQLite came to know of it
};

// Of the connection's newest error. `path`: of its database.
Failure FailureOf(sqlite3* db, const std::string& path);

}  // namespace pytrace::store

#endif  // PYTRACE_DUMPER_STORE_FAILURE_H_
