// How a WHERE becomes a scan: xBestIndex writes down which constraints the blocks can use, xFilter turns their values
// into a range of calls and a filter. Everything is checked again by SQLite, so a plan may let through too much, never
// too little.
#ifndef PYTRACE_DUMPER_STORE_SQL_PLAN_H_
#define PYTRACE_DUMPER_STORE_SQL_PLAN_H_

#include <cstdint>
#include <span>
#include <string>

#include "dumper/store/call_filter.h"
#include "dumper/store/sql_context.h"
#include "dumper/store/sqlite.h"

namespace pytrace::store {

// What a constraint on a column may be used for.
enum class Role : char {
  kNone = '-',
  kId = 'i',        // id of the call
  kStart = 's',     // start, in ns
  kTime = 't',      // time of an event, in seconds
  kDuration = 'd',  // in ns
  kParent = 'p',    // id of the parent
  kOutcome = 'o',   // text
  kFunc = 'f',
  kModule = 'm',
  kQualname = 'q',
  kFile = 'F',
  kLine = 'l',
  kRun = 'r',
  kPid = 'P',
  kTid = 'T',
  kThread = 'n',
};

struct Plan {
  int64_t min_id = INT64_MIN, max_id = INT64_MAX;
  int64_t min_ns = INT64_MIN, max_ns = INT64_MAX;  // start of the call, or time of the event
  int64_t min_duration_ns = INT64_MIN;
  bool exceptions_only = false;
  bool values = false;      // arguments and results are asked for
  bool descending = false;  // from the newest call to the oldest
  CallFilter filter;

  bool MayMatch(const ZoneMap& zone) const;
};

// xBestIndex. `roles`: one a column. `value_columns`: bits of the columns that need values. `rows_a_call`: for the
// planner. Results come in the order of the column `order` (kId, kStart or kTime role, as all three rise together) and,
// where `descends`, also in the reverse.
int BestIndex(SqlContext* context, std::span<const Role> roles, uint64_t value_columns, double rows_a_call,
              bool descends, sqlite3_index_info* info);

// xFilter. False: the recording cannot be read.
bool MakePlan(SqlContext* context, const char* index, sqlite3_value** values, Plan* plan);

}  // namespace pytrace::store

#endif  // PYTRACE_DUMPER_STORE_SQL_PLAN_H_
