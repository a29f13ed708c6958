#include "reader/tui/timeline.h"

#include <algorithm>
#include <string>
#include <string_view>

namespace pytrace::reader::tui {

std::pair<int64_t, int64_t> Timeline::Span() const {
  const std::vector<store::ZoneMap>& zones = window_->database()->zones();
  if (zones.empty()) return {0, 1};
  return {zones.front().first_start_ns, std::max(zones.front().first_start_ns + 1, zones.back().last_start_ns)};
}

int64_t Timeline::TimeAt(int column, int width) const {
  auto [first, last] = Span();
  return first + static_cast<int64_t>(static_cast<double>(last - first) * column / std::max(1, width));
}

// A block's events are taken to lie evenly between its first and its last start. What was not counted yet under a
// filter is not there.
void Timeline::Draw(Canvas* canvas, int row, int width, const Overview& overview, int64_t focus_ns) const {
  static constexpr const char* kLevels[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  static constexpr char kAsciiLevels[] = " .:-=+*#@";
  if (width <= 0) return;
  struct Slot {
    double events = 0;
    bool hit = false, exception = false, loss = false;
  };
  std::vector<Slot> slots(static_cast<size_t>(width));
  auto [first, last] = Span();
  auto slot_of = [&, from = first, length = static_cast<double>(last - first)](double ns) {
    return static_cast<size_t>(std::clamp((ns - static_cast<double>(from)) / length, 0.0, 0.999999) * width);
  };
  const std::vector<store::ZoneMap>& zones = window_->database()->zones();
  bool filtered = !window_->selection().filters.empty();
  const std::vector<int64_t>& counted = overview.page_events();
  const std::vector<PageMarks>& marks = overview.marks();
  for (size_t page = 0; page < zones.size(); ++page) {
    if (filtered && page >= counted.size()) break;
    double events = filtered ? static_cast<double>(counted[page]) : zones[page].calls;
    double begin = static_cast<double>(zones[page].first_start_ns), end = static_cast<double>(zones[page].last_start_ns);
    size_t from = slot_of(begin), to = slot_of(end);
    for (size_t slot = from; slot <= to; ++slot) slots[slot].events += events / static_cast<double>(to - from + 1);
    if (page >= marks.size()) continue;
    auto mark = [&](uint64_t mask, bool Slot::*which) {
      for (int bit = 0; mask != 0; ++bit, mask >>= 1) {
        if (mask & 1) slots[slot_of(begin + (end - begin) * (bit + 0.5) / 64)].*which = true;
      }
    };
    mark(marks[page].hits, &Slot::hit);
    mark(marks[page].exceptions, &Slot::exception);
    mark(marks[page].losses, &Slot::loss);
  }
  double most = 1;
  for (const Slot& slot : slots) most = std::max(most, slot.events);
  size_t focus = slot_of(static_cast<double>(focus_ns));
  for (size_t column = 0; column < slots.size(); ++column) {
    const Slot& slot = slots[column];
    int level = slot.events <= 0 ? 0 : std::clamp(static_cast<int>(8 * slot.events / most), 1, 8);
    const std::string ascii(1, kAsciiLevels[level]);
    std::string_view glyph = slot.loss ? "!" : canvas->ascii() ? std::string_view(ascii) : kLevels[level];
    Ink ink = slot.loss || slot.exception ? Ink::kError : slot.hit ? Ink::kTime : Ink::kNote;
    canvas->Put(row, static_cast<int>(column), width, glyph, {ink, column == focus, slot.hit});
  }
}

}  // namespace pytrace::reader::tui
