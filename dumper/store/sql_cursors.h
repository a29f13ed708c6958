// The three tables as cursors, see sql_module.h. Each has a file of its own.
#ifndef PYTRACE_DUMPER_STORE_SQL_CURSORS_H_
#define PYTRACE_DUMPER_STORE_SQL_CURSORS_H_

#include <memory>
#include <string_view>
#include <vector>

#include "dumper/store/call_scan.h"
#include "dumper/store/events.h"
#include "dumper/store/sql_context.h"
#include "dumper/store/sqlite.h"

namespace pytrace::store {

// One row a call.
class CallsCursor {
 public:
  static constexpr char kSchema[] =
      "CREATE TABLE calls(id INTEGER, parent_id INTEGER, run INTEGER, pid INTEGER, tid INTEGER, thread TEXT, module "
      "TEXT,"
      " func TEXT, qualname TEXT, file TEXT, line INTEGER, depth INTEGER, start_ns INTEGER, end_ns INTEGER,"
      " duration_ns INTEGER, self_ns INTEGER, outcome TEXT, result_type TEXT, result TEXT, frame INTEGER,"
      " task TEXT)";
  static int BestIndex(SqlContext* context, sqlite3_index_info* info);

  explicit CallsCursor(SqlContext* context) : context_(context) {}
  bool Start(const char* index, sqlite3_value** values);
  bool Next() { return scan_.Next(); }
  bool AtEnd() const { return scan_.at_end(); }
  void Column(sqlite3_context* out, int column) const;
  int64_t Rowid() const { return scan_.id(); }

 private:
  void ThreadColumn(sqlite3_context* out, int column) const;
  void TaskColumn(sqlite3_context* out) const;
  void FunctionColumn(sqlite3_context* out, int column) const;
  void ResultColumn(sqlite3_context* out, int column) const;

  SqlContext* const context_;
  CallScan scan_;
};

// One row for each argument that a call was given, then one for what came out of it.
class ArgumentsCursor {
 public:
  static constexpr char kSchema[] =
      "CREATE TABLE arguments(call_id INTEGER, position INTEGER, name TEXT, type TEXT, value TEXT)";
  static int BestIndex(SqlContext* context, sqlite3_index_info* info);

  explicit ArgumentsCursor(SqlContext* context) : context_(context) {}
  bool Start(const char* index, sqlite3_value** values);
  bool Next();
  bool AtEnd() const { return scan_.at_end(); }
  void Column(sqlite3_context* out, int column) const;
  int64_t Rowid() const { return rowid_; }

 private:
  // Goes to the next value of the call, or to that of the next call that has one.
  bool FindValue();
  bool NextOfCall();
  void EnterCall();

  SqlContext* const context_;
  CallScan scan_;
  int64_t rowid_ = 0;
  std::string_view rest_;  // the arguments that follow
  int position_ = 0;       // of the value; the result's is one more than the last argument's
  std::string_view value_;
  bool is_result_ = false;
};

// One row an event, in the order of time.
class TracesCursor {
 public:
  static constexpr char kSchema[] =
      "CREATE TABLE traces(time REAL, kind TEXT, pid INTEGER, tid INTEGER, depth INTEGER, module TEXT, func TEXT,"
      " call_id INTEGER)";
  static int BestIndex(SqlContext* context, sqlite3_index_info* info);

  explicit TracesCursor(SqlContext* context) : context_(context) {}
  TracesCursor(TracesCursor&&) = default;
  bool Start(const char* index, sqlite3_value** values);
  bool Next();
  bool AtEnd() const { return at_end_; }
  void Column(sqlite3_context* out, int column) const;
  int64_t Rowid() const { return rowid_; }

 private:
  bool StartOfCall(int64_t id);

  SqlContext* const context_;
  Plan plan_;
  std::unique_ptr<EventWalker> walker_;  // or, when one call is asked for:
  std::vector<Event> events_;
  size_t next_event_ = 0;
  Event event_ = {};
  bool at_end_ = true;
  int64_t rowid_ = 0;
};

}  // namespace pytrace::store

#endif  // PYTRACE_DUMPER_STORE_SQL_CURSORS_H_
