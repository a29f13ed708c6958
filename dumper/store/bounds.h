// How large the numbers are that readers let in. In a damaged database they may be anything; cut back to these where
// they are read, neither sums nor differences of a few of them overflow, and no reader has to look at them again.
#ifndef PYTRACE_DUMPER_STORE_BOUNDS_H_
#define PYTRACE_DUMPER_STORE_BOUNDS_H_

#include <algorithm>
#include <cstdint>

namespace pytrace::store {

inline constexpr int64_t kMostNs = int64_t{1} << 61;  // 73 years, of times and durations; blocks beyond it are damaged
inline constexpr int64_t kMaxId = int64_t{1} << 61;   // of calls

// Times, durations, counts and ids of calls.
inline int64_t Bounded(int64_t number) { return std::clamp<int64_t>(number, 0, kMostNs); }

// For sums over any number of calls: the durations of sound ones may add up to more than there is, too. A sum stays
// within twice the bound.
inline void AddTo(int64_t* sum, int64_t bounded) {
  *sum = std::clamp(*sum + bounded, -2 * kMostNs + 1, 2 * kMostNs - 1);
}

}  // namespace pytrace::store

#endif  // PYTRACE_DUMPER_STORE_BOUNDS_H_
