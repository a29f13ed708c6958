#include "dumper/clock.h"

#include <time.h>

#include <algorithm>
#include <cmath>

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

namespace pytrace::dumper {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kJump = 50'000'000;  // no drift makes this much within a second
constexpr size_t kMaxLines = 4096;
constexpr int64_t kLongestWait = 3600 * kSecond;  // of records for a dumper: longer is not believed

int64_t ReadClock(clockid_t id) {
  struct timespec t;
  clock_gettime(id, &t);
  return t.tv_sec * kSecond + t.tv_nsec;
}

uint64_t ReadCounter() {
#if defined(__x86_64__)
  return __rdtsc();
#elif defined(__aarch64__)
  uint64_t ticks;
  asm volatile("mrs %0, cntvct_el0" : "=r"(ticks));
  return ticks;
#else
  return static_cast<uint64_t>(ReadClock(CLOCK_MONOTONIC));
#endif
}

// The tightest of a few tries: an interrupt between the two readings would look like drift.
template <class Ticks>
Reading Read(Ticks ticks) {
  Reading best = {};
  uint64_t best_gap = ~uint64_t{0};
  for (int i = 0; i < 5; ++i) {
    uint64_t before = ticks();
    int64_t ns = SteadyNs();
    uint64_t gap = ticks() - before;
    if (gap < best_gap) best_gap = gap, best = {before + gap / 2, ns};
  }
  return best;
}

Reading ReadCounterNow() { return Read(ReadCounter); }
Reading ReadMonotonicNow() {
  return Read([] { return static_cast<uint64_t>(ReadClock(CLOCK_MONOTONIC)); });
}

uint64_t Rate(double ns_per_tick) {
  return static_cast<uint64_t>(std::clamp(ns_per_tick * 4294967296.0, 1.0, 18446744073709549568.0));
}

double MeasureRate(Reading from) {
  struct timespec pause = {0, 2'000'000};
  nanosleep(&pause, nullptr);
  Reading now = ReadCounterNow();
  return now.ticks > from.ticks ? static_cast<double>(now.ns - from.ns) / static_cast<double>(now.ticks - from.ticks)
                                : 1.0;
}

}  // namespace

int64_t SteadyNs() { return ReadClock(CLOCK_BOOTTIME); }

// Begins in the past, so that what was written before we came takes the short way, too.
TickClock::TickClock(Reading now, double ns_per_tick)
    : newest_{now.ticks, now.ns, Rate(ns_per_tick)}, base_(now), ns_per_tick_(ns_per_tick) {
  uint64_t back = std::min(now.ticks, kNearTicks / 2);
  int64_t ns = static_cast<int64_t>(static_cast<unsigned __int128>(back) * newest_.rate >> 32);
  if (ns > now.ns) return;
  newest_.ticks -= back;
  newest_.ns -= ns;
}

int64_t TickClock::ToNsFar(uint64_t ticks) const {
  if (ticks >= newest_.ticks) {
    unsigned __int128 ns = static_cast<unsigned __int128>(ticks - newest_.ticks) * newest_.rate >> 32;
    return ns > static_cast<uint64_t>(kFarFuture - newest_.ns) ? kFarFuture : newest_.ns + static_cast<int64_t>(ns);
  }
  auto after = std::upper_bound(older_.begin(), older_.end(), ticks,
                                [](uint64_t t, const Line& line) { return t < line.ticks; });
  const Line& line = after == older_.begin() ? (older_.empty() ? newest_ : older_.front()) : after[-1];
  if (ticks >= line.ticks)
    return line.ns + static_cast<int64_t>(static_cast<unsigned __int128>(ticks - line.ticks) * line.rate >> 32);
  unsigned __int128 back = static_cast<unsigned __int128>(line.ticks - ticks) * Rate(ns_per_tick_) >> 32;
  return back > static_cast<uint64_t>(line.ns) ? 0 : line.ns - static_cast<int64_t>(back);
}

void TickClock::Begin(Line line) {
  if (older_.size() >= kMaxLines) older_.erase(older_.begin(), older_.begin() + kMaxLines / 2);
  older_.push_back(newest_);
  newest_ = line;
}

void TickClock::Aim(Reading now) {
  if (now.ticks <= newest_.ticks) {
    if (now.ticks == newest_.ticks) return;
    // The counter began anew: the old lines say nothing about its ticks.
    older_.clear();
    base_ = now;
    newest_ = {now.ticks, std::max(now.ns, newest_.ns), Rate(ns_per_tick_)};
    return;
  }
  int64_t reached = ToNs(now.ticks);
  int64_t behind = now.ns - reached;
  if (behind > kJump) {
    base_ = now;
    Begin({now.ticks, now.ns, Rate(ns_per_tick_)});
    return;
  }
  if (behind < -kJump) {
    base_ = now;
  } else if (now.ns - base_.ns >= kSecond / 10) {
    ns_per_tick_ = static_cast<double>(now.ns - base_.ns) / static_cast<double>(now.ticks - base_.ticks);
  }
  double aim = std::clamp(1.0 + static_cast<double>(behind) / kSecond, 1.0 / 16, 2.0);
  Begin({now.ticks, reached, Rate(ns_per_tick_ * aim)});
}

Clocks::Clocks()
    : offset_(ReadClock(CLOCK_REALTIME) - SteadyNs()),
      first_(ReadCounterNow()),
      counter_({first_.ticks, first_.ns + offset_}, MeasureRate(first_)),
      monotonic_({0, 0}, 1.0) {
  Reading now = ReadMonotonicNow();
  monotonic_ = TickClock({now.ticks, now.ns + offset_}, 1.0);
}

void Clocks::Calibrate(uint64_t start_ticks, int64_t start_monotonic_ns) {
  Reading now = ReadMonotonicNow();
  int64_t start_ns = start_monotonic_ns + (now.ns - static_cast<int64_t>(now.ticks));
  if (start_ticks >= first_.ticks || first_.ns - start_ns < kSecond / 100) return;
  double rate = static_cast<double>(first_.ns - start_ns) / static_cast<double>(first_.ticks - start_ticks);
  // The machine may have slept in between, or the segment is from before a reboot: then the two do not fit.
  if (std::abs(rate / counter_.ns_per_tick() - 1) > 1e-3) return;
  counter_ = TickClock({first_.ticks, first_.ns + offset_}, rate);
}

void Clocks::ShowAt(ring::Clock which, uint64_t ticks, int64_t ns) { Shift(ns - Of(which).ToNs(ticks)); }

void Clocks::NotBefore(int64_t ns, int64_t first) {
  int64_t now = Now();
  if (now < ns) Shift(ns - std::clamp(first, now - kLongestWait, now));
}

void Clocks::Shift(int64_t ns) {
  offset_ += ns;
  Reading counter = ReadCounterNow(), monotonic = ReadMonotonicNow();
  double rate = counter_.ns_per_tick();
  counter_ = TickClock({counter.ticks, counter_.ToNs(counter.ticks) + ns}, rate);
  monotonic_ = TickClock({monotonic.ticks, monotonic_.ToNs(monotonic.ticks) + ns}, 1.0);
}

int64_t Clocks::Now() const {
  return std::min(counter_.ToNs(ReadCounter()), monotonic_.ToNs(static_cast<uint64_t>(ReadClock(CLOCK_MONOTONIC))));
}

void Clocks::Aim() {
  Reading counter = ReadCounterNow(), monotonic = ReadMonotonicNow();
  counter_.Aim({counter.ticks, counter.ns + offset_});
  monotonic_.Aim({monotonic.ticks, monotonic.ns + offset_});
}

}  // namespace pytrace::dumper
