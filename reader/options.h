// The command line of `pytrace`: one table of options (options.cc) gives the parser, the environment variables and
// --help.
#ifndef PYTRACE_READER_OPTIONS_H_
#define PYTRACE_READER_OPTIONS_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "reader/config.h"
#include "reader/switches.h"

namespace pytrace::reader {

// kAuto: the screen when stdout is a terminal, else kText. All others print, wherever stdout goes.
enum class Format { kAuto, kText, kClassic, kJson, kJsonl, kCsv, kTsv, kTree, kHot, kHtml, kPerfetto };
// kAuto: colours on a terminal unless NO_COLOR is set.
enum class Color { kAuto, kAlways, kNever };

// How times are written: of the day, since the start of the run, since the event before, since the last mark; with
// date.
enum class TimeFormat { kClock, kSinceStart, kSinceBefore, kSinceMark, kIso };
// What becomes of events that the filter does not match; kContext: those near to one that it does are shown.
enum class FilterMode { kHide, kDim, kContext };

inline constexpr int64_t kNewestRun = 0;
inline constexpr int64_t kAllRuns = -1;

// What to read, and how to show it.
struct ReaderOptions {
  std::string file;                  // as given, or PYTRACE_DB, or traces.sqlite
  std::vector<std::string> filters;  // expressions; an event must match all
  bool follow = false;
  Format format = Format::kAuto;
  bool count = false;                   // print the number of matching events only
  int64_t limit = 0;                    // events to print at most, 0: all
  int64_t run = kNewestRun;             // runs.id, kNewestRun or kAllRuns
  bool startup = false;                 // show what Python ran for itself, too: start-up, imports, shut-down
  std::string fields;                   // that are printed, empty: all
  std::vector<std::string> tids, pids;  // events of one of these
  std::string since, until;             // times as the filter language reads them; empty: no bound
  Color color = Color::kAuto;
  bool ascii = false;  // draw with ASCII only
  std::string view;    // what the screen begins with: events, tree, hot, threads
  std::string search;  // a pattern to search for at first
  bool mouse = false;
  bool raw = false;  // text is printed as it is: control characters reach the terminal
  TimeFormat time_format = TimeFormat::kClock;
  FilterMode filter_mode = FilterMode::kHide;
  int64_t context = 3;             // of kContext: rows before and after a match
  std::vector<Switched> switches;  // in the order given
  bool attributes = false;         // `dump` also has the colours and styles of the cells
  Config config;
  // A scripted screen without a terminal: these keys (`/fib<Enter>n`), on a screen of this size (`80x24`), the last
  // screen to this file (`-`: stdout).
  std::string keys, screen, dump;
  std::string record, replay;  // files of keys and screens (tui/recorder.h)
  std::string config_file;     // --config; empty: not given
  bool no_config = false;
};

// How to run a program. `settings` are those of settings.h that differ from their default, by environment variable,
// checked and normalized.
struct LaunchOptions {
  std::string db;      // as given, or PYTRACE_DB, or traces.sqlite
  bool fresh = false;  // --new
  bool show = false;   // print what was recorded when the program has ended
  std::string python;  // the interpreter for scripts; empty: python3, then python, of PATH
  std::map<std::string, std::string> settings;
  std::vector<std::string>
      words;  // the program and its arguments, as given: SCRIPT ..., -m MODULE ..., -c CODE ..., COMMAND ...
};

struct CommandLine {
  enum class Action { kHelp, kVersion, kRead, kLaunch, kSql, kExport };
  Action action = Action::kRead;
  ReaderOptions read;
  LaunchOptions launch;
};

// Reads the command line and the environment. false: *error is the one line to print (exit 2). kSql and kExport read
// their own options: argv[1] is their name, the rest is theirs.
bool ParseCommandLine(int argc, char** argv, CommandLine* out, std::string* error);

std::string HelpText();
std::string VersionText();

}  // namespace pytrace::reader

#endif  // PYTRACE_READER_OPTIONS_H_
