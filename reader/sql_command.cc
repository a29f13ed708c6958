#include "reader/sql_command.h"

#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <memory>
#include <string>

#include "dumper/store/database.h"
#include "dumper/store/sql_tables.h"
#include "reader/sql_output.h"
#include "reader/stopped.h"
#include "reader/sub_options.h"

namespace pytrace::reader {
namespace {

constexpr char kHelp[] =
    R"(Usage: pytrace sql [-f DATABASE] [--format table|csv|json|jsonl] "SELECT ..."

Asks a recording with SQL; without a statement, reads statements from the standard input.
  -f, --file DATABASE   the recording (PYTRACE_DB, else traces.sqlite)
  --format FORMAT       table (default), csv, json: an array of objects, jsonl: an object a line

Tables: calls, arguments, traces, functions, processes, threads, runs, losses, logs, meta.
"SELECT * FROM readme" says what is in them and has examples.
)";

constexpr int kFailed = 2;

int Fail(const std::string& why) {
  fflush(stdout);
  fprintf(stderr, "pytrace: %s\n", why.c_str());
  return kFailed;
}

std::string ReadAll(FILE* in) {
  std::string text;
  char buffer[4096];
  for (size_t n; (n = fread(buffer, 1, sizeof(buffer), in)) > 0;) text.append(buffer, n);
  return text;
}

// SQLite's message, as one line.
std::string Message(sqlite3* db) {
  std::string text = sqlite3_errmsg(db);
  for (char& c : text) c = c == '\n' ? ' ' : c;
  return text;
}

// A reader of our output that has gone is no error of ours.
int FailToWrite() { return errno == EPIPE ? 0 : Fail("cannot write: " + std::string(strerror(errno))); }

int RunStatements(sqlite3* db, const std::string& sql, RowWriter* writer) {
  const char* rest = sql.c_str();
  while (*rest != 0) {
    sqlite3_stmt* raw = nullptr;
    if (sqlite3_prepare_v2(db, rest, -1, &raw, &rest) != SQLITE_OK) return Fail(Message(db));
    std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> statement(raw, sqlite3_finalize);
    if (raw == nullptr) continue;  // white space, a comment
    bool has_rows = sqlite3_column_count(raw) > 0;
    bool written = !has_rows || writer->Begin(raw);
    int result = SQLITE_DONE;
    while (written && (result = sqlite3_step(raw)) == SQLITE_ROW) written = writer->Row(raw);
    if (written && result != SQLITE_DONE) {
      writer->End();
      return Fail(Message(db));
    }
    if (!written || (has_rows && !writer->End())) return FailToWrite();
  }
  return fflush(stdout) == 0 ? 0 : FailToWrite();
}

}  // namespace

int SqlCommand(int argc, char** argv) {
  SubOptions options(argc, argv);
  std::string file, format = "table", sql, error;
  bool help = false;
  options.Value("-f", "--file", &file);
  options.Value("", "--format", &format);
  options.Flag("-h", "--help", &help);
  if (!options.Parse(&error)) return Fail(error);
  if (help) return fputs(kHelp, stdout) < 0;
  if (options.rest().size() > 1) return Fail("sql: more than one statement word; put the statement in quotes");
  std::unique_ptr<RowWriter> writer = MakeRowWriter(format, stdout);
  if (!writer) return Fail("sql: --format takes table, csv, json or jsonl, not '" + format + "'");
  if (!options.rest().empty()) {
    sql = options.rest()[0];
  } else if (isatty(STDIN_FILENO)) {
    return Fail("sql: no statement; see pytrace sql --help");
  } else {
    sql = ReadAll(stdin);
  }
  setlocale(LC_CTYPE, "C.UTF-8");  // for the width of characters
  file = DefaultFile(file);
  auto database = store::Database::Open(file, &error);
  if (!database) {
    Fail(error);
    SayWhyStopped(nullptr, file);
    return kFailed;
  }
  if (store::RegisterSqlTables(database->connection()) != SQLITE_OK) return Fail(Message(database->connection()));
  int status = RunStatements(database->connection(), sql, writer.get());
  SayWhyStopped(database.get(), file);
  return status;
}

}  // namespace pytrace::reader
