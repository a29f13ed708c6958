#include "ringbuf/bus_guard.h"

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

namespace pytrace::ring {

// The list, for the handler.
struct BusGuards {
  static inline BusGuard* first = nullptr;
  static inline uintptr_t page = 0;

  static bool Mend(uintptr_t at) {
    for (BusGuard* guard = first; guard != nullptr; guard = guard->next_) {
      if (at - guard->base_ >= guard->bytes_) continue;
      uintptr_t begin = at & ~(page - 1);
      size_t bytes = guard->base_ + guard->bytes_ - begin;
      constexpr int kFlags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE;
      return mmap(reinterpret_cast<void*>(begin), bytes, PROT_READ | PROT_WRITE, kFlags, -1, 0) != MAP_FAILED;
    }
    return false;
  }

  static void OnBus(int, siginfo_t* info, void*) {
    // The touch is made once more when we return, and then ends the process.
    if (!Mend(reinterpret_cast<uintptr_t>(info->si_addr))) signal(SIGBUS, SIG_DFL);
  }

  static void SetHandler() {
    page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
    struct sigaction action = {};
    action.sa_sigaction = OnBus;
    action.sa_flags = SA_SIGINFO;
    sigaction(SIGBUS, &action, nullptr);
  }
};

BusGuard::BusGuard(void* base, size_t bytes) : base_(reinterpret_cast<uintptr_t>(base)), bytes_(bytes) {
  if (BusGuards::page == 0) BusGuards::SetHandler();
  next_ = BusGuards::first;
  BusGuards::first = this;
}

BusGuard::~BusGuard() {
  BusGuard** link = &BusGuards::first;
  while (*link != this) link = &(*link)->next_;
  *link = next_;
}

}  // namespace pytrace::ring
