// What a recording is to SQLite: its mark, its tables, and who may open it.
#ifndef PYTRACE_DUMPER_STORE_SCHEMA_H_
#define PYTRACE_DUMPER_STORE_SCHEMA_H_

#include <string>

struct sqlite3;

namespace pytrace::store {

inline constexpr int kApplicationId = 0x70797472;  // "pytr"
// Of what is written; older ones are read. 2: values of a block may lie apart from their words, which a reader of
// version 1 would take for damage.
inline constexpr int kSchemaVersion = 2;
inline constexpr char kPytraceVersion[] = "1.0";

enum class Identity {
  kRecording,
  kEmpty,    // nothing in it; whoever records may make it one
  kRefused,  // damaged, no database at all, another program's, or a newer pytrace's
};

// Looks at an open database and changes nothing. kRefused: one line in *error, which names the file and the cure.
Identity Identify(sqlite3* db, const std::string& path, std::string* error);

// Makes a recording of an older version one of this: the tables that were added, and the version, so that older readers
// refuse it. False: sqlite3_errmsg says why.
bool UpgradeSchema(sqlite3* db);
// Makes an empty database a recording, in one transaction. False: sqlite3_errmsg says why.
bool CreateSchema(sqlite3* db, const std::string& rundir);

}  // namespace pytrace::store

#endif  // PYTRACE_DUMPER_STORE_SCHEMA_H_
