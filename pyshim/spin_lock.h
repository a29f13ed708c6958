// A lock for the few cold lines that threads without a common GIL may run at once. Holders never wait for anything.
#ifndef PYTRACE_PYSHIM_SPIN_LOCK_H_
#define PYTRACE_PYSHIM_SPIN_LOCK_H_

#include <atomic>
#include <cstdint>

namespace pytrace::py {

class SpinLock {
 public:
  explicit SpinLock(std::atomic<uint32_t>& word) : word_(word) {
    while (word_.exchange(1, std::memory_order_acquire)) {
#if defined(__x86_64__)
      __builtin_ia32_pause();
#endif
    }
  }
  ~SpinLock() { word_.store(0, std::memory_order_release); }
  SpinLock(const SpinLock&) = delete;
  SpinLock& operator=(const SpinLock&) = delete;

 private:
  std::atomic<uint32_t>& word_;
};

}  // namespace pytrace::py

#endif  // PYTRACE_PYSHIM_SPIN_LOCK_H_
