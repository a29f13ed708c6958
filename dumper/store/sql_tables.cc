#include "dumper/store/sql_tables.h"

#include <memory>

#include "dumper/store/sql_context.h"
#include "dumper/store/sql_cursors.h"
#include "dumper/store/sql_module.h"

namespace pytrace::store {

namespace {

int Register(sqlite3* db, std::shared_ptr<SqlContext> context, const std::string& prefix) {
  int result = SqlModule<CallsCursor>::Register(db, (prefix + "calls").c_str(), context);
  if (result == SQLITE_OK) result = SqlModule<ArgumentsCursor>::Register(db, (prefix + "arguments").c_str(), context);
  if (result == SQLITE_OK) result = SqlModule<TracesCursor>::Register(db, (prefix + "traces").c_str(), context);
  return result;
}

}  // namespace

int RegisterSqlTables(sqlite3* db) { return Register(db, std::make_shared<SqlContext>(db), ""); }

int RegisterSqlTables(sqlite3* db, Database* recording, const std::string& prefix) {
  return Register(db, std::make_shared<SqlContext>(recording), prefix);
}

}  // namespace pytrace::store
