#include "reader/read.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <iterator>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "dumper/store/database.h"
#include "reader/event_line.h"
#include "reader/printable.h"
#include "reader/query/aliases.h"
#include "reader/query/fields.h"
#include "reader/query/filter.h"
#include "reader/query/parse.h"
#include "reader/query/suggest.h"
#include "reader/stopped.h"
#include "reader/text_output.h"
#include "reader/tui/tui.h"
#include "reader/window.h"

namespace pytrace::reader {
namespace {

using Filters = std::vector<std::unique_ptr<query::Filter>>;

// A terminal that can move its cursor.
bool WantsScreen(const ReaderOptions& options) {
  if (!options.dump.empty() || !options.replay.empty()) return true;
  if (options.format != Format::kAuto || options.count || isatty(STDOUT_FILENO) == 0) return false;
  const char* term = getenv("TERM");
  return term != nullptr && *term != '\0' && strcmp(term, "dumb") != 0;
}

bool HasFields(const ReaderOptions& options) {
  constexpr Format kWith[] = {Format::kText, Format::kCsv, Format::kTsv, Format::kJson, Format::kJsonl};
  if (options.format == Format::kAuto) return !WantsScreen(options);
  return std::find(std::begin(kWith), std::end(kWith), options.format) != std::end(kWith);
}

bool AddFilter(const std::string& text, const query::FilterContext& context, Filters* out) {
  std::string error;
  size_t column = 0;
  std::unique_ptr<query::Filter> filter = query::Filter::Parse(text, context, &error, &column);
  if (filter == nullptr) {
    // The mark stands below a character, not below a byte.
    auto continues = [](char c) { return (c & 0xc0) == 0x80; };
    int before = static_cast<int>(column - std::count_if(text.begin(), text.begin() + column, continues));
    fprintf(stderr, "pytrace: %s\n  %s\n  %*s^\n", error.c_str(), text.c_str(), before, "");
    return false;
  }
  out->push_back(std::move(filter));
  return true;
}

bool AddBound(const char* option, const std::string& op, const std::string& time, const query::FilterContext& context,
              Filters* out) {
  if (time.empty()) return true;
  std::string error;
  std::unique_ptr<query::Filter> filter =
      query::Filter::Parse("time " + op + " " + query::QuotedLiteral(time), context, &error, nullptr);
  if (filter == nullptr) {
    fprintf(stderr, "pytrace: %s %s: %s\n", option, time.c_str(), error.c_str());
    return false;
  }
  out->push_back(std::move(filter));
  return true;
}

bool AddOneOf(const std::string& field, const std::vector<std::string>& numbers, const query::FilterContext& context,
              Filters* out) {
  std::string list;
  for (const std::string& number : numbers) list += (list.empty() ? "" : ", ") + number;
  return list.empty() || AddFilter(field + " in (" + list + ")", context, out);
}

// The newest recording beside one that does not exist. Empty: there is none.
std::string NewestBeside(const std::string& file) {
  namespace fs = std::filesystem;
  std::error_code error;
  fs::path folder = fs::path(file).parent_path();
  if (fs::exists(file, error)) return "";
  std::string newest;
  fs::file_time_type when;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder.empty() ? "." : folder, error)) {
    fs::file_time_type written = entry.last_write_time(error);
    if (error || entry.path().extension() != ".sqlite" || !entry.is_regular_file(error)) continue;
    if (!newest.empty() && written <= when) continue;
    newest = (folder / entry.path().filename()).string();
    when = written;
  }
  return newest;
}

bool KnowsRun(const store::Catalog& catalog, int64_t id) {
  if (id == kNewestRun || id == kAllRuns) return true;
  const std::vector<store::Run>& runs = catalog.runs();
  if (std::any_of(runs.begin(), runs.end(), [&](const store::Run& run) { return run.id == id; })) return true;
  std::string known;
  for (const store::Run& run : runs) known += " " + std::to_string(run.id);
  fprintf(stderr, "pytrace: there is no run %lld here; runs:%s\n", static_cast<long long>(id), known.c_str());
  return false;
}

}  // namespace

int ReadDatabase(const ReaderOptions& options) {
  std::string error;
  std::unique_ptr<store::Database> database = store::Database::Open(options.file, &error);
  if (database == nullptr) {
    std::string newest = NewestBeside(options.file);
    if (!newest.empty()) error += "; the newest recording there is " + Printable(newest);
    fprintf(stderr, "pytrace: %s\n", error.c_str());
    SayWhyStopped(nullptr, options.file);
    return kFailed;
  }
  if (!KnowsRun(database->catalog(), options.run)) return kFailed;
  for (const auto& [name, filter] : options.config.aliases) {
    if (query::FindField(name) == nullptr && !query::IsFlag(name)) continue;
    fprintf(stderr, "pytrace: alias %s: this is a word of the filter language\n", name.c_str());
    return kFailed;
  }
  query::SetAliases(options.config.aliases);
  query::FilterContext context = query::ContextOf(*database);
  Filters filters;
  for (const std::string& text : options.filters) {
    if (!AddFilter(text, context, &filters)) return kFailed;
  }
  if (!AddBound("--since", ">=", options.since, context, &filters) ||
      !AddBound("--until", "<=", options.until, context, &filters))
    return kFailed;
  if (!AddOneOf("tid", options.tids, context, &filters) || !AddOneOf("pid", options.pids, context, &filters))
    return kFailed;
  std::vector<int> fields;
  if (!options.fields.empty() && !ParseFields(options.fields, &fields, &error)) {
    fprintf(stderr, "pytrace: --fields: %s\n", error.c_str());
    return kFailed;
  }
  if (!fields.empty() && !HasFields(options)) {
    fprintf(stderr, "pytrace: --fields is for what is printed with --format text, csv, tsv, json or jsonl\n");
    return kFailed;
  }
  Selection selection;
  for (const std::unique_ptr<query::Filter>& filter : filters) selection.filters.push_back(filter.get());
  selection.run = options.run;
  selection.startup = options.startup;
  selection.filter_mode = options.filter_mode;
  selection.context = options.context;
  Window window(database.get(), std::move(selection));
  return WantsScreen(options) ? tui::Run(&window, options) : PrintEvents(&window, options);
}

}  // namespace pytrace::reader
