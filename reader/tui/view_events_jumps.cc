// From a row to those that have to do with it, and to marks.
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include "reader/call_walk.h"
#include "reader/tui/view_events.h"
#include "reader/window_stack.h"

namespace pytrace::reader::tui {

void EventView::GoToPartner(bool to_end) {
  std::shared_ptr<const Page> page;
  size_t entry;
  if (!list_.Focused(&page, &entry)) return;
  EventRef event = window_->At(*page, entry);
  if (event.block == nullptr || (event.side == query::Side::kEnd) == to_end) return;
  int64_t duration = event.block->duration_ns[event.row], start = event.block->start_ns[event.row];
  if (duration < 0) return;
  follow_ = false;
  list_.GoTo(to_end ? EventKey{start + duration, EventKey::Rank::kEnd, event.call_id}
                    : EventKey{start, EventKey::Rank::kStart, event.call_id});
}

void EventView::GoToCaller() {
  std::shared_ptr<const Page> page;
  size_t entry;
  if (!list_.Focused(&page, &entry)) return;
  std::vector<store::OpenCall> stack = CallStack(*window_, *page, window_->At(*page, entry));
  if (stack.size() < 2) return;
  const store::OpenCall& caller = stack[stack.size() - 2];
  follow_ = false;
  list_.GoTo({caller.start_ns, EventKey::Rank::kStart, caller.id});
}

// To the longest or the first of the calls that the focused one made.
void EventView::GoToChild(bool want_longest) {
  Subject subject = Focus();
  CallFacts call;
  if (subject.call == 0 || !source_.Find(subject.call, &call)) return;
  child_ = std::make_unique<ChildSearch>(window_, call, want_longest);
}

// ^C keeps the longest one so far.
bool EventView::WorkOnChild(Deadline deadline) {
  if (child_->Work(deadline)) return true;
  CallFacts found = child_->found();
  child_.reset();
  if (found.id == 0) {
    message_ = "it made no call that is shown";
    return false;
  }
  follow_ = false;
  Leave();
  list_.GoTo({found.start_ns, EventKey::Rank::kStart, found.id});
  return false;
}

void EventView::ToSameThread(bool forward, int64_t count) {
  std::shared_ptr<const Page> page;
  size_t entry;
  if (!list_.Focused(&page, &entry)) return;
  uint32_t thread = window_->At(*page, entry).thread;
  follow_ = false;
  list_.SearchEvents([thread](const EventRef& event) { return event.thread == thread; }, forward, count,
                     forward ? "this is the last event of its thread" : "this is the first event of its thread");
}

void EventView::ToSameFunction(bool forward, int64_t count) {
  uint32_t function = Focus().function;
  if (function == 0) return;
  follow_ = false;
  Leave();
  list_.SearchEvents(
      [function](const EventRef& event) { return event.function == function && event.side == query::Side::kStart; },
      forward, count, forward ? "this is its last call" : "this is its first call");
}

void EventView::ToException(bool forward, int64_t count) {
  follow_ = false;
  Leave();
  list_.SearchEvents([](const EventRef& event) { return event.kind == store::EventKind::kException; }, forward, count,
                     forward ? "no exception from here on" : "no exception before");
}

void EventView::Leave() { SetMark('\''); }

bool EventView::SetMark(Key letter) {
  if (list_.rows().empty()) return false;
  marks_[letter] = list_.rows()[list_.focus()].key;
  if (letter != '\'') marked_ns_ = marks_[letter].time_ns;
  return true;
}

bool EventView::SetMarkBelow(Key letter) {
  if (list_.rows().empty()) return false;
  marks_[letter] = list_.rows().back().key;
  marked_ns_ = marks_[letter].time_ns;
  return true;
}

bool EventView::GoToMark(Key letter) {
  auto mark = marks_.find(letter);
  if (mark == marks_.end()) return false;
  EventKey to = mark->second;
  Leave();
  follow_ = false;
  list_.GoTo(to);
  return true;
}

void EventView::GoToCall(int64_t id) {
  CallFacts facts;
  if (!source_.Find(id, &facts)) return;
  Leave();
  follow_ = false;
  list_.GoTo({facts.start_ns, EventKey::Rank::kStart, id});
}

// The first row from then on.
void EventView::GoToTime(int64_t ns) {
  Leave();
  follow_ = false;
  list_.GoTo({ns, EventKey::Rank::kEnd, std::numeric_limits<int64_t>::max()});
}

}  // namespace pytrace::reader::tui
