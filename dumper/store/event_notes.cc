#include "dumper/store/event_notes.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace pytrace::store {

void EventNotes::Load(Database* database, int64_t from_ns, const CallFilter& filter) {
  std::vector<Loss> all_losses;
  if (database->Losses(&all_losses)) {
    for (Loss& loss : all_losses) {
      if (loss.id > newest_loss_ && loss.time_ns >= from_ns && filter.threads.Has(loss.thread))
        losses_.push_back(std::move(loss));
    }
  }
  for (const Loss& loss : losses_) newest_loss_ = std::max(newest_loss_, loss.id);
  std::vector<LogRow> all_logs;
  if (database->Logs(&all_logs)) {
    for (LogRow& log : all_logs) {
      if (log.id > newest_log_ && log.time_ns >= from_ns && filter.threads.Has(log.thread))
        logs_.push_back(std::move(log));
    }
  }
  for (const LogRow& log : logs_) newest_log_ = std::max(newest_log_, log.id);
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
