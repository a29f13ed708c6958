#include "dumper/store/event_notes.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace pytrace::store {

void EventNotes::Load(Database* database, int64_t from_ns, const CallFilter& filter) {
  auto add = [&](auto* all, auto* known, int64_t* newest) {
    int64_t before = *newest;
    for (auto& note : *all) {
      if (note.id <= before || note.time_ns < from_ns || !filter.threads.Has(note.thread)) continue;
      *newest = std::max(*newest, note.id);
      known->push_back(std::move(note));
    }
  };
  std::vector<Loss> losses;
  if (database->Losses(&losses)) add(&losses, &losses_, &newest_loss_);
  std::vector<LogRow> logs;
  if (database->Logs(&logs)) add(&logs, &logs_, &newest_log_);
}

bool EventNotes::Next(int64_t before_ns, const DecodedBlock& block, Event* event) {
  const Loss* loss = next_loss_ < losses_.size() ? &losses_[next_loss_] : nullptr;
  const LogRow* log = next_log_ < logs_.size() ? &logs_[next_log_] : nullptr;
  if (loss != nullptr && log != nullptr && log->time_ns < loss->time_ns) loss = nullptr;
  if (loss != nullptr && loss->time_ns < before_ns) {
    *event = Event();
    event->kind = EventKind::kLost;
    event->time_ns = loss->time_ns;
    event->thread = loss->thread;
    event->loss = loss;
    ++next_loss_;
    return true;
  }
  if (log != nullptr && log->time_ns < before_ns) {
    *event = Event();
    event->kind = EventKind::kLog;
    event->time_ns = log->time_ns;
    event->call_id = log->call_id;
    event->thread = log->thread;
    event->log = log;
    if (log->call_id >= block.first_id && log->call_id < block.next_id()) {
      event->depth = block.depth[log->call_id - block.first_id] + 1;
    }
    ++next_log_;
    return true;
  }
  return false;
}

}  // namespace pytrace::store
