#include "reader/tui/details.h"

#include <sys/stat.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <fstream>
#include <utility>

#include "reader/amounts.h"
#include "reader/printable.h"

namespace pytrace::reader::tui {
namespace {

constexpr int kSourceBefore = 2, kSourceAfter = 40;  // lines around the one that is marked
constexpr size_t kLongestSourceLine = 1000;
constexpr size_t kLongestValue = 200'000;
constexpr int64_t kSecond = 1'000'000'000;

size_t ClassOf(int64_t ns) {
  uint64_t value = static_cast<uint64_t>(std::max<int64_t>(1, ns));
  int power = std::bit_width(value) - 1;
  uint64_t eighth = power >= 3 ? (value >> (power - 3)) & 7 : (value << (3 - power)) & 7;
  return static_cast<size_t>(power) * 8 + eighth;
}

// The middle of a class.
int64_t DurationOf(size_t number) {
  return static_cast<int64_t>(
      std::ldexp(1.0 + (static_cast<double>(number % 8) + 0.5) / 8, static_cast<int>(number / 8)));
}

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

int64_t Details::Durations::Quantile(double part) const {
  int64_t wanted = static_cast<int64_t>(std::ceil(part * static_cast<double>(calls))), seen = 0;
  for (size_t i = 0; i < classes.size(); ++i) {
    seen += classes[i];
    if (seen >= wanted && seen > 0) return std::min(DurationOf(i), longest_ns);
  }
  return 0;
}

void Details::Show(const Subject& subject, int width) {
  bool same = subject.call == subject_.call && subject.function == subject_.function && subject.end == subject_.end;
  if (same && width == width_ && !stale_) return;
  if (!same) top_ = 0;
  subject_ = subject;
  width_ = width;
  stale_ = false;
  Build();
}

void Details::Changed() {
  source_.Forget();
  durations_.clear();
  stale_ = true;
}

void Details::Scroll(int64_t rows) {
  int64_t last = std::max<int64_t>(0, static_cast<int64_t>(lines_.size()) - rows_);
  top_ = std::clamp<int64_t>(top_ + rows, 0, last);
}

bool Details::Work(Deadline deadline) {
  if (function_ == 0) return false;
  Durations& durations = durations_[function_];
  const std::vector<store::ZoneMap>& zones = window_->database()->zones();
  store::DecodedBlock block;
  bool worked = false;
  while (durations.next < zones.size()) {
    if (std::chrono::steady_clock::now() >= deadline) return true;
    const store::ZoneMap& zone = zones[durations.next];
    bool may = std::binary_search(zone.functions.begin(), zone.functions.end(), function_);
    if (may && window_->database()->ReadBlock(durations.next, false, &block)) {
      for (uint32_t row = 0; row < block.size(); ++row) {
        if (block.function[row] != function_ || block.duration_ns[row] < 0) continue;
        ++durations.classes[ClassOf(block.duration_ns[row])];
        ++durations.calls;
        durations.longest_ns = std::max(durations.longest_ns, block.duration_ns[row]);
        durations.exceptions += block.outcome[row] == store::Outcome::kException;
      }
    }
    ++durations.next;
    worked = true;
  }
  if (worked) stale_ = true;
  return false;
}

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

void Details::AddValue(const std::string& name, const ArgumentText& argument) {
  std::string_view value = std::string_view(argument.value).substr(0, kLongestValue);
  constexpr size_t kNameColumn = 14;
  std::string left = "  " + name;
  left.resize(std::max(left.size() + 1, kNameColumn), ' ');
  std::vector<Piece> pieces = {{left, Ink::kName}};
  if (argument.type != "...") pieces.push_back({argument.type + "  ", Ink::kType});
  int used = TextWidth(left) + TextWidth(argument.type) + 2;
  Ink ink = name == "exception" ? Ink::kError : Ink::kValue;
  if (used > width_ / 2) {
    Add(std::exchange(pieces, {}));
    used = 4;
    pieces.push_back({"    ", Ink::kPlain});
  }
  int room = std::max(8, width_ - 1 - used);
  do {
    size_t bytes = 0;
    for (int columns = 0; bytes < value.size();) {
      int width;
      size_t glyph = FirstCharacter(value.substr(bytes), &width).size();
      if (columns + width > room) break;
      columns += width;
      bytes += glyph;
    }
    pieces.push_back({std::string(value.substr(0, bytes)), ink});
    value.remove_prefix(bytes);
    Add(std::exchange(pieces, {}));
    pieces.push_back({std::string(static_cast<size_t>(used), ' '), Ink::kPlain});
  } while (!value.empty());
}

void Details::AddCall() {
  CallFacts facts;
  EventText start, end;
  if (!source_.Read(subject_.call, &facts, &start, &end)) {
    Add({{" call " + std::to_string(subject_.call) + " was let go", Ink::kNote}});
    return;
  }
  function_ = facts.function;
  const store::Catalog& catalog = window_->database()->catalog();
  const store::Function* function = catalog.function(facts.function);
  bool raised = facts.outcome == store::Outcome::kException;
  std::string name = start.func;
  if (function != nullptr && !function->qualname.empty()) name = Printable(function->qualname);
  Add({{" call " + std::to_string(facts.id) + "  ", Ink::kNote},
       {name, Ink::kFunction},
       {function == nullptr ? "" : "  " + Printable(function->file) + ":" + std::to_string(function->line),
        Ink::kModule},
       {"  depth " + std::to_string(facts.depth), Ink::kNote}});
  Add({{" process " + std::to_string(start.pid) + "  thread " + std::to_string(start.tid) + " " + start.thread,
        Ink::kThread}});
  std::string when = " called " + start.date_time;
  if (facts.duration_ns >= 0) {
    when += std::string(raised                                    ? ", raised after "
                        : facts.outcome == store::Outcome::kYield ? ", yielded after "
                                                                  : ", returned after ") +
            DurationText(facts.duration_ns, false) + " (self " + DurationText(facts.self_ns(), false) + ")";
  } else {
    when += ", has no end yet";
  }
  Add({{when, Ink::kTime}});
  if (start.kind == store::EventKind::kResume) {
    Add({{start.thrown ? " an exception was thrown into it" : " resumed", Ink::kNote}});
  } else {
    Add({{start.arguments().empty() ? " no arguments" : " arguments", Ink::kNote}});
  }
  for (const ArgumentText& argument : start.arguments()) AddValue(argument.name, argument);
  if (facts.duration_ns < 0) return;
  Add({{raised ? " raised" : facts.outcome == store::Outcome::kYield ? " yielded" : " returned", Ink::kNote}});
  for (const ArgumentText& argument : end.arguments()) AddValue(argument.name, argument);
}

void Details::AddFunction(const store::Function& function) {
  std::string text = " all calls of it: " + Grouped(function.calls);
  if (function.exceptions > 0) text += ", " + Grouped(function.exceptions) + " raised";
  if (function.calls > 0) {
    text += ", total " + DurationText(function.total_ns, false) + ", self " + DurationText(function.self_ns, false) +
            ", average " + DurationText(function.total_ns / function.calls, false);
  }
  Add({{text, Ink::kNote}});
  const Durations& durations = durations_[function_];
  if (durations.calls > 0) {
    bool all = durations.next >= window_->database()->zones().size();
    Add({{std::string(all ? " " : " so far: ") + "half of them below " + DurationText(durations.Quantile(0.5), false) +
              ", 99% below " + DurationText(durations.Quantile(0.99), false) + ", longest " +
              DurationText(durations.longest_ns, false),
          Ink::kNote}});
  }
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
    lines_.push_back({{{left, Ink::kNote}, {Printable(ExpandTabs(line)), Ink::kPlain}}, number == marked});
  }
}

void Details::Build() {
  lines_.clear();
  function_ = subject_.function;
  if (subject_.call != 0) {
    AddCall();
  } else if (subject_.function == 0) {
    return Add({{" no call here", Ink::kNote}});
  }
  const store::Function* function = window_->database()->catalog().function(function_);
  if (function == nullptr) return;
  if (subject_.call == 0) {
    Add({{" " + Printable(function->qualname), Ink::kFunction},
         {"  " + Printable(function->file) + ":" + std::to_string(function->line), Ink::kModule}});
  }
  AddFunction(*function);
  AddSource(*function);
}

void Details::Draw(Canvas* canvas, Area area, int x, int end, bool focused) {
  rows_ = std::max(1, area.height() - 1);
  Scroll(0);
  Style rule{Ink::kNote, focused, false, !focused};
  canvas->Fill(area.top, x, end, rule);
  std::string title = focused ? " details: the keys scroll here; Tab back" : " details: Tab scrolls, v edits, i closes";
  canvas->Put(area.top, x, end, title, rule);
  for (int row = area.top + 1; row < area.bottom; ++row) {
    size_t at = static_cast<size_t>(top_ + row - area.top - 1);
    if (at >= lines_.size()) break;
    int column = x;
    for (const Piece& piece : lines_[at].pieces)
      column = canvas->Put(row, column, end, piece.text, {piece.ink, false, lines_[at].marked});
    int width = 0;
    for (const Piece& piece : lines_[at].pieces) width += TextWidth(piece.text);
    if (width > end - x) canvas->Put(row, end - TextWidth(canvas->Ellipsis()), end, canvas->Ellipsis(), {Ink::kArrow});
  }
}

}  // namespace pytrace::reader::tui
