// Calls -> events. A call is up to two events: its start, and its end when it is known. This walks them in order of
// time, forward from any call, decoding only the blocks that it passes.
//
// Order: by time; at equal times ends come before starts, and of two ends the younger call's first. (Within a thread no
// two events are equal.)
#ifndef PYTRACE_DUMPER_STORE_EVENTS_H_
#define PYTRACE_DUMPER_STORE_EVENTS_H_

#include <cstdint>
#include <memory>

#include "dumper/store/call_filter.h"
#include "dumper/store/database.h"

namespace pytrace::store {

enum class EventKind : uint8_t { kCall, kResume, kReturn, kException, kYield, kLog, kLost };
const char* KindName(EventKind kind);  // call return exception yield resume log lost
EventKind KindOf(Outcome outcome);     // of an end

struct Event {
  EventKind kind;
  int64_t time_ns;
  int64_t call_id;  // 0 for log and lost outside any call
  uint32_t thread;
  uint32_t function;  // 0 for log and lost
  uint32_t depth;
  // Where the call lies, while the walker's blocks last: nullptr for ends of calls whose block was let go or lies
  // before the start of the walk (use Database::ReadBlock).
  std::shared_ptr<const DecodedBlock> block;
  uint32_t row = 0;
  const Loss* loss = nullptr;
  const LogRow* log = nullptr;
};

class EventWalker {
 public:
  // Starts before the first event at or after the start of call `first_id` (0: the oldest kept). `values`: decode args
  // and results too.
  // `filter`: only the events of calls that match it, and losses and logs of its threads; blocks without such calls are
  // not decoded.
  EventWalker(Database* database, int64_t first_id, bool values, const CallFilter& filter = {});
  ~EventWalker();
  // false at the end (or on an error: database->error()). While the recording goes on, later calls may give more after
  // Database::Refresh().
  bool Next(Event* event);
  // The last Next gave nothing because of an error.
  bool failed() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace pytrace::store

#endif  // PYTRACE_DUMPER_STORE_EVENTS_H_
