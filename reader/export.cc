#include "reader/export.h"

#include <signal.h>
#include <stdio.h>

#include <string>

#include "dumper/store/database.h"
#include "reader/export_sqlite.h"
#include "reader/query/filter.h"
#include "reader/stopped.h"
#include "reader/sub_options.h"

namespace pytrace::reader {
namespace {

constexpr char kHelp[] =
    R"(Usage: pytrace export --format sqlite [-f DATABASE] [-e FILTER] [--force] OUT.sqlite

Writes a recording as a SQLite database of plain tables with indexes: calls, arguments, traces, functions, processes,
threads, runs, losses, logs, meta.
  -f, --file DATABASE   the recording (PYTRACE_DB, else traces.sqlite)
  -e, --filter FILTER   only the calls whose start or end matches, in the reader's filter language
  --format FORMAT       sqlite
  --force               replaces OUT.sqlite if it exists
)";

volatile sig_atomic_t interrupted = 0;

int Fail(const std::string& why) {
  fprintf(stderr, "pytrace: %s\n", why.c_str());
  return 2;
}

void StopOnInterrupt() {
  struct sigaction action = {};
  action.sa_handler = [](int) { interrupted = 1; };
  for (int number : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction before;
    sigaction(number, nullptr, &before);
    if (before.sa_handler != SIG_IGN) sigaction(number, &action, nullptr);
  }
}

}  // namespace

int ExportCommand(int argc, char** argv) {
  SubOptions options(argc, argv);
  std::string file, format, expression, error;
  bool force = false, help = false;
  options.Value("-f", "--file", &file);
  options.Value("-e", "--filter", &expression);
  options.Value("", "--format", &format);
  options.Flag("", "--force", &force);
  options.Flag("-h", "--help", &help);
  if (!options.Parse(&error)) return Fail(error);
  if (help) return fputs(kHelp, stdout) < 0;
  if (format != "sqlite") return Fail("export: --format sqlite is the only one there is");
  if (options.rest().size() != 1) return Fail("export: give one file to write; see pytrace export --help");
  file = DefaultFile(file);
  auto database = store::Database::Open(file, &error);
  if (!database) return Fail(error);
  std::unique_ptr<query::Filter> filter;
  if (!expression.empty()) {
    size_t column;
    filter = query::Filter::Parse(expression, query::ContextOf(*database), &error, &column);
    if (!filter) return Fail("export: " + error + " (column " + std::to_string(column + 1) + " of the filter)");
  }
  StopOnInterrupt();
  SqliteExport job(database.get(), filter.get(), interrupted);
  if (job.Run(options.rest()[0], force)) {
    SayWhyStopped(database.get(), file);
    return 0;
  }
  return interrupted ? 130 : Fail("export: " + job.error());
}

}  // namespace pytrace::reader
