// What a recording is to SQLite: its mark, its tables, and who may open it.
#ifndef PYTRACE_DUMPER_STORE_SCHEMA_H_
#define PYTRACE_DUMPER_STORE_SCHEMA_H_

#include <string>

struct sqlite3;

namespace pytrace::store {

inline constexpr int kApplicationId = 0x70797472;  // "pytr"
inline constexpr int kSchemaVersion = 1;
inline constexpr char kPytraceVersion[] = "1.0";

enum class Identity {
  kRecording,
  kEmpty,    // nothing in it; whoever records may make it one
  kRefused,  // damaged, no database at all, another program's, or a newer pytrace's
};

// Looks at an open database and changes nothing. kRefused: one line in *error, which names the file and the cure.
Identity Identify(sqlite3* db, const std::string& path, std::string* error);

// Makes an empty database a recording, in one transaction. False: sqlite3_errmsg says why.
// Tables that later versions added, for a recording of an older one.
bool AddNewTables(sqlite3* db);
bool CreateSchema(sqlite3* db, const std::string& rundir);

}  // namespace pytrace::store

#endif  // PYTRACE_DUMPER_STORE_SCHEMA_H_
