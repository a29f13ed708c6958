// One thread's part of the recording. In initial-exec TLS: the library is preloaded, so its TLS lies in the static
// block, and an access is one instruction.
#ifndef PYTRACE_PRELOAD_THREAD_STATE_H_
#define PYTRACE_PRELOAD_THREAD_STATE_H_

#include <cstdint>

#include "ringbuf/writer.h"

namespace pytrace {

struct Strands;

struct ThreadState {
  // --- Touched on every call.
  ring::Writer writer;
  uint64_t newest = 0;  // serial of the newest open call that was recorded, 0: none
  uint64_t first_call =
      0;  // serials up to here belong to a ring that is no longer ours (before a fork): their ends are not recorded
  uint32_t suppressed = 0;  // depth of @notrace functions
  bool resync = false;      // records were lost: the next one names its call
  uintptr_t stack_low = 0;  // [stack_low, stack_guard): too deep for the eval-frame hook
  uintptr_t stack_guard = 0;

  // --- Monitoring only: open calls of this thread, by frame. serial 0: the start was not recorded.
  struct Open {
    const void* frame;
    uint64_t call;
    uint64_t parent;
  };
  Open* top = nullptr;    // the newest
  Open* stack = nullptr;  // stack[0] is a sentinel without a frame
  Open* stack_end = nullptr;

  // --- Greenlets, see strands.h.
  Strands* strands = nullptr;  // nullptr: strands are not told apart so far
  uint32_t strand = 0;         // Strand.id that runs
  uint32_t strand_told = 0;    // that the ring's records are about

  // --- Cold.
  ring::Ring* ring = nullptr;
  uint64_t lost_enters = 0, lost_leaves = 0, lost_others = 0;
  uint32_t lost_reason = 0;  // of the newest loss, Loss.Reason
  uint32_t chunks = 0;       // taken so far
  uint64_t epoch_bits = 0;   // process.epoch_bits when the ring was taken
  bool ended = false;        // the thread's destructor ran
};

extern __thread ThreadState thread_state __attribute__((tls_model("initial-exec")));

enum class What : uint8_t { kEnter, kLeave, kOther };

// Gives the writer room for `bytes` in front of `at`: takes the ring, the next chunk, waits when the buffer is full and
// configured to block. False: the record that was to be written is lost and has been counted as `what`. The only place
// where a guest waits.
bool MakeRoom(ThreadState& thread, uint32_t bytes, What what);

// Waits, some seconds at most, until what the thread has written is committed.
void WaitUntilCommitted(const ThreadState& thread);

// Before main, and for the child of a fork: registers the destructor that closes a thread's ring.
bool InitThreads();
void ForgetThread(ThreadState& thread);  // after fork

}  // namespace pytrace

#endif  // PYTRACE_PRELOAD_THREAD_STATE_H_
