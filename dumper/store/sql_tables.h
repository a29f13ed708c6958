// The tables `calls`, `arguments` and `traces` over the blocks of a recording, for any SQLite connection to one. DESIGN
// of the columns: docs/store-schema.md.
#ifndef PYTRACE_DUMPER_STORE_SQL_TABLES_H_
#define PYTRACE_DUMPER_STORE_SQL_TABLES_H_

#include <string>

struct sqlite3;

namespace pytrace::store {

class Database;

// Returns a SQLite result code. The tables read the connection's main database; tables of the same name in it come
// first.
int RegisterSqlTables(sqlite3* db);

// The same over another recording, which must outlive `db`, as the tables PREFIXcalls ... They show it as it was at its
// last Refresh.
int RegisterSqlTables(sqlite3* db, Database* recording, const std::string& prefix);

}  // namespace pytrace::store

#endif  // PYTRACE_DUMPER_STORE_SQL_TABLES_H_
