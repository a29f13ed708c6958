// Where the source of a call is, and its lines in the details.
#include <sys/stat.h>

#include <algorithm>
#include <cstdio>
#include <fstream>

#include "reader/printable.h"
#include "reader/tui/details.h"

namespace pytrace::reader::tui {
namespace {

constexpr int kSourceBefore = 2, kSourceAfter = 40;  // lines around the one that is marked
constexpr size_t kLongestSourceLine = 1000;
constexpr int64_t kSecond = 1'000'000'000;

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

void Details::AddSource(const store::Function& function) {
  std::string path = PathOf(function);
  struct stat status {};
  if (path.empty() || path[0] == '<') return Add({{" no source: " + Printable(path), Ink::kNote}});
  std::ifstream file(path);
  if (stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode) || !file)
    return Add({{" no source: there is no file " + Printable(path), Ink::kNote}});
  int64_t started = 0;
  for (const store::Run& run : window_->database()->catalog().runs()) {
    if (run.id == function.run) started = run.started_ns;
  }
  bool changed = started > 0 && status.st_mtime > started / kSecond;
  Add({{changed ? " source (the file has changed since)" : " source", changed ? Ink::kError : Ink::kNote}});
  int64_t marked = std::max<int64_t>(1, function.line);
  std::string line;
  for (int64_t number = 1; number <= marked + kSourceAfter && std::getline(file, line); ++number) {
    if (number < marked - kSourceBefore) continue;
    char left[32];
    snprintf(left, sizeof left, "%c%5lld  ", number == marked ? '>' : ' ', static_cast<long long>(number));
    lines_.push_back({{{left, Ink::kNote}, {Printable(ExpandTabs(line)), Ink::kPlain}}, number == marked, ""});
  }
}

}  // namespace pytrace::reader::tui
