#include <algorithm>
#include <limits>

#include "reader/tui/view_events.h"

namespace pytrace::reader::tui {
namespace {

// How much of a deep stack's indentation stays when it would push the calls off the screen.
constexpr int kLevelsKept = 2;

}  // namespace

void EventView::Draw(Canvas* canvas, Area area) {
  Columns columns = LayOut(RowWidth(canvas->width()), row_options_);
  if (strip_on_screen()) {
    int64_t here = list_.rows().empty() ? 0 : list_.rows()[list_.focus()].key.time_ns;
    timeline_.Draw(canvas, area.top++, overview_, here, strip_ ? &*strip_ : nullptr);
  }
  int rows = static_cast<int>(list_.rows().size());
  int shallowest = std::numeric_limits<int>::max(), deepest = 0;
  for (int i = 0; i < rows; ++i) {
    const RowText* text = list_.TextOf(i);
    if (text == nullptr || text->event.func.empty()) continue;
    shallowest = std::min(shallowest, static_cast<int>(text->event.depth));
    deepest = std::max(deepest, static_cast<int>(text->event.depth));
  }
  bool deep = deepest > columns.call.width() / 2 && shallowest > kLevelsKept;
  style_.outdent = deep ? shallowest - kLevelsKept : 0;
  if (area.height() > 1) DrawHeader(canvas, area.top++, columns, style_.outdent, row_options_.time);
  style_.time = row_options_.time;
  style_.start_ns = window_->StartNs();
  style_.zero_ns = row_options_.time == TimeFormat::kSinceMark ? marked_ns_ : style_.start_ns;
  style_.durations = row_options_.durations;
  style_.threads = row_options_.threads;
  auto [first, last] = Drawn();
  int line = area.top;
  for (int i = first; i < rows && line < area.bottom; ++i) {
    const RowText* text = list_.TextOf(i);
    RowStyle style = style_;
    if (style.wrap && text != nullptr)
      style.lines = std::min(area.bottom - line, CallLines(columns, *text, style.outdent));
    style.focused = i == list_.focus();
    style.hits = show_hits_ && !modes_.negated ? pattern_.get() : nullptr;
    style.partner = IsPartner(i);
    RowField field;
    if (style.focused && field_ && text != nullptr) {
      std::vector<RowField> fields = FieldsOf(*text, columns);
      if (!fields.empty()) field = fields[PlaceOf(fields, *field_)], style.field = &field;
    }
    if (style.time == TimeFormat::kSinceBefore && !list_.TimeBefore(i, &style.zero_ns)) style.zero_ns = -1;
    if (text != nullptr) DrawRow(canvas, line, columns, *text, style);
    line += style.lines;
  }
  if (rows > 0 && HasScrollBar(canvas->width())) {
    DrawScrollBar(canvas, {area.top, area.bottom}, canvas->width() - 1, overview_.marks(), window_->pages(),
                  MarkPlaces(), list_.Fraction(first), list_.Fraction(last - 1));
  }
  if (rows > 0 || list_.busy()) return;
  bool filtered = !window_->selection().filters.empty();
  canvas->Put(
      area.top, 1, canvas->width(),
      filtered ? "no event matches the filter" : "nothing is recorded here, or all of it is start-up (S shows it)",
      {Ink::kNote});
}

// The rows that are drawn, [first, second): all of them, or those up to the focus, or a little behind it, that have
// room when they are wrapped. *cut: not all lines of the last one are on the screen.
std::pair<int, int> EventView::Drawn(bool* cut) {
  int rows = static_cast<int>(list_.rows().size());
  if (!style_.wrap || rows == 0) return {0, rows};
  Columns columns = LayOut(RowWidth(width_), row_options_);
  auto lines = [&](int row) {
    const RowText* text = list_.TextOf(row);
    return text == nullptr ? 1 : CallLines(columns, *text, style_.outdent);
  };
  int first = list_.focus(), last = first + 1, used = lines(first);
  while (first > 0 && used + lines(first - 1) <= height_) used += lines(--first);
  while (last < rows && used < height_) used += lines(last++);
  if (cut != nullptr) *cut = used > height_;
  return {first, last};
}

int EventView::PageRows() {
  if (!style_.wrap) return height_;
  bool cut = false;
  auto [first, last] = Drawn(&cut);
  return std::max(1, last - first - cut);
}

// Where in the recording the marks are, 0 to 1. '' is none of the user's.
std::vector<double> EventView::MarkPlaces() const {
  std::vector<double> places;
  const std::vector<store::ZoneMap>& zones = window_->database()->zones();
  for (const auto& [letter, key] : marks_) {
    if (letter == '\'') continue;
    size_t page = window_->PageOf(key);
    if (page >= zones.size()) continue;
    const store::ZoneMap& zone = zones[page];
    double part =
        key.rank == EventKey::Rank::kStart
            ? static_cast<double>(key.id - zone.first_id) / static_cast<double>(std::max<int64_t>(1, zone.calls))
            : static_cast<double>(key.time_ns - zone.first_start_ns) /
                  static_cast<double>(std::max<int64_t>(1, zone.last_start_ns - zone.first_start_ns));
    places.push_back((static_cast<double>(page) + std::clamp(part, 0.0, 0.999)) / static_cast<double>(zones.size()));
  }
  return places;
}

// Start and end of the same call.
bool EventView::IsPartner(int row) const {
  const EventKey &focus = list_.rows()[list_.focus()].key, &key = list_.rows()[static_cast<size_t>(row)].key;
  return row != list_.focus() && key.id == focus.id && key.rank != focus.rank && key.rank <= EventKey::Rank::kStart &&
         focus.rank <= EventKey::Rank::kStart;
}

}  // namespace pytrace::reader::tui
