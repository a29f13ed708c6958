// How long many calls took, in classes of an eighth of a power of two.
#ifndef PYTRACE_READER_TUI_DURATIONS_H_
#define PYTRACE_READER_TUI_DURATIONS_H_

#include <array>
#include <cstdint>
#include <string>

namespace pytrace::reader::tui {

class Durations {
 public:
  void Add(int64_t ns);
  int64_t calls() const { return calls_; }
  int64_t longest_ns() const { return longest_ns_; }
  // That so large a part of the calls did not exceed.
  int64_t Quantile(double part) const;
  int64_t Below(int64_t ns) const;          // how many are in lower classes
  std::string Histogram(bool ascii) const;  // from the shortest to the longest

 private:
  std::array<int64_t, 64 * 8> classes_ = {};
  int64_t calls_ = 0, longest_ns_ = 0;
};

}  // namespace pytrace::reader::tui

#endif  // PYTRACE_READER_TUI_DURATIONS_H_
