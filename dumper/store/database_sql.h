// What Database holds open; shared by its two source files.
#ifndef PYTRACE_DUMPER_STORE_DATABASE_SQL_H_
#define PYTRACE_DUMPER_STORE_DATABASE_SQL_H_

#include "dumper/store/database.h"
#include "dumper/store/statement.h"

namespace pytrace::store {

struct Database::Statements {
  Statement data_version, meta, oldest, zones, runs, processes, threads, functions, counters, types;
  Statement calls, calls_and_values, keyframe, late_end, late_ends, task, losses, logs;
};

// Ends a statement's read transaction when the scope ends.
class Using {
 public:
  explicit Using(Statement* statement) : statement_(statement) {}
  ~Using() { statement_->Reset(); }
  Using(const Using&) = delete;
  Using& operator=(const Using&) = delete;

 private:
  Statement* statement_;
};

}  // namespace pytrace::store

#endif  // PYTRACE_DUMPER_STORE_DATABASE_SQL_H_
