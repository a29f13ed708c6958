#include "reader/tui/event_list.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace pytrace::reader::tui {
namespace {

bool Passed(Deadline deadline) { return std::chrono::steady_clock::now() >= deadline; }

// How many rows are looked at before the clock.
constexpr int kRowsPerLook = 64;

}  // namespace

void EventList::SetHeight(int rows) {
  height_ = std::max(1, rows);
  while (static_cast<int>(rows_.size()) > height_) {
    if (focus_ >= height_ || focus_ + 1 == static_cast<int>(rows_.size())) {
      rows_.pop_front();
      --focus_;
      head_.valid = head_end_ = false;
    } else {
      rows_.pop_back();
      tail_.valid = tail_end_ = false;
    }
  }
}

void EventList::Begin(Goal goal) {
  goal_ = goal;
  placing_ = false;
  percent_ = 0;
  message_.clear();
}

void EventList::MoveBy(int64_t rows) { Begin(Goal::kMove), left_ = rows; }
void EventList::PageBy(int64_t rows) { Begin(Goal::kPage), left_ = rows; }
void EventList::First(int64_t row) { Begin(Goal::kFirst), left_ = std::max<int64_t>(1, row); }
void EventList::Last() { Begin(Goal::kLast); }
void EventList::GoTo(const EventKey& key) { Begin(Goal::kGoTo), target_ = key; }
void EventList::GoToCall(int64_t id) { Begin(Goal::kGoToCall), left_ = id; }

void EventList::Search(Matcher matches, bool forward, int64_t count) {
  if (rows_.empty()) {
    message_ = "nothing to search in";
    return;
  }
  Begin(Goal::kSearch);
  matches_ = std::move(matches);
  event_matches_ = nullptr;
  not_found_ = "Pattern not found";
  not_found_now_ = wrapped_ = false;
  forward_ = forward;
  left_ = std::max<int64_t>(1, count);
  bool exact;
  search_ = Locate(rows_[focus_].key, &exact);
  if (!exact && forward) --search_.index;
  search_start_ = search_.page;
}

void EventList::SearchEvents(EventMatcher matches, bool forward, int64_t count, std::string what) {
  Search(nullptr, forward, count);
  event_matches_ = std::move(matches);
  not_found_ = std::move(what);
}

void EventList::Cancel() {
  if (goal_ != Goal::kNone) message_ = "interrupted";
  goal_ = Goal::kNone;
}

void EventList::Changed(bool same) {
  reader_.Forget();
  head_.valid = tail_.valid = false;
  head_end_ = tail_end_ = false;
  if (same && !rows_.empty()) {
    bool exact;
    // What was open may have ended. A row whose block was let go keeps its text.
    for (Row& row : rows_) {
      Locate(row.key, &exact);
      if (exact) row.text.reset();
    }
    if (goal_ == Goal::kSearch) goal_ = Goal::kNone;
    return;
  }
  if (rows_.empty()) {
    First(1);
  } else {
    GoTo(rows_[focus_].key);
  }
  rows_.clear();
  focus_ = 0;
}

EventList::Cursor EventList::Locate(const EventKey& key, bool* exact) {
  *exact = false;
  Cursor cursor;
  cursor.valid = true;
  cursor.page = window_->PageOf(key);
  std::shared_ptr<const Page> page = window_->Get(cursor.page);
  if (page == nullptr) return cursor;
  auto at = std::lower_bound(page->entries.begin(), page->entries.end(), key,
                             [](const Page::Entry& entry, const EventKey& wanted) { return entry.key < wanted; });
  cursor.index = at - page->entries.begin();
  *exact = at != page->entries.end() && at->key == key;
  return cursor;
}

// Pages without entries are passed; the cursor remembers how far it came.
EventList::Step EventList::Advance(Cursor* cursor, bool forward, Deadline deadline, EventKey* key) {
  for (;;) {
    std::shared_ptr<const Page> page = window_->Get(cursor->page);
    int64_t size = page == nullptr ? 0 : static_cast<int64_t>(page->entries.size());
    int64_t next = forward ? cursor->index + 1 : std::min(cursor->index, size) - 1;
    if (next >= 0 && next < size) {
      cursor->index = next;
      *key = page->entries[next].key;
      return Step::kGot;
    }
    if (forward ? cursor->page + 1 >= window_->pages() : cursor->page == 0) return Step::kEnd;
    cursor->page += forward ? 1 : -1;
    cursor->index = forward ? -1 : std::numeric_limits<int64_t>::max();
    if (Passed(deadline)) return Step::kMore;
  }
}

std::shared_ptr<const RowText> EventList::Render(const Page& page, size_t entry) {
  auto text = std::make_shared<RowText>();
  reader_.Read(window_->At(page, entry), &text->event);
  MakeCallText(text->event, &text->call, brief_);
  return text;
}

