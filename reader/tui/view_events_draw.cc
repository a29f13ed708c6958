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
  if (timeline_shown_ && area.height() > 2) {
    int64_t here = list_.rows().empty() ? 0 : list_.rows()[list_.focus()].key.time_ns;
    timeline_.Draw(canvas, area.top++, RowWidth(canvas->width()), overview_, here);
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
  style_.zero_ns = row_options_.time == TimeFormat::kSinceMark ? marked_ns_ : StartNs();
  for (int i = 0; i < rows && area.top + i < area.bottom; ++i) {
    const RowText* text = list_.TextOf(i);
    RowStyle style = style_;
    style.focused = i == list_.focus();
    style.hits = show_hits_ && !modes_.negated ? pattern_.get() : nullptr;
    style.partner = IsPartner(i);
    if (style.time == TimeFormat::kSinceBefore && !list_.TimeBefore(i, &style.zero_ns)) style.zero_ns = -1;
    if (text != nullptr) DrawRow(canvas, area.top + i, columns, *text, style);
  }
  if (rows > 0 && HasScrollBar(canvas->width())) {
    DrawScrollBar(canvas, {area.top, area.bottom}, canvas->width() - 1, overview_.marks(), window_->pages(),
                  list_.Fraction(0), list_.Fraction(rows - 1));
  }
  if (rows > 0 || list_.busy()) return;
  bool filtered = !window_->selection().filters.empty();
  canvas->Put(
      area.top, 1, canvas->width(),
      filtered ? "no event matches the filter" : "nothing is recorded here, or all of it is start-up (S shows it)",
      {Ink::kNote});
}

// Of the run that is shown, as the first page has it.
int64_t EventView::StartNs() const {
  const std::vector<store::ZoneMap>& zones = window_->database()->zones();
  auto shown = std::find_if(zones.begin(), zones.end(), [&](const store::ZoneMap& zone) {
    return std::any_of(zone.threads.begin(), zone.threads.end(), [&](uint32_t thread) { return window_->InRun(thread); });
  });
  return shown == zones.end() ? 0 : shown->first_start_ns;
}

// Start and end of the same call.
bool EventView::IsPartner(int row) const {
  const EventKey &focus = list_.rows()[list_.focus()].key, &key = list_.rows()[static_cast<size_t>(row)].key;
  return row != list_.focus() && key.id == focus.id && key.rank != focus.rank && key.rank <= EventKey::Rank::kStart &&
         focus.rank <= EventKey::Rank::kStart;
}

}  // namespace pytrace::reader::tui
