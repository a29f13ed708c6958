// What keys and clicks mean in the event view.
#include <algorithm>
#include <cmath>
#include <iterator>
#include <string>

#include "reader/tui/view_events.h"

namespace pytrace::reader::tui {

// What an action means here: one function for each subject, asked in turn.
bool EventView::Do(Action action, int64_t count) {
  constexpr Action kUpward[] = {Action::kUp,     Action::kPageUp, Action::kWindowUp,
                                Action::kHalfUp, Action::kFirst,  Action::kPercent};
  if (std::find(std::begin(kUpward), std::end(kUpward), action) != std::end(kUpward))
    follow_ = false, until_hit_ = Until::kNever;
  if (strip_ && DoInStrip(action, count)) return true;
  return Move(action, count) || MoveSideways(action, count) || DoWithHits(action, count) || Follow(action) ||
         Jump(action, std::max<int64_t>(1, count)) || Toggle(action);
}

bool EventView::Move(Action action, int64_t count) {
  if ((action == Action::kWindowDown || action == Action::kWindowUp) && count > 0) page_ = count;
  int64_t n = std::max<int64_t>(1, count), page = count > 0 ? count : page_ > 0 ? page_ : PageRows();
  if ((action == Action::kHalfDown || action == Action::kHalfUp) && count > 0) half_page_ = count;
  int64_t half = half_page_ > 0 ? half_page_ : std::max(1, PageRows() / 2);
  switch (action) {
    case Action::kDown:
      list_.MoveBy(n);
      return true;
    case Action::kUp:
      list_.MoveBy(-n);
      return true;
    case Action::kPageDown:
    case Action::kWindowDown:
      list_.PageBy(page);
      return true;
    case Action::kPageUp:
    case Action::kWindowUp:
      list_.PageBy(-page);
      return true;
    case Action::kHalfDown:
      list_.PageBy(half);
      return true;
    case Action::kHalfUp:
      list_.PageBy(-half);
      return true;
    case Action::kFirst:
      Leave();
      list_.First(n);
      return true;
    case Action::kLast:
      Leave();
      if (count > 0) {
        list_.First(count);
      } else {
        list_.Last();
      }
      return true;
    case Action::kPercent:
      GoToPart(static_cast<double>(std::clamp<int64_t>(count, 0, 100)) / 100);
      return true;
    default:
      return false;
  }
}

// To what is at that part of the recording, 0 to 1.
void EventView::GoToPart(double part) {
  list_.GoToCall(window_->first_id() +
                 std::llround(part * static_cast<double>(window_->last_id() - window_->first_id())));
}

bool EventView::MoveSideways(Action action, int64_t count) {
  constexpr int64_t kFar = 1 << 20;
  int room = LayOut(RowWidth(width_), row_options_).call.width();
  if ((action == Action::kLeft || action == Action::kRight) && count > 0) side_step_ = count;
  int step = static_cast<int>(std::min<int64_t>(side_step_ > 0 ? side_step_ : std::max(1, room / 2), kFar));
  switch (action) {
    case Action::kLeft:
      Sideways(-step);
      return true;
    case Action::kRight:
      Sideways(step);
      return true;
    case Action::kLeftEnd:
      style_.shift = 0;
      return true;
    case Action::kRightEnd: {
      int widest = 0;
      for (int i = 0; i < static_cast<int>(list_.rows().size()); ++i) {
        if (const RowText* text = list_.TextOf(i)) widest = std::max(widest, CallWidth(*text, style_.outdent));
      }
      style_.shift = std::max(0, widest - room);
      return true;
    }
    default:
      return false;
  }
}

// false of n and N: there is no pattern, nor a filter whose matches stand among other events.
bool EventView::DoWithHits(Action action, int64_t count) {
  int64_t n = std::max<int64_t>(1, count);
  bool next = action == Action::kNextHit || action == Action::kPreviousHit;
  if (next && pattern_ == nullptr && window_->HasAsides()) {
    Leave();
    follow_ = false;
    list_.SearchEvents(
        [](const EventRef& event) { return !event.aside; }, action == Action::kNextHit, n,
        action == Action::kNextHit ? "this is the last match of the filter" : "this is the first match of the filter");
    return true;
  }
  switch (action) {
    case Action::kNextHit:
      return Search(nullptr, searched_forward_, n);
    case Action::kPreviousHit:
      return Search(nullptr, !searched_forward_, n);
    case Action::kToggleHits:
      show_hits_ = !show_hits_;
      return true;
    case Action::kForgetHits:
      pattern_ = nullptr;
      overview_.CountHits(nullptr);
      return true;
    default:
      return false;
  }
}

bool EventView::Follow(Action action) {
  bool hit = action == Action::kFollowHit || action == Action::kFollowRing;
  if (action != Action::kFollow && (!hit || pattern_ == nullptr)) return false;
  follow_ = true;
  until_hit_ = hit ? Until::kWaiting : Until::kNever;
  ring_on_ = action == Action::kFollowRing;
  list_.Last();
  return true;
}

bool EventView::Jump(Action action, int64_t n) {
  switch (action) {
    case Action::kPartner:
    case Action::kPartnerBack:
      GoToPartner(action == Action::kPartner);
      return true;
    case Action::kCaller:
      GoToCaller();
      return true;
    case Action::kCallee:
    case Action::kLongest:
      GoToChild(action == Action::kLongest);
      return true;
    case Action::kNextSibling:
    case Action::kPreviousSibling:
      ToSameThread(action == Action::kNextSibling, n);
      return true;
    case Action::kNextSame:
    case Action::kPreviousSame:
      ToSameFunction(action == Action::kNextSame, n);
      return true;
    case Action::kNextException:
    case Action::kPreviousException:
      ToException(action == Action::kNextException, n);
      return true;
    default:
      return false;
  }
}

void EventView::Sideways(int columns) { style_.shift = std::max(0, style_.shift + columns); }

// Which row stands in that line below the header.
int EventView::RowAt(int line) {
  auto [first, last] = Drawn();
  if (!style_.wrap) return line;
  Columns columns = LayOut(RowWidth(width_), row_options_);
  for (int row = first; row < last; ++row) {
    const RowText* text = list_.TextOf(row);
    line -= text == nullptr ? 1 : CallLines(columns, *text, style_.outdent);
    if (line < 0) return row;
  }
  return last;
}

void EventView::Click(int row, int column) {
  if (HasScrollBar(width_) && column == width_ - 1 && row >= rows_above()) {
    double part = static_cast<double>(row - rows_above()) / std::max(1, height_ - 1);
    follow_ = false;
    Leave();
    GoToPart(part);
  } else if (rows_above() == 2 && row == 0) {
    if (strip_) return MoveInStrip(column);
    GoToTime(timeline_.TimeAt(column));
  } else if (row < rows_above()) {
    ClickHeader(column);
  } else {
    follow_ = false;
    ClickRow(RowAt(row - rows_above()), column);
  }
}

}  // namespace pytrace::reader::tui
