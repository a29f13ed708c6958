// Sums over the calls that are shown: by function, by caller and callee, by thread. Made block by block.
#ifndef PYTRACE_READER_PROFILE_H_
#define PYTRACE_READER_PROFILE_H_

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "reader/call_walk.h"

namespace pytrace::reader {

struct FunctionSums {
  uint32_t function = 0;
  int64_t calls = 0, exceptions = 0;
  int64_t total_ns = 0, self_ns = 0;    // of calls that ended; those of a recursion count each
  int64_t longest_ns = 0, slowest = 0;  // `slowest`: its id
};
struct EdgeSums {
  int64_t calls = 0, total_ns = 0;
};
struct ThreadSums {
  static constexpr size_t kSlots = 64;
  int64_t calls = 0, exceptions = 0;
  int64_t first_ns = 0, last_ns = 0, first_call = 0;
  int64_t self_ns = 0, longest_ns = 0, slowest = 0;  // as those of a function
  int64_t busy_ns = 0;                     // in calls that no other shown call made
  std::array<int64_t, kSlots> slots = {};  // calls by their start, over the time of all threads
};

class Profile {
 public:
  using Deadline = std::chrono::steady_clock::time_point;

  explicit Profile(Window* window) : window_(window) { Reset(); }
  void Reset();
  bool Work(Deadline deadline);  // whether anything is left
  bool done() const { return !walk_.has_value(); }
  void Cancel() { walk_.reset(); }
  int percent() const;

  std::vector<FunctionSums> Functions() const;  // those with calls
  // Functions that called `function`, or that it called; the caller 0 is none.
  std::vector<std::pair<uint32_t, EdgeSums>> Callers(uint32_t function) const;
  std::vector<std::pair<uint32_t, EdgeSums>> Callees(uint32_t function) const;
  const std::map<uint32_t, ThreadSums>& threads() const { return threads_; }
  int64_t first_ns() const { return first_ns_; }
  int64_t last_ns() const { return last_ns_; }

 private:
  void Add(const CallWalk& walk);

  Window* window_;
  std::optional<CallWalk> walk_;
  size_t blocks_ = 0;
  int64_t first_ns_ = 0, last_ns_ = 0;
  std::vector<FunctionSums> functions_;  // by id
  std::unordered_map<uint64_t, EdgeSums> edges_;
  std::map<uint32_t, ThreadSums> threads_;
};

}  // namespace pytrace::reader

#endif  // PYTRACE_READER_PROFILE_H_
