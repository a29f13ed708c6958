// How the dumper sleeps. Guests ring the futex word of the control page; deaths, new segments and signals come by
// descriptors and handlers. One thread waits on the descriptors and rings the same bell, so that the dumper has one
// thing to wait for.
#ifndef PYTRACE_DUMPER_DOORBELL_H_
#define PYTRACE_DUMPER_DOORBELL_H_

#include <atomic>
#include <cstdint>
#include <functional>

#include "ringbuf/layout.h"

namespace pytrace::dumper {

class Doorbell {
 public:
  // Lives as long as the process: its thread is never joined.
  explicit Doorbell(ring::Control* control);

  // Rings when `fd` becomes readable (each time, once). Closing the descriptor ends it.
  void Watch(int fd);
  // A watched descriptor has rung since the last time that this was asked.
  bool DescriptorRang() { return rang_.exchange(false, std::memory_order_acquire); }

  // Also for signal handlers.
  void Ring();
  // Sleeps until it rings, `ns` at most. `news` is asked once more after guests have been told that the dumper sleeps;
  // true: no sleep.
  void Sleep(int64_t ns, const std::function<bool()>& news);

 private:
  void Wait(uint32_t seen, int64_t ns);
  static void* Listen(void* self);

  ring::Control* control_;
  int epoll_ = -1;
  std::atomic<bool> rang_{false};
};

}  // namespace pytrace::dumper

#endif  // PYTRACE_DUMPER_DOORBELL_H_
