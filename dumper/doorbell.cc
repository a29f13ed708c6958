#include "dumper/doorbell.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>

namespace pytrace::dumper {
namespace {

// The first part of each sleep is not announced: a guest that makes records all the time rings a thousand times a
// second at most.
constexpr int64_t kUnannouncedNs = 1'000'000;

}  // namespace

Doorbell::Doorbell(ring::Control* control) : control_(control), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  if (epoll_ < 0) return;
  // Signals are for the main thread.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_t thread;
  if (pthread_create(&thread, nullptr, Listen, this) == 0) pthread_detach(thread);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void Doorbell::Watch(int fd) {
  if (fd < 0 || epoll_ < 0) return;
  struct epoll_event event = {};
  event.events = EPOLLIN | EPOLLET;
  epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
}

void* Doorbell::Listen(void* self) {
  auto* bell = static_cast<Doorbell*>(self);
  struct epoll_event events[16];
  for (;;) {
    int n = epoll_wait(bell->epoll_, events, 16, -1);
    if (n < 0 && errno != EINTR) return nullptr;
    if (n <= 0) continue;
    bell->rang_.store(true, std::memory_order_release);
    bell->Ring();
  }
}

void Doorbell::Ring() {
  control_->doorbell.fetch_add(1, std::memory_order_release);
  syscall(SYS_futex, &control_->doorbell, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
}

void Doorbell::Wait(uint32_t seen, int64_t ns) {
  struct timespec timeout = {ns / 1'000'000'000, ns % 1'000'000'000};
  syscall(SYS_futex, &control_->doorbell, FUTEX_WAIT, seen, &timeout, nullptr, 0);
}

void Doorbell::Sleep(int64_t ns, const std::function<bool()>& news) {
  if (ns <= 0) return;
  uint32_t seen = control_->doorbell.load(std::memory_order_acquire);
  if (rang_.load(std::memory_order_acquire)) return;
  int64_t first = std::min(ns, kUnannouncedNs);
  Wait(seen, first);
  if (ns == first || control_->doorbell.load(std::memory_order_acquire) != seen) return;
  // seq_cst, and news is looked at after it: either we see the guest's record or the guest sees that we sleep.
  control_->sleeping.store(1, std::memory_order_seq_cst);
  if (!news()) Wait(seen, ns - first);
  control_->sleeping.store(0, std::memory_order_seq_cst);
}

}  // namespace pytrace::dumper
