#include "reader/tui/details.h"

#include <algorithm>
#include <utility>

#include "reader/printable.h"
#include "reader/tui/filter_text.h"
#include "reader/tui/value_lines.h"

namespace pytrace::reader::tui {
namespace {

constexpr size_t kLongestValue = 200'000;
constexpr int kLeastForKeys = 5;  // rows of the pane with which one of them is for its keys

std::string Percent(int64_t part, int64_t all) { return std::to_string(100 * part / std::max<int64_t>(1, all)) + "%"; }

}  // namespace

void Details::Show(const Subject& subject, int width, bool ascii) {
  bool same = subject.call == subject_.call && subject.function == subject_.function && subject.end == subject_.end;
  if (same && width == width_ && ascii == ascii_ && !stale_) return;
  if (!same) top_ = cursor_ = shift_ = 0;
  ascii_ = ascii;
  subject_ = subject;
  width_ = width;
  stale_ = false;
  Build();
}

void Details::Changed() {
  source_.Forget();
  scans_.clear();
  stale_ = true;
}

void Details::Scroll(int64_t rows) {
  int64_t size = static_cast<int64_t>(lines_.size());
  cursor_ = std::clamp<int64_t>(cursor_ + rows, 0, std::max<int64_t>(0, size - 1));
  top_ = std::clamp<int64_t>(top_, std::max<int64_t>(0, cursor_ - rows_ + 1), cursor_);
  top_ = std::min(top_, std::max<int64_t>(0, size - rows_));
}

void Details::SetHeight(int height) { rows_ = std::max(1, height - (height >= kLeastForKeys ? 2 : 1)); }

void Details::Sideways(int64_t columns) {
  constexpr int64_t kFarthest = 1 << 20;
  shift_ = std::clamp<int64_t>(shift_ + columns, 0, kFarthest);
}

bool Details::ToggleWrap() {
  wrap_ = !wrap_;
  shift_ = 0;
  stale_ = true;
  return wrap_;
}

std::string Details::CursorText() const {
  std::string text;
  if (lines_.empty()) return text;
  for (const Piece& piece : lines_[static_cast<size_t>(cursor_)].pieces) text += piece.text;
  return text.substr(std::min(text.size(), text.find_first_not_of(' ')));
}

bool Details::Work(Deadline deadline) {
  if (function_ == 0) return false;
  Scan& scan = scans_[function_];
  const std::vector<store::ZoneMap>& zones = window_->database()->zones();
  store::DecodedBlock block;
  bool worked = false;
  while (scan.next < zones.size()) {
    if (std::chrono::steady_clock::now() >= deadline) return true;
    const store::ZoneMap& zone = zones[scan.next];
    bool may = std::binary_search(zone.functions.begin(), zone.functions.end(), function_);
    if (may && window_->database()->ReadBlock(scan.next, false, &block)) {
      for (uint32_t row = 0; row < block.size(); ++row) {
        if (block.function[row] != function_ || block.duration_ns[row] < 0) continue;
        scan.durations.Add(block.duration_ns[row]);
      }
    }
    ++scan.next;
    worked = true;
  }
  if (worked) stale_ = true;
  return false;
}

void Details::AddValue(const ArgumentText& argument) {
  const std::string &name = argument.name, filter = FilterFor(argument);
  std::string_view value = std::string_view(argument.value).substr(0, kLongestValue);
  constexpr size_t kNameColumn = 14;
  std::string left = "  " + name;
  left.resize(std::max(left.size() + 1, kNameColumn), ' ');
  std::vector<Piece> pieces = {{left, Ink::kName}};
  if (argument.type != "...") pieces.push_back({argument.type + "  ", Ink::kType});
  int used = TextWidth(left) + TextWidth(argument.type) + 2;
  Ink ink = name == "exception" ? Ink::kError : Ink::kValue;
  if (used > width_ / 2) {
    Add(std::exchange(pieces, {}), filter);
    used = 4;
    pieces.push_back({"    ", Ink::kPlain});
  }
  std::vector<ValueLine> lines = {{0, value}};
  if (wrap_) lines = BreakValue(value, width_ - 1 - used);
  for (const ValueLine& line : lines) {
    if (line.indent > 0) pieces.push_back({std::string(static_cast<size_t>(line.indent), ' '), Ink::kPlain});
    pieces.push_back({std::string(line.text), ink});
    Add(std::exchange(pieces, {}), filter);
    pieces.push_back({std::string(static_cast<size_t>(used), ' '), Ink::kPlain});
  }
}

void Details::AddCall() {
  CallFacts facts;
  EventText start, end;
  if (!source_.Read(subject_.call, &facts, &start, &end)) {
    Add({{" call " + std::to_string(subject_.call) + " was let go", Ink::kNote}});
    return;
  }
  function_ = facts.function;
  took_ns_ = facts.duration_ns;
  const store::Catalog& catalog = window_->database()->catalog();
  const store::Function* function = catalog.function(facts.function);
  bool raised = facts.outcome == store::Outcome::kException;
  std::string name = start.func;
  if (function != nullptr && !function->qualname.empty()) name = Printable(function->qualname);
  Add({{" call " + std::to_string(facts.id) + "  ", Ink::kNote},
       {name, Ink::kFunction},
       {function == nullptr ? "" : "  " + Printable(function->file) + ":" + std::to_string(function->line),
        Ink::kModule},
       {"  depth " + std::to_string(facts.depth), Ink::kNote}},
      function == nullptr ? "" : FilterFor(*function));
  Add({{" process " + std::to_string(start.pid) + "  thread " + std::to_string(start.tid) + " " + start.thread,
        Ink::kThread}},
      "tid == " + std::to_string(start.tid) + " and pid == " + std::to_string(start.pid));
  std::string when = " called " + start.date_time;
  if (facts.duration_ns >= 0) {
    when += std::string(raised                                    ? ", raised after "
                        : facts.outcome == store::Outcome::kYield ? ", yielded after "
                                                                  : ", returned after ") +
            Took(facts.duration_ns) + " (self " + Took(facts.self_ns()) + ")";
  } else {
    when += ", has no end yet";
  }
  Add({{when, Ink::kTime}});
  if (start.kind == store::EventKind::kResume) {
    Add({{start.thrown ? " an exception was thrown into it" : " resumed", Ink::kNote}});
  } else {
    Add({{start.arguments().empty() ? " no arguments" : " arguments", Ink::kNote}});
  }
  for (const ArgumentText& argument : start.arguments()) AddValue(argument);
  if (facts.duration_ns < 0) return;
  Add({{raised ? " raised" : facts.outcome == store::Outcome::kYield ? " yielded" : " returned", Ink::kNote}});
  for (const ArgumentText& argument : end.arguments()) AddValue(argument);
}

void Details::AddFunction(const store::Function& function) {
  std::string text = " all calls of it: " + Grouped(function.calls);
  if (function.exceptions > 0) text += ", " + Grouped(function.exceptions) + " raised";
  if (function.calls > 0) {
    text += ", total " + Took(function.total_ns) + ", self " + Took(function.self_ns) + ", average " +
            Took(function.total_ns / function.calls);
  }
  Add({{text, Ink::kNote}});
  const Scan& scan = scans_[function_];
  const Durations& durations = scan.durations;
  if (durations.calls() > 0) {
    bool all = scan.next >= window_->database()->zones().size();
    Add({{std::string(all ? " " : " so far: ") + "half of them below " + Took(durations.Quantile(0.5)) +
              ", 99% below " + Took(durations.Quantile(0.99)) + ", longest " + Took(durations.longest_ns()),
          Ink::kNote}});
    std::string rank;
    if (took_ns_ >= 0)
      rank = "  this one took longer than " + Percent(durations.Below(took_ns_), durations.calls()) + " of them";
    Add({{" " + durations.Histogram(ascii_), Ink::kTime}, {rank, Ink::kNote}});
  }
}

void Details::Build() {
  lines_.clear();
  took_ns_ = -1;
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
         {"  " + Printable(function->file) + ":" + std::to_string(function->line), Ink::kModule}},
        FilterFor(*function));
  }
  AddFunction(*function);
  AddSource(*function);
}

