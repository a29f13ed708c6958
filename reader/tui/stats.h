// What the reader took, for whoever measures it: PYTRACE_READER_STATS names a file that gets it at the end, a name and
// a number in each line.
#ifndef PYTRACE_READER_TUI_STATS_H_
#define PYTRACE_READER_TUI_STATS_H_

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace pytrace::reader::tui {

class Stats {
 public:
  // Measures only where the variable is set.
  Stats();
  bool wanted() const { return !path_.empty(); }

  void Key();          // one came
  void Frame();        // what it changed is on the screen
  void SliceBegins();  // of work
  void SliceEnds(bool more);
  // `calls`: of the recording, for how many of them a second the longest job went through. false: *error.
  bool Write(int64_t calls, std::string* error) const;

 private:
  using Clock = std::chrono::steady_clock;
  static double Since(Clock::time_point then);  // milliseconds

  std::string path_;
  double first_frame_ms_ = 0;
  bool key_waits_ = false;
  Clock::time_point key_, slice_;
  std::vector<double> key_to_frame_;
  int64_t frames_ = 0, jobs_ = 0;
  double job_ms_ = 0, longest_job_ms_ = 0, longest_slice_ms_ = 0;
};

}  // namespace pytrace::reader::tui

#endif  // PYTRACE_READER_TUI_STATS_H_
