// Searching for a pattern: in what is recorded, and in what comes.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "reader/amounts.h"
#include "reader/printable.h"
#include "reader/tui/view_events.h"

namespace pytrace::reader::tui {

// What was learnt of names and values stays while the pattern does.
std::shared_ptr<RowSearch> EventView::RowSearchFor(bool negated) {
  if (row_search_ == nullptr || row_search_->pattern() != pattern_ || row_search_->negated() != negated)
    row_search_ = std::make_shared<RowSearch>(pattern_, negated, &window_->database()->catalog());
  return row_search_;
}

EventList::Matcher EventView::Matcher(bool negated) {
  return [search = RowSearchFor(negated)](const RowText& row) { return search->Matches(row); };
}

EventList::EventMatcher EventView::MayMatch(bool negated) {
  return [search = RowSearchFor(negated)](const EventRef& event) { return search->MayMatch(event); };
}

bool EventView::Search(std::shared_ptr<const query::Pattern> pattern, bool forward, int64_t count) {
  std::optional<EventKey> from = std::exchange(search_from_, std::nullopt);
  bool is_new = pattern != nullptr;
  if (is_new) {
    pattern_ = std::move(pattern);
    searched_forward_ = forward;
    show_hits_ = true;
  }
  if (pattern_ == nullptr) return false;
  EventList::Matcher matches = Matcher(modes_.negated);
  EventList::EventMatcher may_match = MayMatch(modes_.negated);
  if (is_new) overview_.CountHits(matches, may_match);
  if (is_new && modes_.stay) {
    if (from) list_.GoTo(*from);
    return true;
  }
  follow_ = false;
  Leave();
  list_.SetWrap(modes_.wrap);
  if (from) {
    marks_['\''] = *from;
    list_.SearchFrom(*from, matches, forward, count, may_match);
  } else {
    list_.Search(matches, forward, count, may_match);
  }
  show_hit_ = !modes_.negated;
  return true;
}

// As it is typed: to the first match from where the prompt was opened, or there when there is none. Hits are counted as
// soon as the pattern is entered.
void EventView::Preview(std::shared_ptr<const query::Pattern> pattern, bool forward) {
  if (list_.rows().empty()) return;
  if (!typed_) typed_ = Typed{list_.rows()[list_.focus()].key, pattern_, style_.shift};
  follow_ = false;
  pattern_ = std::move(pattern);
  show_hits_ = true;
  style_.shift = typed_->shift;
  if (pattern_ == nullptr) return list_.GoTo(typed_->from);
  list_.SearchFrom(typed_->from, Matcher(modes_.negated), forward, 1, MayMatch(modes_.negated));
  show_hit_ = !modes_.negated;
}

// `leave`: back to where it was opened, with the pattern of before. Else a search follows, from there.
void EventView::EndPreview(bool leave) {
  if (!typed_) return;
  Typed typed = *std::exchange(typed_, std::nullopt);
  show_hit_ = false;
  pattern_ = typed.pattern;
  style_.shift = typed.shift;
  if (leave) return list_.GoTo(typed.from);
  search_from_ = typed.from;
}

// Sideways, so that the match is on the screen with some columns beside it.
void EventView::ShowHit() {
  const RowText* row = list_.rows().empty() ? nullptr : list_.TextOf(list_.focus());
  size_t begin, end;
  if (row != nullptr && pattern_ != nullptr && pattern_->Find(row->call.text, 0, &begin, &end))
    ShowBytes(*row, begin, end);
}

// Of the text of the row's call.
void EventView::ShowBytes(const RowText& row, size_t begin, size_t end) {
  constexpr int kMargin = 8;
  int indent = std::max(0, static_cast<int>(Indent(row.event)) - style_.outdent);
  int left = indent + TextWidth(std::string_view(row.call.text).substr(0, begin));
  int right = left + TextWidth(std::string_view(row.call.text).substr(begin, end - begin));
  int width = LayOut(RowWidth(width_), row_options_).call.width();
  if (left >= style_.shift && right <= style_.shift + width) return;
  style_.shift = right <= width ? 0 : std::max(0, std::min(left - kMargin, right + kMargin - width));
}

// What came is searched first; if there is no match the last row is gone to.
void EventView::SearchWhatCame() {
  until_hit_ = Until::kSearching;
  list_.Search(Matcher(false), true, 1, MayMatch(false));
}

void EventView::LookForHit() {
  if (list_.not_found()) {
    until_hit_ = Until::kWaiting;
    list_.TakeMessage();
    return list_.Last();
  }
  bell_ = true;
  message_ = "a new row matches";
  if (ring_on_) {
    until_hit_ = Until::kWaiting;
    return list_.Last();
  }
  until_hit_ = Until::kNever;
  follow_ = false;
}

std::string EventView::Status() {
  if (strip_) return StripStatus();
  if (std::string field = FieldStatus(); !field.empty()) return field;
  if (pattern_ == nullptr || !show_hits_ || list_.rows().empty()) return "";
  std::shared_ptr<const Page> page;
  size_t entry;
  int64_t number = list_.Focused(&page, &entry) ? overview_.HitNumber(page->number, entry) : 0;
  std::string all = Grouped(overview_.hits()) + (overview_.hits_counted() ? "" : "+");
  std::string text = searched_forward_ ? "/" : "?";
  if (modes_.negated) text += "!";
  text += Printable(pattern_->text()) + "  ";
  text += number > 0 ? "hit " + Grouped(number) + " of " + all : all + (all == "1" ? " hit" : " hits");
  if (!overview_.hits_counted()) text += " (scanned " + std::to_string(overview_.hits_percent()) + "%)";
  return text;
}

}  // namespace pytrace::reader::tui
