// The `pytrace` command: reads the command line and hands over to the part that does it.
#include <stdio.h>

#include <string>

#include "reader/export.h"
#include "reader/launch.h"
#include "reader/options.h"
#include "reader/read.h"
#include "reader/sql_command.h"

namespace pytrace::reader {
namespace {

// --show: what the reader would print of the run.
void Show(const LaunchResult& result, ReaderOptions options) {
  if (result.run == 0) return;
  options.file = result.db;
  options.run = result.run;
  if (options.format == Format::kAuto) options.format = Format::kText;
  ReadDatabase(options);
}

int LaunchAndShow(const CommandLine& command) {
  LaunchResult result = Launch(command.launch);
  if (command.launch.show) Show(result, command.read);
  return result.status;
}

}  // namespace
}  // namespace pytrace::reader

int main(int argc, char** argv) {
  using namespace pytrace::reader;
  CommandLine command;
  std::string error;
  if (!ParseCommandLine(argc, argv, &command, &error)) {
    fprintf(stderr, "pytrace: %s\n", error.c_str());
    return 2;
  }
  switch (command.action) {
    case CommandLine::Action::kHelp:
      fputs(HelpText().c_str(), stdout);
      return 0;
    case CommandLine::Action::kVersion:
      fputs(VersionText().c_str(), stdout);
      return 0;
    case CommandLine::Action::kSql:
      return SqlCommand(argc - 1, argv + 1);
    case CommandLine::Action::kExport:
      return ExportCommand(argc - 1, argv + 1);
    case CommandLine::Action::kLaunch:
      return LaunchAndShow(command);
    case CommandLine::Action::kRead:
      return ReadDatabase(command.read);
  }
  return 2;
}
