// Greenlets: C code swaps the C stack under the interpreter, so that a thread has several stacks of Python frames. Each
// is a strand; the records of a ring are about one strand at a time (record.proto: Strand).
//
// Nobody tells when a thread switches. It shows at the next start or end of a call: the outermost frame below it is
// another one. So a strand is known by its outermost Python frame, which lives as long as the strand has calls; one
// without open calls is used again for whatever comes. All this is switched on when a module named as below is met for
// the first time (BeginStrands), and costs a program without greenlets nothing.
#ifndef PYTRACE_PRELOAD_STRANDS_H_
#define PYTRACE_PRELOAD_STRANDS_H_

#include <cstddef>
#include <cstdint>

#include "preload/thread_state.h"

namespace pytrace {

struct Strand {
  uint32_t id = 0;               // Strand.id; 0: the thread's own
  const void* bottom = nullptr;  // its outermost frame
  // Eval-frame hook: the frame of the newest call that goes through this strand's bookkeeping.
  const void* frame = nullptr;
  // While another one runs: ThreadState's fields of the same names.
  uint64_t newest = 0;
  uint32_t suppressed = 0;
  ThreadState::Open *top = nullptr, *stack = nullptr, *stack_end = nullptr;
  Strand* next = nullptr;  // in its bucket, or of those without calls
};

// Of one thread. Allocated when it is first needed, under the GIL, and never on a call's usual way.
struct Strands {
  Strand root;
  Strand* running = &root;
  uint64_t began;  // serials up to here began on the root before strands were told apart
  Strand** buckets = nullptr;
  uint32_t bucket_count = 0, known = 0;  // `known`: in the buckets
  Strand* idle = nullptr;
  uint32_t last_id = 0;
};

// Whether importing a module of this name brings greenlets.
bool BringsGreenlets(const char* module, size_t size);
// From now on all threads tell their strands apart.
void BeginStrands();

// Runs the strand whose outermost frame is `bottom`: the one that is known by it, else the one that runs if it has no
// calls, else a new one. Without memory the one that runs goes on.
void RunStrandOf(ThreadState& thread, const void* bottom);
void RunStrand(ThreadState& thread, Strand* strand);
// Says in the ring which strand runs. There must be room for a record.
void TellStrand(ThreadState& thread);

void FreeStrands(ThreadState& thread);

}  // namespace pytrace

#endif  // PYTRACE_PRELOAD_STRANDS_H_
