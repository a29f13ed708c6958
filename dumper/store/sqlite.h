// SQLite, for code that is compiled twice: into the programs, which link the library, and into the loadable extension,
// which must call the library that loaded it.
#ifndef PYTRACE_DUMPER_STORE_SQLITE_H_
#define PYTRACE_DUMPER_STORE_SQLITE_H_

#ifdef PYTRACE_SQLITE_EXTENSION
#include <sqlite3ext.h>
SQLITE_EXTENSION_INIT3
#else
#include <sqlite3.h>
#endif

#endif  // PYTRACE_DUMPER_STORE_SQLITE_H_
