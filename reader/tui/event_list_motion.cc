// How a motion reaches its goal, slice by slice.
#include <algorithm>
#include <limits>
#include <utility>

#include "reader/tui/event_list.h"

namespace pytrace::reader::tui {
namespace {

bool Passed(Deadline deadline) { return std::chrono::steady_clock::now() >= deadline; }

// How many rows are looked at before the clock.
constexpr int kRowsPerLook = 64;

}  // namespace

bool EventList::Work(Deadline deadline) {
  while (goal_ != Goal::kNone) {
    if (!WorkOnGoal(deadline)) return true;
  }
  return Fill(deadline);
}

bool EventList::WorkOnGoal(Deadline deadline) {
  switch (goal_) {
    case Goal::kMove:
    case Goal::kPage:
      return StepMove(deadline);
    case Goal::kSearch:
      return StepSearch(deadline);
    case Goal::kNone:
      return true;
    default:
      return StepPlace(deadline);
  }
}

// One row, or as many as are on the screen already.
bool EventList::StepMove(Deadline deadline) {
  bool forward = left_ > 0;
  int last = static_cast<int>(rows_.size()) - 1;
  if (left_ == 0 || last < 0) {
    goal_ = Goal::kNone;
    return true;
  }
  int64_t on_screen = forward ? last - focus_ : focus_;
  int64_t step = std::min<int64_t>(std::abs(left_), on_screen);
  if (goal_ == Goal::kMove && step > 0) {
    focus_ += static_cast<int>(forward ? step : -step);
    left_ += forward ? -step : step;
    return true;
  }
  for (int i = 0; i < kRowsPerLook && left_ != 0; ++i) {
    int focus = focus_;
    Step got = Extend(forward, deadline);
    if (got == Step::kMore) return false;
    if (got == Step::kEnd) {
      // A page beyond the end takes the focus to the last row.
      if (goal_ == Goal::kPage)
        focus_ +=
            static_cast<int>(forward ? std::min<int64_t>(left_, last - focus_) : -std::min<int64_t>(-left_, focus_));
      goal_ = Goal::kNone;
      return true;
    }
    last = static_cast<int>(rows_.size()) - 1;
    focus_ = goal_ == Goal::kPage ? std::min(focus, last) : forward ? last : 0;
    left_ += forward ? -1 : 1;
  }
  return !Passed(deadline);
}

void EventList::Restart(Cursor cursor, int above) {
  rows_.clear();
  focus_ = 0;
  cursor.valid = true;
  head_ = tail_ = cursor;
  head_end_ = tail_end_ = false;
  above_ = above;
}

// Where a jump begins to look for its row.
EventList::Cursor EventList::Start() {
  constexpr int64_t kBehind = std::numeric_limits<int64_t>::max();
  bool exact;
  Cursor cursor;
  switch (goal_) {
    case Goal::kLast:
      cursor = {window_->pages() == 0 ? 0 : window_->pages() - 1, kBehind, true};
      break;
    case Goal::kGoTo:
      cursor = Locate(target_, &exact);
      --cursor.index;
      break;
    case Goal::kGoToCall: {
      cursor.page = window_->PageOfCall(left_);
      std::shared_ptr<const Page> page = window_->Get(cursor.page);
      if (page == nullptr) break;
      auto at = std::find_if(page->entries.begin(), page->entries.end(), [&](const Page::Entry& entry) {
        return entry.key.rank == EventKey::Rank::kStart && entry.key.id >= left_;
      });
      cursor.index = at - page->entries.begin() - 1;
      break;
    }
    default:
      break;
  }
  return cursor;
}

// The first row of a new screen; Fill adds the others.
bool EventList::StepPlace(Deadline deadline) {
  if (!placing_) {
    auto shown = std::find_if(rows_.begin(), rows_.end(), [&](const Row& row) { return row.key == target_; });
    if (goal_ == Goal::kGoTo && shown != rows_.end()) {
      focus_ = static_cast<int>(shown - rows_.begin());
      goal_ = Goal::kNone;
      return true;
    }
    Cursor start = Start();
    Restart(start, goal_ == Goal::kLast ? height_ - 1 : goal_ == Goal::kFirst ? 0 : height_ / 3);
    placing_ = true;
  }
  bool forward = goal_ != Goal::kLast;
  switch (Extend(forward, deadline)) {
    case Step::kMore:
      return false;
    case Step::kGot:
      (forward ? head_ : tail_) = forward ? tail_ : head_;
      head_end_ = false;
      tail_end_ = goal_ == Goal::kLast;
      if (goal_ == Goal::kFirst && left_ > 1) {
        MoveBy(left_ - 1);
      } else {
        goal_ = Goal::kNone;
      }
      return true;
    case Step::kEnd:
      // Nothing from there on: the last one before it.
      if (goal_ == Goal::kGoTo || goal_ == Goal::kGoToCall) {
        Last();
      } else {
        goal_ = Goal::kNone;
      }
      return true;
  }
  return true;
}

bool EventList::StepSearch(Deadline deadline) {
  EventKey key;
  for (int i = 0; i < kRowsPerLook; ++i) {
    Step step = Advance(&search_, forward_, deadline, &key);
    if (step == Step::kMore) break;
    if (step == Step::kEnd && wrap_ && !wrapped_) {
      wrapped_ = true;
      search_ = {forward_ ? 0 : window_->pages() - 1, forward_ ? -1 : std::numeric_limits<int64_t>::max(), true};
      break;
    }
    if (step == Step::kEnd) {
      not_found_now_ = true;
      if (search_from_) {
        GoTo(*search_from_);
      } else {
        goal_ = Goal::kNone;
      }
      message_ = not_found_;
      return true;
    }
    std::shared_ptr<const Page> page = window_->Get(search_.page);
    EventRef event = window_->At(*page, search_.index);
    if (may_match_ != nullptr && !may_match_(event)) continue;
    if (event_matches_ == nullptr) {
      reader_.Read(event, &scratch_.event);
      MakeCallText(scratch_.event, &scratch_.call);
    }
    if (!(event_matches_ != nullptr ? event_matches_(event) : matches_(scratch_)) || --left_ > 0) continue;
    std::string wrapped = wrapped_ ? "went on at the other end" : "";
    GoTo(key);
    message_ = std::move(wrapped);
    return true;
  }
  size_t to_go = forward_ ? window_->pages() - search_start_ : search_start_ + 1;
  size_t gone = forward_ ? search_.page - search_start_ : search_start_ - search_.page;
  if (wrapped_) gone = to_go;
  percent_ = static_cast<int>(100 * gone / std::max<size_t>(1, to_go));
  return !Passed(deadline);
}

// Rows above the focus as a jump wants them, then below until the screen is full, then above whatever is missing.
bool EventList::Fill(Deadline deadline) {
  if (rows_.empty()) return false;
  while (static_cast<int>(rows_.size()) < height_) {
    bool forward = !tail_end_ && (head_end_ || focus_ >= above_);
    if (forward ? tail_end_ : head_end_) {
      if (tail_end_ && head_end_) return false;
      above_ = forward ? height_ : 0;
      continue;
    }
    if (Extend(forward, deadline) == Step::kMore || Passed(deadline)) return true;
  }
  return false;
}

}  // namespace pytrace::reader::tui
