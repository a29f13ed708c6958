// The tables `calls`, `arguments` and `traces` over the blocks of a recording, for any SQLite connection to one. DESIGN
// of the columns: docs/store-schema.md.
#ifndef PYTRACE_DUMPER_STORE_SQL_TABLES_H_
#define PYTRACE_DUMPER_STORE_SQL_TABLES_H_

struct sqlite3;

namespace pytrace::store {

// Returns a SQLite result code. The tables read the connection's main database; tables of the same name in it come
// first.
int RegisterSqlTables(sqlite3* db);

}  // namespace pytrace::store

#endif  // PYTRACE_DUMPER_STORE_SQL_TABLES_H_
