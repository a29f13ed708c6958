#include "reader/export_sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <memory>

#include "dumper/store/sql_tables.h"

namespace pytrace::reader {
namespace {

constexpr char kTables[] = R"(
CREATE TABLE calls(id INTEGER PRIMARY KEY, parent_id INTEGER, run INTEGER, pid INTEGER, tid INTEGER, thread TEXT,
  module TEXT, func TEXT, qualname TEXT, file TEXT, line INTEGER, depth INTEGER, start_ns INTEGER, end_ns INTEGER,
  duration_ns INTEGER, self_ns INTEGER, outcome TEXT, result_type TEXT, result TEXT, frame INTEGER, task TEXT);
CREATE TABLE arguments(call_id INTEGER, position INTEGER, name TEXT, type TEXT, value TEXT,
  PRIMARY KEY(call_id, position)) WITHOUT ROWID;
CREATE TABLE traces(time REAL, kind TEXT, pid INTEGER, tid INTEGER, depth INTEGER, module TEXT, func TEXT,
  call_id INTEGER);
)";

// SQLite sorts what the cache can hold as one list, whose links lie all over the memory: small pieces that are merged
// take less than half the time. So does a first column that differs from row to row, as values do and names do not.
constexpr char kIndexes[] = R"(
PRAGMA cache_size = -2048;
CREATE INDEX calls_by_func ON calls(func, module);
CREATE INDEX calls_by_parent ON calls(parent_id);
CREATE INDEX calls_by_start ON calls(start_ns);
CREATE INDEX calls_by_duration ON calls(duration_ns);
CREATE INDEX arguments_by_value ON arguments(value, name);
CREATE INDEX traces_by_time ON traces(time);
CREATE INDEX traces_by_call ON traces(call_id);
)";

constexpr const char* kReadme[] = {
    "This is an export of a recording made by pytrace: every function call of a Python program.",
    "All tables are plain ones. Times are nanoseconds since the epoch, but for traces.time, which is in seconds.",
    "  calls       one row a call; parent_id is the call that made it, self_ns the time without the calls below it",
    "  arguments   what calls were given, in the order of the signature, and last what came out of them",
    "  traces      the starts and ends of calls in the order of time",
    "  functions   with exact sums over the whole recording, also of calls that are not in this export",
    "  processes, threads, runs, losses, logs, meta   as in the recording",
    "Example: SELECT c.* FROM calls c JOIN arguments a ON a.call_id = c.id WHERE c.func = 'f' AND a.name = 'n' AND"
    " a.value = '3';",
};

using Query = std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)>;

Query Prepare(sqlite3* db, const std::string& sql) {
  sqlite3_stmt* statement = nullptr;
  sqlite3_prepare_v2(db, sql.c_str(), -1, &statement, nullptr);
  return Query(statement, sqlite3_finalize);
}

// Gives the file its name; without `replace` only a name that nothing has.
bool Publish(const std::string& from, const std::string& to, bool replace, std::string* error) {
  bool done = replace ? rename(from.c_str(), to.c_str()) == 0 : link(from.c_str(), to.c_str()) == 0;
  // Some file systems have no links; then a look must do.
  if (!done && !replace && errno != EEXIST && access(to.c_str(), F_OK) != 0) {
    done = rename(from.c_str(), to.c_str()) == 0;
  }
  if (!done)
    *error = errno == EEXIST ? to + " exists; --force replaces it" : "cannot write " + to + ": " + strerror(errno);
  return done;
}

}  // namespace

bool SqliteExport::Run(const std::string& path, bool replace) {
  if (!replace && access(path.c_str(), F_OK) == 0) {
    error_ = path + " exists; --force replaces it";
    return false;
  }
  std::string partial = path + ".partial-" + std::to_string(getpid());
  int fd = open(partial.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) {
    error_ = "cannot write " + path + ": " + strerror(errno);
    return false;
  }
  close(fd);
  bool done = Write(partial);
  Progress("", 0, 0);
  sqlite3_close(out_);
  out_ = nullptr;
  done = done && Publish(partial, path, replace, &error_);
  unlink(partial.c_str());
  return done;
}

bool SqliteExport::Failed(const std::string& doing) {
  if (error_.empty()) error_ = doing + ": " + sqlite3_errmsg(out_);
  return false;
}

