// A connection of somebody else to a database of a test.
#ifndef PYTRACE_DUMPER_STORE_TEST_CONNECTION_H_
#define PYTRACE_DUMPER_STORE_TEST_CONNECTION_H_

#include <string>

#include "dumper/store/sqlite.h"
#include "dumper/store/statement.h"

namespace pytrace::store {

struct Connection {
  explicit Connection(const std::string& path) { sqlite3_open(path.c_str(), &db); }
  ~Connection() { sqlite3_close(db); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  int Run(const char* sql) { return sqlite3_exec(db, sql, nullptr, nullptr, nullptr); }
  // The first column of the first row, or what is wrong.
  std::string Get(const char* sql) {
    Statement statement(db, sql);
    return statement.ok() && statement.Step() ? std::string(statement.TextAt(0)) : sqlite3_errmsg(db);
  }

  sqlite3* db = nullptr;
};

}  // namespace pytrace::store

#endif  // PYTRACE_DUMPER_STORE_TEST_CONNECTION_H_
