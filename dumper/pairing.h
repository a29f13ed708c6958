// Enter + Leave = call. Each ring is a stack of open calls; calls of all rings go to one block in the order of their
// starts.
//
// Times given to readers: start_ns never falls with id, and each event of a thread is later than the one before it by 1
// ns at least.
#ifndef PYTRACE_DUMPER_PAIRING_H_
#define PYTRACE_DUMPER_PAIRING_H_

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "dumper/block_builder.h"
#include "dumper/store/block.h"
#include "dumper/store/writer.h"
#include "ringbuf/record/decode.h"

namespace pytrace::dumper {

// A functions.id with flags: whether it is the body of __main__, and whether the call is a run of a task's coroutine.
// Zero is no function.
class FunctionRef {
 public:
  FunctionRef() = default;
  FunctionRef(uint32_t id, bool main) : bits_((id & ~(kMain | kTask)) | (main ? kMain : 0)) {}
  uint32_t id() const { return bits_ & ~(kMain | kTask); }
  bool main() const { return (bits_ & kMain) != 0; }
  bool task() const { return (bits_ & kTask) != 0; }
  void SetTask() { bits_ |= kTask; }
  bool known() const { return bits_ != 0; }

 private:
  static constexpr uint32_t kMain = uint32_t{1} << 31, kTask = uint32_t{1} << 30;
  uint32_t bits_ = 0;
};

struct OpenCall {
  int64_t id = 0;       // of the call
  uint64_t serial = 0;  // in its ring
  int64_t start_ns = 0;
  int64_t children_ns = 0;
  FunctionRef function;
};

// A stack of open calls. To readers each is a thread of its own.
struct Strand {
  uint32_t thread = 0;  // threads.id; 0: not known so far
  std::vector<OpenCall> open;
};

// What pairing knows of a ring's generation, that is, of a thread: the strand that runs, and those that wait.
struct RingCalls : Strand {
  uint32_t strand = 0;
  uint64_t next_serial = 1;
  int64_t last_ns = 0;                           // newest event
  int64_t ended_task_run = 0;                    // calls.id of the newest run of a task's coroutine that has ended
  std::unordered_map<uint32_t, Strand> waiting;  // by Strand.id; not the one that runs

  // The ring's records are about strand `id` from now on.
  void RunStrand(uint32_t id);
};

class Pairing {
 public:
  // `block` is what LoadNewestBlock gave.
  Pairing(store::Writer* writer, store::Block block);

  // Rings whose stacks go into keyframes; the pointers must stay good.
  void Add(RingCalls* ring) { rings_.push_back(ring); }
  void Remove(RingCalls* ring) { std::erase(rings_, ring); }

  // The events, in the order of time over all rings. `ns` may be anything; it is moved where the rules above need it.
  // `readable`: bytes from the beginning of the values that may be read, at least their size.
  void Enter(RingCalls* ring, int64_t ns, FunctionRef function, const record::Enter& enter, size_t readable);
  // True: it was the end of a call, at ring->last_ns; *ended is the function.
  bool Leave(RingCalls* ring, int64_t ns, const record::Leave& leave, size_t readable, FunctionRef* ended);
  void Lose(RingCalls* ring, int64_t ns, const record::Loss& loss);
  // A place in the order of the ring's events that is none of the above.
  int64_t Stamp(RingCalls* ring, int64_t ns) { return ring->last_ns = std::max(ns, ring->last_ns + 1); }

  int64_t newest_call() const { return block_.next_id() - 1; }
  int64_t last_start_ns() const { return last_start_ns_; }
  // Hands the partial block and the counters to the writer, for a commit.
  void Flush();

 private:
  void NextBlock();
  void CloseNewerThan(RingCalls* ring, uint64_t serial);

