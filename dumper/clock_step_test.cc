// The wall clock is set while something is recorded. Nobody sets the machine's clock here: this program has a
// clock_gettime of its own.
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <vector>

#include "dumper/clock.h"
#include "dumper/testing/machine.h"
#include "tests/unit/check.h"

namespace {
std::atomic<int64_t> wall_step_s{0};
}  // namespace

extern "C" int clock_gettime(clockid_t id, struct timespec* out) {
  int result = static_cast<int>(syscall(SYS_clock_gettime, id, out));
  if (id == CLOCK_REALTIME) out->tv_sec += wall_step_s.load();
  return result;
}

namespace pytrace::dumper {
namespace {

using testing::Begin;
using testing::FakeGuest;
using testing::FakeThread;
using testing::Machine;
using testing::NowTicks;

constexpr int64_t kSecond = 1'000'000'000, kDay = 24 * 3600;
constexpr uint64_t kLength = 5'000'000;  // of a call; one that is moved has 1 ns
constexpr int64_t kSteps[] = {kDay, -3 * kDay, 10 * 365 * kDay, -10 * 365 * kDay, 3600, -3600, 1, -1};

int64_t WallNs() {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  return t.tv_sec * kSecond + t.tv_nsec;
}

// Ids in the order of time, and every call as long as its guest says.
void CheckCalls(const testing::FakeDatabase& database, const std::vector<uint64_t>& lengths) {
  auto calls = database.Calls();
  CHECK_EQ(calls.size(), lengths.size());
  if (calls.size() != lengths.size()) return;
  bool in_order = true, right = true;
  for (size_t i = 0; i < calls.size(); ++i) {
    in_order &= i == 0 || calls[i].start_ns >= calls[i - 1].start_ns;
    right &= std::abs(calls[i].duration_ns - static_cast<int64_t>(lengths[i])) < 1'000'000;
  }
  CHECK(in_order);
  CHECK(right);
}

// A call of a given length that ends now.
void Call(FakeThread* thread, uint64_t length, std::vector<uint64_t>* lengths) {
  uint64_t now = NowTicks();
  thread->Enter(1, std::max(now - length, thread->writer().last_time + 1));
  lengths->push_back(now - thread->writer().last_time);
  thread->Leave(now);
}

TEST(TimeGoesOnWhateverTheWallClockDoes) {
  Clocks clocks;
  for (int64_t step : kSteps) {
    int64_t before = clocks.Now();
    wall_step_s += step;
    clocks.Aim();
    CHECK(clocks.Now() >= before);
    CHECK(clocks.Now() - before < 100 * kSecond);
  }
  wall_step_s = 0;
}

// For a process that lives on, the next dumper goes on with the time of the one before.
TEST(ADumperThatTakesOverAfterAStepTellsTheSameTime) {
  Machine m;
  FakeGuest guest(m.Options());
  FakeThread thread(&guest, 11);
  Begin(&thread, NowTicks());
  std::vector<uint64_t> lengths;
  Call(&thread, 1000, &lengths);
  m.Dump();
  int64_t began = WallNs();
  for (int64_t step : kSteps) {
    thread.Enter(1, NowTicks());  // over the step
    uint64_t entered = thread.writer().last_time;
    m.Dump();
    wall_step_s += step;
    thread.Leave(NowTicks());
    lengths.push_back(thread.writer().last_time - entered);
    Call(&thread, 1000, &lengths);
    m.Dump();
  }
  wall_step_s = 0;
  CheckCalls(m.database, lengths);
  for (const auto& call : m.database.Calls()) CHECK(std::abs(call.start_ns - began) < 1000 * kSecond);
}

// The next process is recorded at the new time, unless that is before what is in the database.
TEST(TheNextProcessIsAfterTheOneBefore) {
  Machine m;
  std::vector<uint64_t> lengths;
  auto process = [&] {
    lengths.push_back(kLength);
    m.DeadGuest([&](FakeGuest* guest) {
      FakeThread thread(guest, 11);
      uint64_t now = NowTicks();
      Begin(&thread, now);
      thread.Enter(1, now);
      while (NowTicks() < now + kLength) {
      }
      thread.Leave(now + kLength);
    });
    m.Dump();
  };
  process();
  wall_step_s = kDay;
  process();
  int64_t tomorrow = m.database.Calls().back().start_ns;
  CHECK(std::abs(tomorrow - WallNs()) < 1000 * kSecond);
  wall_step_s = -kDay;
  process();
  CHECK(m.database.Calls().back().start_ns >= tomorrow);
  CHECK(m.database.Calls().back().start_ns - tomorrow < 1000 * kSecond);
  wall_step_s = 0;
  CheckCalls(m.database, lengths);
}

// What a dead process left lies in the past or just now, however far the clock was set meanwhile.
TEST(LeftoversOfBeforeAStepAreReadWhole) {
  for (int64_t step : kSteps) {
    Machine m;
    std::vector<uint64_t> lengths;
    m.DeadGuest([](FakeGuest* guest) {
      FakeThread thread(guest, 11);
      uint64_t now = NowTicks();
      Begin(&thread, now - 40 * kLength);
      for (int i = 0; i < 20; ++i) {
        thread.Enter(1, now - (40 - 2 * i) * kLength);
        thread.Leave(now - (39 - 2 * i) * kLength);
      }
    });
    lengths.assign(20, kLength);
    int64_t then = WallNs();
    wall_step_s = step;
    m.Dump();
    int64_t now = WallNs();
    wall_step_s = 0;
    CHECK_EQ(m.Segments(), 0u);
    CheckCalls(m.database, lengths);
    for (const auto& call : m.database.Calls()) {
      CHECK(std::min(std::abs(call.start_ns - then), std::abs(call.start_ns - now)) < 1000 * kSecond);
    }
  }
}

// Leaves a segment of before the machine's last boot: made at the time `then`, by counters that showed `ticks`. Twenty
// calls.
void LeaveFromBeforeTheBoot(Machine* m, uint64_t ticks, int64_t then) {
  m->DeadGuest([&](FakeGuest* guest) {
    guest->segment()->header()->start_ticks = ticks;
    guest->segment()->header()->start_realtime_ns = static_cast<uint64_t>(then);
    FakeThread thread(guest, 11);
    Begin(&thread, ticks);
    for (int i = 0; i < 20; ++i) {
      thread.Enter(1, ticks += kLength);
      thread.Leave(ticks += kLength);
    }
  });
  struct timespec times[2] = {{then / kSecond, 0}, {then / kSecond, 0}};
  CHECK_EQ(m->Segments(), 1u);
  std::string segment = m->rundir.path() + "/" + Rundir(m->rundir.path()).Scan().at(0);
  CHECK_EQ(utimensat(AT_FDCWD, segment.c_str(), times, 0), 0);
}

int64_t AnHourBeforeTheBoot() { return WallNs() - SteadyNs() - 3600 * kSecond; }

// The counters began anew, so those of the segment say nothing about them. They may be far beyond.
TEST(LeftoversOfBeforeABootHaveTheirOwnTimes) {
  Machine m;
  const int64_t then = AnHourBeforeTheBoot();
  LeaveFromBeforeTheBoot(&m, NowTicks() + kDay * kSecond, then);
  m.Dump();
  CHECK_EQ(m.Segments(), 0u);
  CheckCalls(m.database, std::vector<uint64_t>(20, kLength));
  for (const auto& call : m.database.Calls()) {
    CHECK(call.start_ns >= then && call.start_ns < then + kSecond);
    CHECK_EQ(call.duration_ns, static_cast<int64_t>(kLength));
  }
}

// Nor do they say how long others have waited, which is what the time is moved by after a step back.
TEST(LeftoversOfBeforeABootDoNotMoveTheTime) {
  Machine m;
  auto process = [&m] {
    m.DeadGuest([](FakeGuest* guest) {
      FakeThread thread(guest, 12);
      Begin(&thread, NowTicks());
      thread.Enter(1, NowTicks());
    });
  };
  wall_step_s = kDay;
  process();
  m.Dump();
  int64_t tomorrow = m.database.Calls().back().start_ns;
  wall_step_s = 0;
  LeaveFromBeforeTheBoot(&m, 1, AnHourBeforeTheBoot());
  process();
  m.Dump();
  CHECK_EQ(m.database.Calls().size(), 22u);
  CHECK(m.database.Calls().back().start_ns >= tomorrow);
  CHECK(m.database.Calls().back().start_ns - tomorrow < 1000 * kSecond);
}

}  // namespace
}  // namespace pytrace::dumper
