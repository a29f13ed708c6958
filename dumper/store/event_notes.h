// Losses and logs among the events of a walk: what happened between calls, in the order of time.
#ifndef PYTRACE_DUMPER_STORE_EVENT_NOTES_H_
#define PYTRACE_DUMPER_STORE_EVENT_NOTES_H_

#include <cstdint>
#include <deque>

#include "dumper/store/call_filter.h"
#include "dumper/store/events.h"

namespace pytrace::store {

class EventNotes {
 public:
  // Reads those that have come since, from `from_ns` on, of the filter's threads.
  void Load(Database* database, int64_t from_ns, const CallFilter& filter);
  // The next one, when it is older than `before_ns`. `block`: the one that the walk is in, for the depth of a log.
  bool Next(int64_t before_ns, const DecodedBlock& block, Event* event);

 private:
  std::deque<Loss> losses_;  // by time; deques, as events point into them
  std::deque<LogRow> logs_;
  size_t next_loss_ = 0, next_log_ = 0;
  int64_t newest_loss_ = 0, newest_log_ = 0;
};

}  // namespace pytrace::store

#endif  // PYTRACE_DUMPER_STORE_EVENT_NOTES_H_
