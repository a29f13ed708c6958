#include "reader/tui/timeline.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <tuple>

namespace pytrace::reader::tui {
namespace {

// More pages than this look the same when they are estimated.
constexpr size_t kMostCounted = 16;

}  // namespace

std::pair<int64_t, int64_t> Timeline::Span() const {
  const std::vector<store::ZoneMap>& zones = window_->database()->zones();
  if (zones.empty()) return {0, 1};
  int64_t first = zones.front().first_start_ns, last = std::max(first + 1, zones.back().last_start_ns);
  int64_t from = first, until = last;
  for (const query::Filter* filter : window_->selection().filters) filter->NarrowSpan(&from, &until);
  return from < until ? std::pair(from, until) : std::pair(first, last);
}

std::pair<size_t, size_t> Timeline::Pages() const {
  const std::vector<store::ZoneMap>& zones = window_->database()->zones();
  if (zones.empty()) return {0, 0};
  auto [from, until] = Span();
  return {window_->PageOf({from, EventKey::Rank::kEnd, 0}), window_->PageOf({until, EventKey::Rank::kLog, 0}) + 1};
}

int64_t Timeline::TimeAt(int column) const {
  auto [first, last] = Span();
  return first + static_cast<int64_t>(static_cast<double>(last - first) * column / std::max(1, width_));
}

int Timeline::ColumnOf(int64_t ns) const {
  auto [first, last] = Span();
  double part = static_cast<double>(ns - first) / static_cast<double>(last - first);
  return static_cast<int>(std::clamp(part, 0.0, 0.999999) * width_);
}

void Timeline::SetWidth(int width) {
  if (width == width_) return;
  width_ = width;
  Changed();
}

void Timeline::Changed() {
  slots_.clear();
  std::tie(next_, end_) = Pages();
  if (end_ - next_ > kMostCounted) next_ = end_;
  if (next_ < end_) slots_.resize(static_cast<size_t>(std::max(0, width_)));
}

void Timeline::CountPage(size_t number) {
  std::shared_ptr<const Page> page = window_->Get(number);
  if (page == nullptr) return;
  auto [from, until] = Span();
  for (size_t entry = 0; entry < page->entries.size(); ++entry) {
    const Page::Entry& at = page->entries[entry];
    if (at.aside || at.key.time_ns < from || at.key.time_ns > until) continue;
    Slot& slot = slots_[static_cast<size_t>(ColumnOf(at.key.time_ns))];
    ++slot.events;
    if (at.from == Page::From::kLoss) slot.loss = true;
    if (at.from == Page::From::kEnd || at.from == Page::From::kLateEnd)
      slot.exception = slot.exception || window_->At(*page, entry).kind == store::EventKind::kException;
  }
}

bool Timeline::Work(Deadline deadline) {
  while (next_ < end_ && !slots_.empty()) {
    CountPage(next_++);
    if (std::chrono::steady_clock::now() >= deadline) return next_ < end_;
  }
  return false;
}

// The events are taken to lie evenly between the page's first and its last start. What was not counted yet under a
// filter is not there.
void Timeline::Estimate(size_t page, const Overview& overview, std::vector<Slot>* slots) const {
  const store::ZoneMap& zone = window_->database()->zones()[page];
  bool filtered = !window_->selection().filters.empty();
  const std::vector<int64_t>& counted = overview.page_events();
  if (filtered && page >= counted.size()) return;
  double events = filtered ? static_cast<double>(counted[page]) : zone.calls;
  int from = ColumnOf(zone.first_start_ns), to = ColumnOf(zone.last_start_ns);
  for (int at = from; at <= to; ++at) (*slots)[static_cast<size_t>(at)].events += events / (to - from + 1);
}

void Timeline::AddMarks(size_t page, const PageMarks& marks, bool all, std::vector<Slot>* slots) const {
  const store::ZoneMap& zone = window_->database()->zones()[page];
  auto [from, until] = Span();
  double begin = static_cast<double>(zone.first_start_ns), end = static_cast<double>(zone.last_start_ns);
  auto mark = [&, first = from, last = until](uint64_t mask, bool Slot::*which) {
    for (int bit = 0; mask != 0; ++bit, mask >>= 1) {
      int64_t ns = static_cast<int64_t>(begin + (end - begin) * (bit + 0.5) / 64);
      if ((mask & 1) != 0 && ns >= first && ns <= last) (*slots)[static_cast<size_t>(ColumnOf(ns))].*which = true;
    }
  };
  mark(marks.hits, &Slot::hit);
  if (!all) return;
  mark(marks.exceptions, &Slot::exception);
  mark(marks.losses, &Slot::loss);
}

void Timeline::Draw(Canvas* canvas, int row, const Overview& overview, int64_t focus_ns, const Cursor* cursor) const {
  static constexpr const char* kLevels[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  static constexpr char kAsciiLevels[] = " .:-=+*#@";
  if (width_ <= 0) return;
  std::vector<Slot> slots(static_cast<size_t>(width_));
  if (counted()) slots = slots_;
  const std::vector<PageMarks>& marks = overview.marks();
  auto [page, end] = Pages();
  for (end = std::min(end, window_->database()->zones().size()); page < end; ++page) {
    if (!counted()) Estimate(page, overview, &slots);
    if (page < marks.size()) AddMarks(page, marks[page], !counted(), &slots);
  }
  double most = 1;
  for (const Slot& slot : slots) most = std::max(most, slot.events);
  auto [from, to] = cursor == nullptr ? std::pair(ColumnOf(focus_ns), ColumnOf(focus_ns)) : cursor->Range();
  for (int column = 0; column < width_; ++column) {
    const Slot& slot = slots[static_cast<size_t>(column)];
    int level = slot.events <= 0 ? 0 : std::clamp(static_cast<int>(8 * slot.events / most), 1, 8);
    const std::string ascii(1, kAsciiLevels[level]);
    std::string_view glyph = slot.loss ? "!" : canvas->ascii() ? std::string_view(ascii) : kLevels[level];
    Ink ink = slot.loss || slot.exception ? Ink::kError : slot.hit ? Ink::kTime : Ink::kNote;
    bool at_cursor = cursor != nullptr && column == cursor->column;
    canvas->Put(row, column, width_, glyph, {ink, column >= from && column <= to, slot.hit || at_cursor, at_cursor});
  }
}

}  // namespace pytrace::reader::tui
