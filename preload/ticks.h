// The clock of the records.
#ifndef PYTRACE_PRELOAD_TICKS_H_
#define PYTRACE_PRELOAD_TICKS_H_

#include <time.h>

#include <cstdint>
#if defined(__x86_64__)
#include <cpuid.h>
#include <x86intrin.h>
#endif

namespace pytrace {

inline uint64_t MonotonicNs() {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1000000000u + now.tv_nsec;
}

#if defined(__x86_64__)
inline uint64_t ReadTsc() { return __rdtsc(); }

// Whether the TSC runs at one rate on all cores, through all power states: CPUID 0x80000007, EDX bit 8.
inline bool TscIsInvariant() {
  unsigned a, b, c, d;
  return __get_cpuid(0x80000007, &a, &b, &c, &d) && (d & 1u << 8);
}
#else
inline uint64_t ReadTsc() { return MonotonicNs(); }
inline bool TscIsInvariant() { return false; }
#endif

}  // namespace pytrace

#endif  // PYTRACE_PRELOAD_TICKS_H_
