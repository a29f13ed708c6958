// Mapped memory of a file that others may cut off, or that has holes on a full file system: a touch of what is not
// there is a SIGBUS, which would end the dumper and with it the recording of everybody else. Within a guarded range it
// finds zeros instead, there and in all of the range behind it.
#ifndef PYTRACE_RINGBUF_BUS_GUARD_H_
#define PYTRACE_RINGBUF_BUS_GUARD_H_

#include <cstddef>
#include <cstdint>

namespace pytrace::ring {

// For the thread that touches the memory: all guards belong to one thread. The first one sets the handler of SIGBUS,
// and what hits no range ends the process as ever.
class BusGuard {
 public:
  BusGuard(void* base, size_t bytes);
  ~BusGuard();
  BusGuard(const BusGuard&) = delete;
  BusGuard& operator=(const BusGuard&) = delete;

 private:
  friend struct BusGuards;

  uintptr_t base_;
  size_t bytes_;
  BusGuard* next_;
};

}  // namespace pytrace::ring

#endif  // PYTRACE_RINGBUF_BUS_GUARD_H_
