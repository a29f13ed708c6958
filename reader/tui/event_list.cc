#include "reader/tui/event_list.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace pytrace::reader::tui {

void EventList::SetHeight(int rows) {
  height_ = std::max(1, rows);
  while (static_cast<int>(rows_.size()) > height_) {
    DropRow(focus_ >= height_ || focus_ + 1 == static_cast<int>(rows_.size()));
  }
}

void EventList::DropRow(bool first) {
  if (first) {
    rows_.pop_front();
    --focus_;
    head_.valid = head_end_ = false;
  } else {
    rows_.pop_back();
    tail_.valid = tail_end_ = false;
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

void EventList::Search(Matcher matches, bool forward, int64_t count, EventMatcher may_match) {
  if (rows_.empty()) {
    message_ = "nothing to search in";
    return;
  }
  SearchFrom(rows_[focus_].key, std::move(matches), forward, count, std::move(may_match));
  search_from_.reset();
}

void EventList::SearchFrom(const EventKey& from, Matcher matches, bool forward, int64_t count, EventMatcher may_match) {
  Begin(Goal::kSearch);
  matches_ = std::move(matches);
  event_matches_ = nullptr;
  may_match_ = std::move(may_match);
  not_found_ = "Pattern not found";
  not_found_now_ = wrapped_ = false;
  forward_ = forward;
  left_ = std::max<int64_t>(1, count);
  search_from_ = from;
  bool exact;
  search_ = Locate(from, &exact);
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
    if (std::chrono::steady_clock::now() >= deadline) return Step::kMore;
  }
}

std::shared_ptr<const RowText> EventList::Render(const Page& page, size_t entry) {
  auto text = std::make_shared<RowText>();
  EventRef event = window_->At(page, entry);
  text->aside = event.aside;
  reader_.Read(event, &text->event);
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
  DropRow(forward);
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

}  // namespace pytrace::reader::tui
