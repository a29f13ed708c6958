// Writes an export as a SQLite database. The file has its name only when it is whole.
#ifndef PYTRACE_READER_EXPORT_SQLITE_H_
#define PYTRACE_READER_EXPORT_SQLITE_H_

#include <signal.h>
#include <sqlite3.h>

#include <string>
#include <vector>

#include "dumper/store/database.h"
#include "reader/query/filter.h"

namespace pytrace::reader {

class SqliteExport {
 public:
  // `filter` may be nullptr: everything. Stops soon after `interrupted` is set.
  SqliteExport(store::Database* database, query::Filter* filter, const volatile sig_atomic_t& interrupted)
      : database_(database), filter_(filter), interrupted_(interrupted) {}
  // False: error(), and nothing is left.
  bool Run(const std::string& path, bool replace);
  const std::string& error() const { return error_; }

 private:
  bool Write(const std::string& path);
  bool CopyTables();
  bool CopyTable(const std::string& name);
  bool WriteCalls();
  bool WriteBlock(size_t zone, sqlite3_stmt* calls, sqlite3_stmt* arguments);
  bool FindMatches(size_t zone);
  bool Execute(const std::string& sql);
  bool Failed(const std::string& doing);
  void Progress(const char* what, size_t done, size_t of);
  static void Matches(sqlite3_context* out, int, sqlite3_value** values);

  store::Database* const database_;
  query::Filter* const filter_;
  const volatile sig_atomic_t& interrupted_;
  sqlite3* out_ = nullptr;
  std::string error_;
  int64_t first_id_ = 0;
  std::vector<bool> matches_;  // by id - first_id_
};

}  // namespace pytrace::reader

#endif  // PYTRACE_READER_EXPORT_SQLITE_H_