void Details::DrawLine(Canvas* canvas, int row, int x, int end, const Line& line, bool here) {
  if (here) canvas->Fill(row, x, end, {Ink::kPlain, true});
  int column = x, width = 0, skip = static_cast<int>(shift_);
  for (const Piece& piece : line.pieces) {
    column = canvas->PutFrom(row, column, end, &skip, piece.text, {piece.ink, here, line.marked});
    width += TextWidth(piece.text);
  }
  if (shift_ > 0) canvas->Put(row, x, end, "<", {Ink::kArrow, here});
  if (width - shift_ > end - x)
    canvas->Put(row, end - TextWidth(canvas->Ellipsis()), end, canvas->Ellipsis(), {Ink::kArrow, here});
}

// The pane's first line says what it shows, the last one what its keys are.
void Details::DrawRules(Canvas* canvas, Area area, int x, int end, bool focused) {
  Style rule{Ink::kNote, focused, false, !focused};
  canvas->Fill(area.top, x, end, rule);
  std::string keys =
      focused ? " w wrap  C copy  v edit  + \\ filter by the line  Tab back" : " Tab keys  v edit  i close";
  bool two = area.height() >= kLeastForKeys;
  int title = canvas->Put(area.top, x, end, two ? " details" : " details:" + keys, rule);
  int64_t size = std::ssize(lines_);
  if (size > rows_) {
    std::string shown =
        std::to_string(top_ + 1) + "-" + std::to_string(std::min(size, top_ + rows_)) + " of " + Grouped(size) + " ";
    if (end - TextWidth(shown) > title) canvas->Put(area.top, end - TextWidth(shown), end, shown, rule);
  }
  if (!two) return;
  canvas->Fill(area.bottom - 1, x, end, rule);
  canvas->Put(area.bottom - 1, x, end, keys, rule);
}

void Details::Draw(Canvas* canvas, Area area, int x, int end, bool focused) {
  SetHeight(area.height());
  Scroll(0);
  DrawRules(canvas, area, x, end, focused);
  for (int row = 0; row < rows_ && area.top + 1 + row < area.bottom; ++row) {
    size_t at = static_cast<size_t>(top_ + row);
    if (at >= lines_.size()) break;
    bool here = focused && static_cast<int64_t>(at) == cursor_;
    DrawLine(canvas, area.top + 1 + row, x, end, lines_[at], here);
  }
}

}  // namespace pytrace::reader::tui
