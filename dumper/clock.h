// Counter ticks -> nanoseconds since the epoch.
//
// A recording needs times that never run backwards, fit across processes, and are near the wall clock. So wall time
// here is the machine's steady clock plus one offset, fixed when the dumper starts: a later step of the wall clock
// moves nothing. Against that time each counter is a chain of straight lines, each beginning where the one before ends;
// once a second the line is aimed anew, so that the counter's drift is made good within the next second.
#ifndef PYTRACE_DUMPER_CLOCK_H_
#define PYTRACE_DUMPER_CLOCK_H_

#include <cstdint>
#include <vector>

#include "ringbuf/layout.h"

namespace pytrace::dumper {

// A counter and the time, read at the same moment.
struct Reading {
  uint64_t ticks;
  int64_t ns;
};

// The lines of one counter.
class TickClock {
 public:
  // Passes through `now`. `ns_per_tick` must be positive.
  TickClock(Reading now, double ns_per_tick);

  // Monotone in `ticks`. Before the oldest line and beyond the newest it goes on straight, and stays within [0,
  // kFarFuture].
  int64_t ToNs(uint64_t ticks) const {
    uint64_t since = ticks - newest_.ticks;
    if (since > kNearTicks) [[unlikely]]
      return ToNsFar(ticks);
    return newest_.ns + static_cast<int64_t>(static_cast<unsigned __int128>(since) * newest_.rate >> 32);
  }

  // Corrects the course: the line that begins now meets the time in a second. After a jump (the counter began anew, the
  // machine slept) it begins at the time itself, but never before what the old line has reached.
  void Aim(Reading now);

  double ns_per_tick() const { return ns_per_tick_; }

  static constexpr int64_t kFarFuture = int64_t{1} << 62;

 private:
  struct Line {
    uint64_t ticks;  // where it begins
    int64_t ns;
    uint64_t rate;  // nanoseconds per tick, times 2^32
  };
  static constexpr uint64_t kNearTicks = uint64_t{1} << 42;

  int64_t ToNsFar(uint64_t ticks) const;
  void Begin(Line line);

  Line newest_;
  std::vector<Line> older_;  // by rising ticks
  Reading base_;             // where ns_per_tick_ is measured from
  double ns_per_tick_;
};

// All clocks of a recording.
class Clocks {
 public:
  // Measures the counter against the steady clock for two milliseconds.
  Clocks();

  // A segment knows what both clocks showed when it was made; if that was long enough ago the counter's rate is taken
  // from there.
  void Calibrate(uint64_t start_ticks, int64_t start_monotonic_ns);
  // Makes the clock `which` show `ns` at `ticks`: an earlier dumper of the same recording has said so. Before times are
  // used.
  void ShowAt(ring::Clock which, uint64_t ticks, int64_t ns);
  // Where now is before `ns` moves the time forward, so that `first` becomes it: a database is in the order of time even
  // if the wall clock was set back since. `first`: the time of the first event that is to come, if that is not long before now.
  void NotBefore(int64_t ns, int64_t first);

  const TickClock& Of(ring::Clock which) const { return which == ring::Clock::kTsc ? counter_ : monotonic_; }
  // By the slowest of the clocks: no record that is written from now on has an earlier time.
  int64_t Now() const;
  void Aim();

 private:
  void Shift(int64_t ns);

  int64_t offset_;  // wall time - steady time
  Reading first_;   // counter and steady clock, for the rate
  TickClock counter_, monotonic_;
};

// Steady time that goes on while the machine sleeps.
int64_t SteadyNs();

}  // namespace pytrace::dumper

#endif  // PYTRACE_DUMPER_CLOCK_H_
