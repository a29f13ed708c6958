// What this process is to the recording: one segment, one set of ids. Made when an interpreter is found, made anew
// after fork.
#ifndef PYTRACE_PRELOAD_PROCESS_H_
#define PYTRACE_PRELOAD_PROCESS_H_

#include <atomic>
#include <cstdint>

#include "preload/config.h"
#include "preload/ticks.h"
#include "pyshim/api.h"
#include "pyshim/type_table.h"
#include "ringbuf/segment.h"

namespace pytrace {

struct Process : py::Interpreter {
  // --- Read on every call, as are the first members of Interpreter.
  // Epoch in a code word's place: 1 in the first process, +1 after each fork (1023 wraps to 1).
  uint64_t epoch_bits = uint64_t{1} << 6;
  // What a code word is compared with: epoch_bits, or, when no call may go the short way, what no word is.
  uint64_t short_way = uint64_t{1} << 6;
  py::Ssize code_extra_index = 0;
  bool use_tsc = true;
  bool values = true;
  py::Limits limits;

  // --- Cold.
  Config config;
  ring::Segment segment;
  ring::Control* control = nullptr;
  char rundir[4096] = {};
  const char* mode = "none";
  const char* mode_reason = "";
  char python[32] = {};
  std::atomic<bool> off{false};      // no segment can be made: record nothing any more
  std::atomic<bool> opening{false};  // a thread is making the segment
  std::atomic<uint32_t> last_function{0};
  std::atomic<uint32_t> dumper_failures{0};
  std::atomic<uint64_t> dumper_started{0};  // monotonic ns of our last attempt
  bool main_seen = false;                   // __main__ has begun, here or in the parent before the fork
  bool forked = false;
  bool strands = false;                                     // greenlets may be about, see strands.h
  uint64_t (*load_word)(const py::Object* code) = nullptr;  // of the hook's version; nullptr: not hooked
  bool (*store_word)(py::Object* code, uint64_t word) = nullptr;
  py::Object* name_key = nullptr;         // interned "__name__"
  py::Object* get_name_key = nullptr;     // interned "get_name"
  py::Object* thread_name_key = nullptr;  // interned "_name"

  void SetShortWay() { short_way = strands ? ~uint64_t{0} : epoch_bits; }
  uint64_t Now() const { return use_tsc ? ReadTsc() : MonotonicNs(); }
};

extern Process process;

// The one line that we may write to stderr: tracing cannot work. Nothing in a forked child.
void Complain(const char* what, const char* why);

// Makes the segment and sees to a dumper. False: it cannot be (process.off is set then; the reason went to the control
// page or is the environment's).
bool OpenSegment();

// Starts a dumper when the lock is free. Rate-limited; cheap when one runs. False: none runs and none could be started,
// several times over.
bool EnsureDumper();

// Wakes the dumper if it sleeps.
void RingDoorbell();

// In the child of a fork.
void AfterForkInChild();

}  // namespace pytrace

#endif  // PYTRACE_PRELOAD_PROCESS_H_