bool SqliteExport::Execute(const std::string& sql) {
  return sqlite3_exec(out_, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK || Failed("writing");
}

// Nobody reads the file before it is whole, so it needs no journal.
bool SqliteExport::Write(const std::string& path) {
  constexpr int kStepsBetweenLooks = 100'000;
  if (sqlite3_open_v2(path.c_str(), &out_, SQLITE_OPEN_READWRITE, nullptr) != SQLITE_OK) return Failed("writing");
  sqlite3_progress_handler(
      out_, kStepsBetweenLooks, [](void* flag) -> int { return *static_cast<const volatile sig_atomic_t*>(flag); },
      const_cast<sig_atomic_t*>(&interrupted_));
  if (store::RegisterSqlTables(out_, database_, "recorded_") != SQLITE_OK) return Failed("writing");
  sqlite3_create_function(out_, "matches", 1, SQLITE_UTF8, this, Matches, nullptr, nullptr);
  // One snapshot of a recording that may go on.
  sqlite3_exec(database_->connection(), "BEGIN", nullptr, nullptr, nullptr);
  bool read = database_->Refresh();
  if (read && filter_ != nullptr) filter_->Refresh();
  bool done = read &&
              Execute(
                  "PRAGMA page_size = 16384; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
                  " PRAGMA cache_size = -262144; PRAGMA threads = 2; BEGIN") &&
              Execute(kTables) && CopyTables() && WriteCalls() && Execute(kIndexes) && Execute("COMMIT");
  sqlite3_exec(database_->connection(), "COMMIT", nullptr, nullptr, nullptr);
  if (!done && error_.empty()) error_ = database_->error();
  return done;
}

bool SqliteExport::CopyTables() {
  for (const char* name : {"runs", "processes", "threads", "functions", "losses", "logs", "meta"}) {
    if (!CopyTable(name)) return false;
  }
  if (!Execute("CREATE TABLE readme(line INTEGER PRIMARY KEY, text TEXT)")) return false;
  Query insert = Prepare(out_, "INSERT INTO readme(text) VALUES (?)");
  for (const char* line : kReadme) {
    sqlite3_bind_text(insert.get(), 1, line, -1, SQLITE_STATIC);
    if (sqlite3_step(insert.get()) != SQLITE_DONE) return Failed("writing");
    sqlite3_reset(insert.get());
  }
  return true;
}

bool SqliteExport::CopyTable(const std::string& name) {
  sqlite3* from = database_->connection();
  Query schema = Prepare(from, "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = '" + name + "'");
  if (!schema || sqlite3_step(schema.get()) != SQLITE_ROW) {
    error_ = "the recording has no table " + name;
    return false;
  }
  const char* create = reinterpret_cast<const char*>(sqlite3_column_text(schema.get(), 0));
  if (!Execute(create ? create : "")) return false;
  Query rows = Prepare(from, "SELECT * FROM " + name);
  if (!rows) return Failed("reading");
  int columns = sqlite3_column_count(rows.get());
  std::string marks = "?";
  for (int i = 1; i < columns; ++i) marks += ", ?";
  Query insert = Prepare(out_, "INSERT INTO " + name + " VALUES (" + marks + ")");
  int result;
  while ((result = sqlite3_step(rows.get())) == SQLITE_ROW) {
    for (int i = 0; i < columns; ++i) sqlite3_bind_value(insert.get(), i + 1, sqlite3_column_value(rows.get(), i));
    if (sqlite3_step(insert.get()) != SQLITE_DONE) return Failed("writing");
    sqlite3_reset(insert.get());
  }
  if (result != SQLITE_DONE) error_ = std::string("reading: ") + sqlite3_errmsg(from);
  return result == SQLITE_DONE;
}

bool SqliteExport::WriteCalls() {
  const auto& zones = database_->zones();
  if (zones.empty()) return true;
  first_id_ = zones.front().first_id;
  const std::string and_matches = filter_ ? " AND matches(" : "";
  Query calls = Prepare(out_, "INSERT INTO calls SELECT * FROM recorded_calls WHERE id BETWEEN ?1 AND ?2" +
                                  (filter_ ? and_matches + "id)" : ""));
  Query arguments =
      Prepare(out_, "INSERT INTO arguments SELECT * FROM recorded_arguments WHERE call_id BETWEEN ?1 AND ?2" +
                        (filter_ ? and_matches + "call_id)" : ""));
  if (!calls || !arguments) return Failed("writing");
  for (size_t zone = 0; zone < zones.size(); ++zone) {
    Progress("calls", zone, zones.size());
    if (interrupted_ || !WriteBlock(zone, calls.get(), arguments.get())) return false;
  }
  Progress("events and indexes", 0, 0);
  return Execute(std::string("INSERT INTO traces SELECT * FROM recorded_traces") +
                 (filter_ ? " WHERE matches(call_id)" : "") + " ORDER BY time");
}

bool SqliteExport::WriteBlock(size_t zone, sqlite3_stmt* calls, sqlite3_stmt* arguments) {
  const store::ZoneMap& map = database_->zones()[zone];
  if (filter_ != nullptr) {
    if (!filter_->MayMatch(map)) return true;
    if (!FindMatches(zone)) return false;
  }
  for (sqlite3_stmt* insert : {calls, arguments}) {
    sqlite3_bind_int64(insert, 1, map.first_id);
    sqlite3_bind_int64(insert, 2, map.first_id + map.calls - 1);
    if (sqlite3_step(insert) != SQLITE_DONE) return Failed("writing");
    sqlite3_reset(insert);
  }
  return true;
}

bool SqliteExport::FindMatches(size_t zone) {
  store::DecodedBlock block;
  if (!database_->ReadBlock(zone, filter_->needs_values(), &block)) return false;
  std::vector<uint8_t> starts, ends;
  filter_->Match(block, &starts, &ends);
  matches_.resize(block.next_id() - first_id_);
  for (uint32_t row = 0; row < block.size(); ++row)
    matches_[block.first_id - first_id_ + row] = starts[row] || ends[row];
  return true;
}

void SqliteExport::Matches(sqlite3_context* out, int, sqlite3_value** values) {
  const auto* self = static_cast<const SqliteExport*>(sqlite3_user_data(out));
  int64_t at = sqlite3_value_int64(values[0]) - self->first_id_;
  sqlite3_result_int(out, at >= 0 && at < static_cast<int64_t>(self->matches_.size()) && self->matches_[at]);
}

// A line on a terminal that goes when the work is done.
void SqliteExport::Progress(const char* what, size_t done, size_t of) {
  if (!isatty(STDERR_FILENO)) return;
  fputs("\r\x1b[K", stderr);
  if (of > 0) {
    fprintf(stderr, "writing %s: %zu%%", what, done * 100 / of);
  } else if (*what) {
    fprintf(stderr, "writing %s", what);
  }
}

}  // namespace pytrace::reader
