#include "reader/option_table.h"

#include <algorithm>
#include <cstdint>

#include "reader/edit_distance.h"
#include "reader/settings.h"

namespace pytrace::reader {
namespace {

using Text = const std::string&;
using Action = CommandLine::Action;

constexpr int64_t kMostContext = 1000;

bool IsOn(Text value) { return value != "0"; }

// What is put as it is.
template <bool ReaderOptions::*kMember>
bool Flag(Text value, CommandLine* out, std::string*) {
  out->read.*kMember = IsOn(value);
  return true;
}

template <std::string ReaderOptions::*kMember>
bool Word(Text value, CommandLine* out, std::string*) {
  out->read.*kMember = value;
  return true;
}

bool SetDb(Text value, CommandLine* out, std::string*) {
  out->launch.db = out->read.file = value;
  return true;
}

bool SetNew(Text value, CommandLine* out, std::string*) {
  out->launch.fresh = IsOn(value);
  return true;
}

bool SetPython(Text value, CommandLine* out, std::string*) {
  out->launch.python = value;
  return true;
}

bool SetShow(Text value, CommandLine* out, std::string*) {
  out->launch.show = IsOn(value);
  return true;
}

bool AddFilter(Text value, CommandLine* out, std::string*) {
  out->read.filters.push_back(value);
  return true;
}

bool SetFormat(Text value, CommandLine* out, std::string* problem) {
  static constexpr std::pair<const char*, Format> kFormats[] = {
      {"text", Format::kText}, {"classic", Format::kClassic},  {"jsonl", Format::kJsonl}, {"csv", Format::kCsv},
      {"tsv", Format::kTsv},   {"tree", Format::kTree},        {"hot", Format::kHot},     {"json", Format::kJson},
      {"html", Format::kHtml}, {"perfetto", Format::kPerfetto}};
  for (auto [name, format] : kFormats) {
    if (value != name) continue;
    out->read.format = format;
    return true;
  }
  *problem = "expected text, classic, json, jsonl, csv, tsv, tree, hot, html or perfetto";
  return false;
}

bool SetLimit(Text value, CommandLine* out, std::string* problem) {
  *problem = "expected a number, 0 for no limit";
  return ParseCount(value, &out->read.limit);
}

bool SetRun(Text value, CommandLine* out, std::string* problem) {
  if (value == "all") {
    out->read.run = kAllRuns;
    return true;
  }
  *problem = "expected the number of a run, or all";
  return ParseCount(value, &out->read.run) && out->read.run > 0;
}

bool AddNumber(Text value, std::vector<std::string>* out, std::string* problem) {
  int64_t number;
  *problem = "expected a number";
  if (!ParseCount(value, &number)) return false;
  out->push_back(std::to_string(number));
  return true;
}

bool AddTid(Text value, CommandLine* out, std::string* problem) { return AddNumber(value, &out->read.tids, problem); }
bool AddPid(Text value, CommandLine* out, std::string* problem) { return AddNumber(value, &out->read.pids, problem); }

bool SetColor(Text value, CommandLine* out, std::string* problem) {
  static constexpr std::pair<const char*, Color> kColors[] = {
      {"auto", Color::kAuto}, {"always", Color::kAlways}, {"never", Color::kNever}};
  for (auto [name, color] : kColors) {
    if (value != name) continue;
    out->read.color = color;
    return true;
  }
  *problem = "expected auto, always or never";
  return false;
}

bool SetView(Text value, CommandLine* out, std::string* problem) {
  out->read.view = value;
  *problem = "expected events, tree, hot, exceptions or threads";
  return value == "events" || value == "exceptions" || value == "tree" || value == "hot" || value == "threads";
}

bool SetSwitch(const char* name, Text value, CommandLine* out, std::string* problem) {
  const Switch& one = *FindSwitch(name);
  std::string normal = value;
  *problem = "expected " + ValuesText(one);
  if (!TakesValue(one, &normal)) return false;
  out->read.switches.emplace_back(name, normal);
  return true;
}

bool SetWrap(Text value, CommandLine* out, std::string* problem) { return SetSwitch("wrap", value, out, problem); }
bool SetNumbers(Text value, CommandLine* out, std::string* problem) {
  return SetSwitch("numbers", value, out, problem);
}

// The place of the value in the switch's row is that in the enumeration.
template <class Enumeration>
bool SetByPlace(const char* name, Text value, Enumeration* out, std::string* problem) {
  const Switch& one = *FindSwitch(name);
  *problem = "expected " + ValuesText(one);
  auto at = std::find(one.values.begin(), one.values.end(), value);
  if (at == one.values.end()) return false;
  *out = static_cast<Enumeration>(at - one.values.begin());
  return true;
}

bool SetTimeFormat(Text value, CommandLine* out, std::string* problem) {
  return SetByPlace("time-format", value, &out->read.time_format, problem);
}

bool SetFilterMode(Text value, CommandLine* out, std::string* problem) {
  return SetByPlace("filter-mode", value, &out->read.filter_mode, problem);
}

bool SetContext(Text value, CommandLine* out, std::string* problem) {
  *problem = "expected a number of rows, at most 1000";
  out->read.filter_mode = FilterMode::kContext;
  return ParseCount(value, &out->read.context) && out->read.context <= kMostContext;
}

bool SetConfig(Text value, CommandLine* out, std::string* problem) {
  *problem = "expected a file";
  out->read.config_file = value;
  return !value.empty();
}

bool SetScreen(Text value, CommandLine* out, std::string* problem) {
  size_t x = value.find('x');
  int64_t columns, rows;
  *problem = "expected a size like 80x24";
  if (x == std::string::npos || !ParseCount(value.substr(0, x), &columns) || !ParseCount(value.substr(x + 1), &rows)) {
    return false;
  }
  out->read.screen = value;
  return true;
}

bool SetHelp(Text, CommandLine* out, std::string*) {
  out->action = Action::kHelp;
  return true;
}

bool SetVersion(Text, CommandLine* out, std::string*) {
  out->action = Action::kVersion;
  return true;
}

}  // namespace

const std::vector<Option>& AllOptions() {
  static const std::vector<Option> options = {
      {'o', "db", "PATH", "PYTRACE_DB", Use::kAny, "the database; else traces.sqlite here", SetDb},
      {0, "new", nullptr, "PYTRACE_NEW", Use::kLaunch, "start the database afresh; else a run is added", SetNew},
      {0, "python", "PATH", "PYTRACE_PYTHON", Use::kLaunch, "interpreter for scripts; else python3 of PATH", SetPython},
      {0, "show", nullptr, "PYTRACE_SHOW", Use::kLaunch, "print what was recorded when the program ended", SetShow},
      {'f', "file", "PATH", nullptr, Use::kRead, "the database, as --db", SetDb},
      {'e', "filter", "EXPR", nullptr, Use::kRead, "events that match; several: that match all", AddFilter},
      {'F', "follow", nullptr, nullptr, Use::kRead, "go on with what is recorded meanwhile",
       Flag<&ReaderOptions::follow>},
      {0, "format", "NAME", nullptr, Use::kRead, "text classic json jsonl csv tsv tree hot html perfetto", SetFormat},
      {0, "fields", "LIST", nullptr, Use::kRead, "of text csv tsv json jsonl: time,func,duration_ns",
       Word<&ReaderOptions::fields>},
      {0, "count", nullptr, nullptr, Use::kRead, "print how many events match", Flag<&ReaderOptions::count>},
      {0, "limit", "N", nullptr, Use::kRead, "print the first N events", SetLimit},
      {0, "run", "N|all", nullptr, Use::kRead, "another run than the newest", SetRun},
      {0, "since", "TIME", nullptr, Use::kRead, "from then on, as '2012/08/15 01:23:45'", Word<&ReaderOptions::since>},
      {0, "until", "TIME", nullptr, Use::kRead, "up to then", Word<&ReaderOptions::until>},
      {0, "tid", "N", nullptr, Use::kRead, "of this thread; several: of one of them", AddTid},
      {0, "pid", "N", nullptr, Use::kRead, "of this process; several: of one of them", AddPid},
      {0, "startup", nullptr, nullptr, Use::kRead, "what Python ran for itself, too: start-up, imports",
       Flag<&ReaderOptions::startup>},
      {0, "view", "NAME", nullptr, Use::kRead, "begin with events, tree, hot, exceptions, threads", SetView},
      {'p', "search", "REGEX", nullptr, Use::kRead, "begin at the first match", Word<&ReaderOptions::search>},
      {0, "color", "WHEN", nullptr, Use::kRead, "auto, always or never", SetColor},
      {0, "ascii", nullptr, nullptr, Use::kRead, "draw with ASCII only", Flag<&ReaderOptions::ascii>},
      {0, "mouse", nullptr, nullptr, Use::kRead, "wheel and clicks are the reader's", Flag<&ReaderOptions::mouse>},
      {'S', "wrap", nullptr, nullptr, Use::kRead, "long rows go on in the next line", SetWrap},
      {'N', "numbers", nullptr, nullptr, Use::kRead, "with the numbers of calls", SetNumbers},
      {0, "time-format", "HOW", nullptr, Use::kRead, "abs, rel, delta, mark or iso; also of text", SetTimeFormat},
      {0, "filter-mode", "HOW", nullptr, Use::kRead, "hide what does not match, dim it, or context", SetFilterMode},
      {'C', "context", "N", nullptr, Use::kRead, "with N rows around each match; also of text", SetContext},
      {0, "raw", nullptr, nullptr, Use::kRead, "print control characters as they are", Flag<&ReaderOptions::raw>},
      {0, "config", "FILE", nullptr, Use::kRead, "this configuration, not the usual one", SetConfig},
      {0, "no-config", nullptr, nullptr, Use::kRead, "no configuration", Flag<&ReaderOptions::no_config>},
      {0, "keys", "KEYS", nullptr, Use::kRead, "press these, without a terminal: '/fib<Enter>n'",
       Word<&ReaderOptions::keys>},
      {0, "screen", "WxH", nullptr, Use::kRead, "size of the screen for --keys, like 80x24", SetScreen},
      {0, "dump", "FILE", nullptr, Use::kRead, "where its last picture goes; -: stdout", Word<&ReaderOptions::dump>},
      {0, "attributes", nullptr, nullptr, Use::kRead, "--dump: colours and styles, too",
       Flag<&ReaderOptions::attributes>},
      {0, "record", "FILE", nullptr, Use::kRead, "keys and screens, for a report of a bug",
       Word<&ReaderOptions::record>},
      {0, "replay", "FILE", nullptr, Use::kRead, "press them again; where screens differ",
       Word<&ReaderOptions::replay>},
      {'h', "help", nullptr, nullptr, Use::kAny, "print this", SetHelp},
      {'V', "version", nullptr, nullptr, Use::kAny, "print the version", SetVersion},
  };
  return options;
}

const Option* FindOption(std::string_view name) {
  for (const Option& option : AllOptions()) {
    if (name == option.name) return &option;
  }
  return nullptr;
}

const Option* FindLetter(char letter) {
  for (const Option& option : AllOptions()) {
    if (letter == option.letter) return &option;
  }
  return nullptr;
}

std::string NearestOption(std::string_view name) {
  std::vector<std::string_view> names;
  for (const Option& option : AllOptions()) names.push_back(option.name);
  for (const Setting& setting : AllSettings()) names.push_back(setting.option);
  std::string_view best;
  size_t best_distance = SIZE_MAX;
  for (std::string_view candidate : names) {
    size_t distance = candidate.substr(0, name.size()) == name ? 0 : EditDistance(name, candidate);
    if (distance >= best_distance) continue;
    best = candidate;
    best_distance = distance;
  }
  return std::string(best);
}

}  // namespace pytrace::reader
