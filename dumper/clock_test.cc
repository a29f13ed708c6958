#include "dumper/clock.h"

#include <cmath>
#include <cstdlib>
#include <random>

#include "tests/unit/check.h"

namespace pytrace::dumper {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kEpoch = 1'700'000'000 * kSecond;

TEST(OneRateIsOneLine) {
  TickClock clock({1'000'000, kEpoch}, 0.5);
  CHECK_EQ(clock.ToNs(1'000'000), kEpoch);
  CHECK_EQ(clock.ToNs(1'000'200), kEpoch + 100);
  CHECK_EQ(clock.ToNs(999'800), kEpoch - 100);
}

TEST(AnyTicksGiveATime) {
  TickClock clock({1'000'000, kEpoch}, 0.5);
  CHECK_EQ(clock.ToNs(~uint64_t{0}), TickClock::kFarFuture);
  CHECK(clock.ToNs(0) < kEpoch);
  TickClock old({uint64_t{1} << 62, kEpoch}, 1000.0);
  CHECK_EQ(old.ToNs(0), 0);
}

// A counter whose rate was measured 50 ppm wrong and drifts: no step at any aim, never backwards, and close to the
// time.
TEST(DriftIsMadeGoodWithoutAStep) {
  constexpr double kTrue = 1 / 2.9;
  int64_t now = kEpoch;
  double ticks = 5e9;
  TickClock clock({static_cast<uint64_t>(ticks), now}, kTrue * 1.00005);
  std::mt19937 random(1);
  int64_t last = 0, worst = 0;
  for (int second = 0; second < 200; ++second) {
    double rate = kTrue * (1 + 2e-6 * std::sin(second / 20.0));
    for (int i = 0; i < 100; ++i) {
      int64_t step = kSecond / 200 + random() % (kSecond / 100);
      now += step;
      ticks += static_cast<double>(step) / rate;
      int64_t ns = clock.ToNs(static_cast<uint64_t>(ticks));
      CHECK(ns > last);
      last = ns;
      if (second > 2) worst = std::max(worst, std::abs(ns - now));
    }
    int64_t before = clock.ToNs(static_cast<uint64_t>(ticks) + 1);
    clock.Aim({static_cast<uint64_t>(ticks), now});
    CHECK(std::abs(clock.ToNs(static_cast<uint64_t>(ticks) + 1) - before) <= 1);
  }
  CHECK(worst < 10'000);
}

TEST(OldTicksKeepTheirTime) {
  TickClock clock({1'000'000, kEpoch}, 1.0);
  int64_t then = clock.ToNs(1'500'000'000);
  for (int i = 1; i < 20; ++i) clock.Aim({1'000'000u + i * uint64_t{kSecond}, kEpoch + i * (kSecond + 20'000)});
  CHECK(std::abs(clock.ToNs(1'500'000'000) - then) < 50'000);
  int64_t first = clock.ToNs(1'500'000'000);
  clock.Aim({1'000'000u + 30 * uint64_t{kSecond}, kEpoch + 30 * (kSecond + 20'000)});
  CHECK_EQ(clock.ToNs(1'500'000'000), first);
}

TEST(SleepJumpsForward) {
  TickClock clock({0, kEpoch}, 1.0);
  clock.Aim({kSecond, kEpoch + 3600 * kSecond});
  CHECK_EQ(clock.ToNs(kSecond + 5), kEpoch + 3600 * kSecond + 5);
  CHECK(clock.ToNs(kSecond - 5) < kEpoch + 2 * kSecond);
}

TEST(ACounterThatBeginsAnewIsFollowed) {
  TickClock clock({uint64_t{1} << 50, kEpoch}, 1.0);
  clock.Aim({1000, kEpoch + kSecond});
  CHECK_EQ(clock.ToNs(1005), kEpoch + kSecond + 5);
}

// The time may stand nearly still until it is caught up with, but it does not run backwards.
TEST(TooFastIsSlowedDown) {
  TickClock clock({0, kEpoch}, 1.0);
  clock.Aim({10 * uint64_t{kSecond}, kEpoch + kSecond});
  int64_t reached = clock.ToNs(10 * uint64_t{kSecond});
  CHECK_EQ(reached, kEpoch + 10 * kSecond);
  int64_t later = clock.ToNs(11 * uint64_t{kSecond});
  CHECK(later > reached && later < reached + kSecond / 10);
}

TEST(ClocksShowWhatWasSaidBefore) {
  Clocks clocks;
  int64_t now = clocks.Now();
  clocks.NotBefore(now + 100 * kSecond, INT64_MAX);
  int64_t moved = clocks.Now();
  CHECK(moved >= now + 100 * kSecond && moved < now + 150 * kSecond);
  clocks.NotBefore(moved - kSecond, 0);
  CHECK(clocks.Now() < moved + 50 * kSecond);
  // What waits began three seconds ago.
  moved = clocks.Now();
  clocks.NotBefore(moved + 100 * kSecond, moved - 3 * kSecond);
  CHECK(clocks.Now() >= moved + 103 * kSecond);
  // Days ago: not believed.
  moved = clocks.Now();
  clocks.NotBefore(moved + 100 * kSecond, moved - 100 * 3600 * kSecond);
  CHECK(clocks.Now() < moved + 2 * 3600 * kSecond);
  clocks.ShowAt(ring::Clock::kMonotonicNs, 12345, kEpoch);
  CHECK(std::abs(clocks.Of(ring::Clock::kMonotonicNs).ToNs(12345) - kEpoch) <= 1);
  int64_t before = clocks.Now();
  clocks.Aim();
  CHECK(clocks.Now() >= before);
  CHECK(clocks.Now() < before + kSecond);
}

}  // namespace
}  // namespace pytrace::dumper