EventList::Step EventList::Extend(bool forward, Deadline deadline) {
  Cursor* cursor = forward ? &tail_ : &head_;
  if (!cursor->valid && !rows_.empty()) {
    bool exact;
    *cursor = Locate((forward ? rows_.back() : rows_.front()).key, &exact);
    if (!exact && forward) --cursor->index;
  }
  Row row;
  Step step = Advance(cursor, forward, deadline, &row.key);
  if (step == Step::kEnd) (forward ? tail_end_ : head_end_) = true;
  if (step != Step::kGot) return step;
  // On the way of a long motion rows come and go unseen.
  if (std::abs(left_) <= height_ || goal_ != Goal::kMove) row.text = Render(*window_->Get(cursor->page), cursor->index);
  if (forward) {
    rows_.push_back(std::move(row));
  } else {
    rows_.push_front(std::move(row));
    ++focus_;
  }
  if (rows_.size() == 1) focus_ = 0;
  if (static_cast<int>(rows_.size()) <= height_) return step;
  if (forward) {
    rows_.pop_front();
    --focus_;
    head_.valid = head_end_ = false;
  } else {
    rows_.pop_back();
    tail_.valid = tail_end_ = false;
  }
  return step;
}

const RowText* EventList::TextOf(int row) {
  Row& at = rows_[row];
  if (at.text == nullptr) {
    bool exact;
    Cursor cursor = Locate(at.key, &exact);
    if (exact) at.text = Render(*window_->Get(cursor.page), cursor.index);
  }
  return at.text.get();
}

void EventList::SetBrief(bool brief) {
  brief_ = brief;
  for (Row& row : rows_) row.text.reset();
}

void EventList::FocusRow(int row) {
  if (row >= 0 && row < static_cast<int>(rows_.size())) focus_ = row;
}

bool EventList::TimeBefore(int row, int64_t* ns) {
  constexpr std::chrono::milliseconds kPatience{4};  // far away under a filter: then it is not said
  EventKey key;
  if (row > 0) {
    key = rows_[static_cast<size_t>(row) - 1].key;
  } else {
    bool exact;
    Cursor cursor = Locate(rows_.front().key, &exact);
    if (Advance(&cursor, false, std::chrono::steady_clock::now() + kPatience, &key) != Step::kGot) return false;
  }
  *ns = key.time_ns;
  return true;
}

bool EventList::Focused(std::shared_ptr<const Page>* page, size_t* entry) {
  if (rows_.empty()) return false;
  bool exact;
  Cursor cursor = Locate(rows_[focus_].key, &exact);
  if (!exact) return false;
  *page = window_->Get(cursor.page);
  *entry = cursor.index;
  return true;
}

int EventList::Position() {
  if (rows_.empty()) return 0;
  // What follows on later pages may all be hidden.
  if (tail_end_ && focus_ + 1 == static_cast<int>(rows_.size())) return 100;
  bool exact;
  Cursor cursor = Locate(rows_[focus_].key, &exact);
  std::shared_ptr<const Page> page = window_->Get(cursor.page);
  if (page == nullptr || page->entries.empty()) return 0;
  double part = static_cast<double>(cursor.index + 1) / static_cast<double>(page->entries.size());
  double pages = static_cast<double>(window_->pages());
  return std::min(99, static_cast<int>(100 * (static_cast<double>(cursor.page) + part) / pages));
}

double EventList::Fraction(int row) {
  bool exact;
  if (row >= static_cast<int>(rows_.size())) return 1;
  if (tail_end_ && row + 1 == static_cast<int>(rows_.size())) return 1;
  Cursor cursor = Locate(rows_[static_cast<size_t>(row)].key, &exact);
  std::shared_ptr<const Page> page = window_->Get(cursor.page);
  if (page == nullptr || page->entries.empty()) return 0;
  // By the call, as the marks are: much of a page may be hidden. Ends of older calls say nothing of the place.
  double part = static_cast<double>(cursor.index) / static_cast<double>(page->entries.size());
  for (int64_t at = cursor.index; at >= 0 && page->block != nullptr; --at) {
    const Page::Entry& entry = page->entries[static_cast<size_t>(at)];
    if (entry.from != Page::From::kStart) continue;
    part = static_cast<double>(entry.index) / static_cast<double>(page->block->size());
    break;
  }
  return (static_cast<double>(cursor.page) + part) / static_cast<double>(std::max<size_t>(1, window_->pages()));
}

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
      message_ = not_found_;
      goal_ = Goal::kNone;
      return true;
    }
    std::shared_ptr<const Page> page = window_->Get(search_.page);
    EventRef event = window_->At(*page, search_.index);
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
