#include "reader/tui/view_filters.h"

#include <utility>

#include "reader/amounts.h"
#include "reader/printable.h"

namespace pytrace::reader::tui {
namespace {

constexpr int kStateEnd = 5, kEventsEnd = 17, kFilter = 19;

}  // namespace

// What was counted of a recording that grows is no more true.
void FiltersView::Changed(bool same) {
  if (!same) return RowsChanged();
  events_.clear();
  running_.reset();
}

bool FiltersView::WorkOnRows(Deadline deadline) {
  for (const FilterStack::Item& item : filters_->items()) {
    if (events_.contains(item.text)) continue;
    if (running_ == nullptr || counted_ != item.text) {
      counted_ = item.text;
      running_ = std::make_unique<EventCount>(
          database_, selection_, query::Filter::Parse(item.text, query::ContextOf(*database_), nullptr, nullptr));
    }
    if (running_->Work(deadline)) return true;
    events_[item.text] = running_->events();
    running_.reset();
  }
  return false;
}

bool FiltersView::Do(Action action, int64_t count) {
  using Kind = Request::Kind;
  static constexpr std::pair<Action, Kind> kKinds[] = {{Action::kEnter, Kind::kToggleFilter},
                                                       {Action::kOnly, Kind::kOnlyFilter},
                                                       {Action::kWithout, Kind::kRemoveFilter},
                                                       {Action::kEdit, Kind::kEditFilter}};
  for (auto [one, kind] : kKinds) {
    if (one != action) continue;
    if (rows() > 0) Ask({kind, "", focus()});
    return true;
  }
  return ListView::Do(action, count);
}

std::string FiltersView::RowText(int64_t at) {
  const FilterStack::Item& item = filters_->items()[static_cast<size_t>(at)];
  return (item.given < 0 ? "" : "-e ") + Printable(item.text);
}

void FiltersView::DrawHeader(Canvas* canvas, int row) {
  Style style{Ink::kNote, false, false, true};
  canvas->Fill(row, 0, canvas->width(), style);
  PutAtEnd(canvas, row, 0, kEventsEnd, "BY ITSELF", style);
  canvas->Put(row, kFilter, canvas->width(), "FILTER", style);
}

void FiltersView::DrawRow(Canvas* canvas, int row, int64_t at, bool focused) {
  const FilterStack::Item& item = filters_->items()[static_cast<size_t>(at)];
  PutAtEnd(canvas, row, 0, kStateEnd, item.on ? "on" : "off",
           {item.on ? Ink::kFunction : Ink::kNote, focused, item.on});
  auto events = events_.find(item.text);
  PutAtEnd(canvas, row, 0, kEventsEnd, events == events_.end() ? "..." : Grouped(events->second),
           {Ink::kNote, focused});
  int x = kFilter;
  if (item.given >= 0) x = canvas->Put(row, x, canvas->width(), "-e ", {Ink::kNote, focused});
  std::string text = Printable(item.text);
  int skip = shift();
  canvas->PutFrom(row, x, canvas->width(), &skip, text, {item.on ? Ink::kPlain : Ink::kNote, focused});
  if (TextWidth(text) - shift() <= canvas->width() - x) return;
  canvas->Put(row, canvas->width() - TextWidth(canvas->Ellipsis()), canvas->width(), canvas->Ellipsis(),
              {Ink::kArrow, focused});
}

std::string FiltersView::Position() {
  int64_t off = static_cast<int64_t>(filters_->off());
  return Grouped(rows()) + (rows() == 1 ? " filter" : " filters") + (off > 0 ? ", " + Grouped(off) + " off" : "");
}

}  // namespace pytrace::reader::tui
