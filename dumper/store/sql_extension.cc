// The door through which a SQLite that has never heard of us comes in: `.load .../pytrace`.
#include <sqlite3ext.h>

#include "dumper/store/sql_tables.h"
SQLITE_EXTENSION_INIT1

extern "C" __attribute__((visibility("default"))) int sqlite3_pytrace_init(sqlite3* db, char**,
                                                                           const sqlite3_api_routines* api) {
  SQLITE_EXTENSION_INIT2(api);
  return pytrace::store::RegisterSqlTables(db);
}
