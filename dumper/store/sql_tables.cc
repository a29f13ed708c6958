#include "dumper/store/sql_tables.h"

#include <memory>

#include "dumper/store/sql_context.h"
#include "dumper/store/sql_cursors.h"
#include "dumper/store/sql_module.h"

namespace pytrace::store {

int RegisterSqlTables(sqlite3* db) {
  auto context = std::make_shared<SqlContext>(db);
  int result = SqlModule<CallsCursor>::Register(db, "calls", context);
  if (result == SQLITE_OK) result = SqlModule<ArgumentsCursor>::Register(db, "arguments", context);
  if (result == SQLITE_OK) result = SqlModule<TracesCursor>::Register(db, "traces", context);
  return result;
}

}  // namespace pytrace::store
