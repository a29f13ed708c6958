// Where the source of a call is, and its lines in the details.
#include <sys/stat.h>

#include <algorithm>
#include <cstdio>
#include <fstream>

#include "reader/printable.h"
#include "reader/tui/details.h"
#include "reader/tui/source_file.h"

namespace pytrace::reader::tui {
namespace {

constexpr int kSourceBefore = 2, kSourceAfter = 40;  // lines around the one that is marked
constexpr size_t kLongestSourceLine = 1000;

int64_t Nanoseconds(const struct timespec& time) { return time.tv_sec * int64_t{1'000'000'000} + time.tv_nsec; }

std::string ExpandTabs(const std::string& line) {
  std::string out;
  for (char c : line.substr(0, kLongestSourceLine)) {
    if (c == '\t') {
      out.append(8 - out.size() % 8, ' ');
    } else if (c != '\r') {
      out.push_back(c);
    }
  }
  return out;
}

}  // namespace

std::string Details::PathOf(const store::Function& function) const {
  if (function.file.empty() || function.file[0] == '/' || function.file[0] == '<') return function.file;
  for (const auto& [id, process] : window_->database()->catalog().processes()) {
    if (process.run == function.run && !process.cwd.empty()) return process.cwd + "/" + function.file;
  }
  return function.file;
}

bool Details::Place(const Subject& subject, std::string* file, uint32_t* line, std::string* why) {
  CallFacts facts;
  uint32_t id = subject.function;
  if (subject.call != 0 && source_.Find(subject.call, &facts)) id = facts.function;
  const store::Function* function = window_->database()->catalog().function(id);
  if (function == nullptr) {
    *why = "there is no function here";
    return false;
  }
  *file = PathOf(*function);
  *line = function->line;
  struct stat status {};
  if (stat(file->c_str(), &status) == 0) return true;
  *why = "there is no file " + Printable(*file);
  return false;
}

// `lines`: from the one on where the function is said to begin.
void Details::AddFreshness(const store::Function& function, const struct stat& status,
                           const std::vector<std::string>& lines) {
  const store::Catalog& catalog = window_->database()->catalog();
  CallFacts facts;
  const store::Process* process = nullptr;
  if (subject_.call != 0 && source_.Find(subject_.call, &facts)) process = catalog.process_of_thread(facts.thread);
  LoadTimes loaded = LoadTimesOf(catalog, function, process == nullptr ? 0 : process->id, facts.start_ns);
  Freshness fresh = FreshnessOf(Nanoseconds(status.st_mtim), Nanoseconds(status.st_ctim), loaded);
  if (!MayDefine(lines, function.func)) {
    Add({{" source (the file has changed since: " + Printable(function.func) + " does not begin there)", Ink::kError}});
  } else if (fresh == Freshness::kChanged) {
    Add({{" source (the file has changed since)", Ink::kError}});
  } else {
    Add({{fresh == Freshness::kUnsure ? " source (the file may have changed since)" : " source", Ink::kNote}});
  }
}

void Details::AddSource(const store::Function& function) {
  std::string path = PathOf(function);
  struct stat status {};
  if (path.empty() || path[0] == '<') return Add({{" no source: " + Printable(path), Ink::kNote}});
  std::ifstream file(path);
  if (stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode) || !file)
    return Add({{" no source: there is no file " + Printable(path), Ink::kNote}});
  int64_t marked = std::max<int64_t>(1, function.line);
  std::vector<std::string> lines;
  std::string line;
  int64_t first = std::max<int64_t>(1, marked - kSourceBefore);
  for (int64_t number = 1; number <= marked + kSourceAfter && std::getline(file, line); ++number) {
    if (number >= first) lines.push_back(ExpandTabs(line));
  }
  AddFreshness(function, status, {lines.begin() + std::min<int64_t>(marked - first, std::ssize(lines)), lines.end()});
  for (int64_t number = first; number - first < std::ssize(lines); ++number) {
    char left[32];
    snprintf(left, sizeof left, "%c%5lld  ", number == marked ? '>' : ' ', static_cast<long long>(number));
    const std::string& text = lines[static_cast<size_t>(number - first)];
    lines_.push_back({{{left, Ink::kNote}, {Printable(text), Ink::kPlain}}, number == marked, ""});
  }
}

}  // namespace pytrace::reader::tui