  // What a function has gained since the last Flush. A call counts when it begins and has a duration when it ends, so
  // all zero means none.
  struct Count {
    int64_t calls = 0, exceptions = 0, total_ns = 0, self_ns = 0;
  };
  Count& CountOf(uint32_t function) {
    if (function >= counts_.size()) [[unlikely]]
      return FirstCount(function);
    Count& count = counts_[function];
    return (count.calls | count.total_ns) != 0 ? count : FirstCount(function);
  }
  Count& FirstCount(uint32_t function);

  store::Writer* writer_;
  BlockBuilder block_;
  bool block_dirty_ = false;
  int64_t last_start_ns_ = 0;
  std::vector<Count> counts_;      // by functions.id
  std::vector<uint32_t> changed_;  // the functions whose counts are not zero
  std::vector<RingCalls*> rings_;
};

__attribute__((always_inline)) inline void Pairing::Enter(RingCalls* ring, int64_t ns, FunctionRef function,
                                                          const record::Enter& enter, size_t readable) {
  uint64_t serial = ring->next_serial;
  if (enter.has_parent) [[unlikely]]
    CloseNewerThan(ring, enter.parent);
  if (enter.call != 0) [[unlikely]]
    serial = enter.call;
  if (!ring->open.empty() && ring->open.back().serial >= serial) [[unlikely]]
    CloseNewerThan(ring, serial - 1);
  ring->next_serial = serial + 1;
  if (block_.size() == 0 || block_.full()) [[unlikely]]
    NextBlock();
  int64_t start = std::max({ns, ring->last_ns + 1, last_start_ns_});
  ring->last_ns = last_start_ns_ = start;
  auto kind = enter.start <= static_cast<uint32_t>(store::Start::kThrow) ? static_cast<store::Start>(enter.start)
                                                                         : store::Start::kCall;
  uint32_t row = block_.Add(function.id(), ring->thread, start, static_cast<uint32_t>(ring->open.size()), kind,
                            enter.frame, enter.values, readable);
  block_dirty_ = true;
  CountOf(function.id()).calls++;
  // In place: a copy of a whole OpenCall would wait for its fields to reach memory.
  OpenCall& call = ring->open.emplace_back();
  call.id = block_.first_id() + row;
  call.serial = serial;
  call.start_ns = start;
  call.function = function;
}

__attribute__((always_inline)) inline bool Pairing::Leave(RingCalls* ring, int64_t ns, const record::Leave& leave,
                                                          size_t readable, FunctionRef* ended) {
  if (leave.call != 0) [[unlikely]] {
    CloseNewerThan(ring, leave.call);
    if (!ring->open.empty() && ring->open.back().serial != leave.call) return false;
  }
  if (ring->open.empty()) [[unlikely]]
    return false;
  const OpenCall& call = ring->open.back();
  *ended = call.function;
  if (call.function.task()) [[unlikely]]
    ring->ended_task_run = call.id;
  int64_t end = Stamp(ring, ns);
  int64_t duration = end - call.start_ns;
  auto outcome = leave.outcome == 1   ? store::Outcome::kException
                 : leave.outcome == 2 ? store::Outcome::kYield
                                      : store::Outcome::kReturn;
  // A result that was not captured is not None: Value.omitted.
  std::string_view value = leave.has_value ? leave.value : std::string_view("\x80\x01\x01", 3);
  if (call.id >= block_.first_id() && !block_.crowded()) [[likely]] {
    block_.End(static_cast<uint32_t>(call.id - block_.first_id()), duration, outcome, value,
               leave.has_value ? readable : value.size());
    block_dirty_ = true;
  } else {
    writer_->AddLateEnd({call.id, end, call.children_ns, outcome, std::string(value)});
  }
  Count& count = CountOf(call.function.id());
  count.exceptions += outcome == store::Outcome::kException;
  count.total_ns += duration;
  count.self_ns += duration - call.children_ns;
  ring->open.pop_back();
  if (!ring->open.empty()) ring->open.back().children_ns += duration;
  return true;
}

}  // namespace pytrace::dumper

#endif  // PYTRACE_DUMPER_PAIRING_H_
