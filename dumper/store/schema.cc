#include "dumper/store/schema.h"

#include <ctime>
#include <string_view>

#include "dumper/store/failure.h"
#include "dumper/store/schema_text.h"
#include "dumper/store/sqlite.h"
#include "dumper/store/statement.h"

namespace pytrace::store {
namespace {

// False: the database cannot be read.
bool Pragma(sqlite3* db, const char* sql, int64_t* value) {
  Statement statement(db, sql);
  if (!statement.ok() || !statement.Step()) return false;
  *value = statement.IntAt(0);
  return true;
}

bool Execute(sqlite3* db, const char* sql) { return sqlite3_exec(db, sql, nullptr, nullptr, nullptr) == SQLITE_OK; }

bool WriteReadme(sqlite3* db) {
  Statement insert(db, "INSERT INTO readme(line, text) VALUES (?, ?)");
  std::string_view rest = kReadmeText;
  for (int64_t line = 1; insert.ok() && !rest.empty(); ++line) {
    size_t end = rest.find('\n');
    if (insert.Int(line).Text(rest.substr(0, end)).Run() != SQLITE_DONE) return false;
    rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
  }
  return insert.ok();
}

bool WriteMeta(sqlite3* db, const std::string& rundir) {
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  Statement created(db, "INSERT INTO meta(key, value) VALUES ('created_ns', ?), ('pytrace_version', ?), ('rundir', ?)");
  return created.ok() &&
         created.Int(int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec).Text(kPytraceVersion).Text(rundir).Run() ==
             SQLITE_DONE;
}

bool SetVersion(sqlite3* db) {
  return Execute(db, ("PRAGMA user_version = " + std::to_string(kSchemaVersion)).c_str());
}

}  // namespace

Identity Identify(sqlite3* db, const std::string& path, std::string* error) {
  int64_t application = 0, version = 0, tables = 0;
  if (!Pragma(db, "PRAGMA application_id", &application) || !Pragma(db, "PRAGMA user_version", &version) ||
      !Pragma(db, "SELECT count(*) FROM sqlite_schema", &tables)) {
    int code = sqlite3_errcode(db);
    if (code == SQLITE_NOTADB) {
      *error = path + " is not a SQLite database; give another path with --db";
    } else {
      *error = path + " cannot be read: " + FailureOf(db, path).text;
    }
    return Identity::kRefused;
  }
  if (application == 0 && tables == 0) return Identity::kEmpty;
  if (application != kApplicationId) {
    *error = path + " is a database of another program; give another path with --db";
    return Identity::kRefused;
  }
  if (version > kSchemaVersion) {
    *error = path + " was recorded by a newer pytrace (schema " + std::to_string(version) + ", this one knows " +
             std::to_string(kSchemaVersion) + "); read it with that version";
    return Identity::kRefused;
  }
  return Identity::kRecording;
}

bool UpgradeSchema(sqlite3* db) {
  // The text of schema.sql from the first table on that says IF NOT EXISTS, up to its end.
  constexpr std::string_view kNew = "CREATE TABLE IF NOT EXISTS";
  std::string_view rest = kSchemaText;
  for (size_t at = rest.find(kNew); at != rest.npos; at = rest.find(kNew)) {
    rest.remove_prefix(at);
    std::string table(rest.substr(0, rest.find("\n\n")));
    if (!Execute(db, table.c_str())) return false;
    rest.remove_prefix(kNew.size());
  }
  int64_t version = 0;
  if (!Pragma(db, "PRAGMA user_version", &version)) return false;
  return version >= kSchemaVersion || SetVersion(db);
}

bool CreateSchema(sqlite3* db, const std::string& rundir) {
  std::string mark = "PRAGMA application_id = " + std::to_string(kApplicationId);
  bool done = Execute(db, "BEGIN IMMEDIATE") && Execute(db, kSchemaText) && WriteReadme(db) && WriteMeta(db, rundir) &&
              Execute(db, mark.c_str()) && SetVersion(db) && Execute(db, "COMMIT");
  return done;
}

}  // namespace pytrace::store
