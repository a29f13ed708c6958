#include "dumper/recorder.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <random>

#include "dumper/testing/machine.h"
#include "tests/unit/check.h"

namespace pytrace::dumper {
namespace {

using store::Outcome;
using testing::Begin;
using testing::FakeGuest;
using testing::FakeThread;
using testing::FakeWriter;
using testing::GuestOptions;
using testing::Machine;
using testing::NowTicks;
using testing::SeenCall;

TEST(RecordsOfALiveGuestBecomeCalls) {
  Machine m;
  FakeGuest guest(m.Options());
  FakeThread thread(&guest, 11);
  uint64_t t = NowTicks();
  Begin(&thread, t);
  thread.Enter(1, t + 1000, [](auto* e) { e->Int(5); });
  thread.Enter(2, t + 2000);
  thread.Leave(t + 3000, 1, [](auto* e) { e->None(); });
  CHECK(m.Dump() == Recorder::Result::kTerminated);
  auto calls = m.database.Calls();
  CHECK_EQ(calls.size(), 2u);
  CHECK_EQ(calls[0].duration_ns, store::kOpen);
  CHECK(calls[0].args == "\x1a\2\x08\x0a");
  CHECK_EQ(calls[1].duration_ns, 1000);
  CHECK(calls[1].outcome == Outcome::kException);
  CHECK_EQ(calls[1].parent, 1);
  thread.Leave(t + 4000, 0, [](auto* e) { e->None(); });
  m.Dump();
  calls = m.database.Calls();
  CHECK_EQ(calls[0].duration_ns, 3000);
  CHECK_EQ(m.database.counts[1].self_ns, 2000);
  CHECK_EQ(m.Segments(), 1u);
  CHECK_EQ(m.database.processes[0].row.python, "3.11.2");
  CHECK_EQ(m.database.threads[0].name, "MainThread");
  CHECK(m.database.threads[0].main);
}

TEST(TimesAreWallClock) {
  Machine m;
  FakeGuest guest(m.Options());
  FakeThread thread(&guest, 11);
  Begin(&thread, NowTicks());
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  thread.Enter(1, NowTicks());
  m.Dump();
  CHECK(std::abs(m.database.Calls()[0].start_ns - (now.tv_sec * 1'000'000'000 + now.tv_nsec)) < 50'000'000);
}

TEST(DeadGuestIsDrainedAndItsFileGoes) {
  Machine m;
  m.DeadGuest([](FakeGuest* guest) {
    FakeThread thread(guest, 11);
    Begin(&thread, NowTicks());
    thread.Enter(1, NowTicks());
  });
  CHECK_EQ(m.Segments(), 1u);
  CHECK(m.Dump() == Recorder::Result::kNothingLeft);
  CHECK_EQ(m.Segments(), 0u);
  CHECK_EQ(m.database.Calls().size(), 1u);
  CHECK(m.database.processes[0].ended_ns > m.database.processes[0].row.started_ns);
  CHECK(m.database.threads[0].ended_ns != 0);
}

TEST(EndThatWasCommittedIsNotReadAgain) {
  Machine m;
  m.DeadGuest([](FakeGuest* guest) {
    FakeThread thread(guest, 11);
    Begin(&thread, NowTicks());
    thread.Enter(1, NowTicks());
  });
  CHECK(m.Dump(FakeWriter::Death::kAfterCommit) == Recorder::Result::kFailed);
  CHECK_EQ(m.Segments(), 1u);
  m.Dump();
  CHECK_EQ(m.Segments(), 0u);
  CHECK_EQ(m.database.Calls().size(), 1u);
}

TEST(MainIsKnown) {
  Machine m;
  FakeGuest guest(m.Options());
  FakeThread thread(&guest, 11);
  uint64_t t = NowTicks();
  thread.Name(t, "MainThread", true);
  thread.Function(1, t, "<module>", true);
  thread.Function(2, t, "other");
  thread.Enter(2, t + 10);
  thread.Leave(t + 20);
  thread.Enter(1, t + 30);
  m.Dump();
  auto calls = m.database.Calls();
  CHECK_EQ(m.database.processes[0].main_ns, calls[1].start_ns);
  CHECK_EQ(m.database.processes[0].main_end_ns, 0);
  thread.Leave(t + 40);
  m.Dump();
  CHECK_EQ(m.database.processes[0].main_end_ns, calls[1].start_ns + 10);
}

TEST(ForkedAfterMainIsInMainAtOnce) {
  Machine m;
  auto options = m.Options();
  options.start_flags = ring::kForkedAfterMain;
  FakeGuest guest(options);
  m.Dump();
  CHECK_EQ(m.database.processes[0].main_ns, m.database.processes[0].row.started_ns);
}

TEST(RingsAreUsedAgain) {
  Machine m;
  FakeGuest guest(m.Options());
  for (int i = 0; i < 3; ++i) {
    FakeThread thread(&guest, 20 + i);
    Begin(&thread, NowTicks());
    for (int calls = 0; calls < 50; ++calls) {
      thread.Enter(1, NowTicks());
      thread.Leave(NowTicks());
    }
    thread.Enter(1, NowTicks());
    thread.Close();
    m.Dump();
    CHECK(thread.ring()->state.load() == ring::RingState::kFree);
  }
  CHECK_EQ(guest.segment()->header()->rings_used.load(), 1u);
  CHECK_EQ(m.database.threads.size(), 3u);
  auto calls = m.database.Calls();
  CHECK_EQ(calls.size(), 153u);
  for (const SeenCall& call : calls) CHECK_EQ(call.depth, 0u);
  CHECK(m.database.threads[0].ended_ns != 0 && m.database.threads[2].ended_ns != 0);
}

// The guest gets back what is committed; until then it needs memory that is new.
TEST(WhatANewProcessWritesIsCommittedInSmallPieces) {
  Machine m;
  GuestOptions options = m.Options();
  options.buffer_bytes = 128 << 20;
  FakeGuest guest(options);
  FakeThread thread(&guest, 11);
  Begin(&thread, NowTicks());
  thread.large_chunks = true;
  const std::string text(2000, 'x');
  for (int i = 0; i < 20'000; ++i) {  // 40 MB
    thread.Enter(1, NowTicks(), [&](auto* e) { e->AsciiStr(text.data(), text.size(), text.size()); });
    thread.Leave(NowTicks());
  }
  m.Dump();
  CHECK_EQ(m.database.Calls().size(), 20'000u);
  CHECK(m.database.commits >= 9);
}

TEST(RecordsOfManyRingsComeInTheOrderOfTime) {
  Machine m;
  std::mt19937 random(3);
  FakeGuest first(m.Options());
  FakeGuest second(m.Options());
  std::vector<std::unique_ptr<FakeThread>> threads;
  uint64_t t = NowTicks();
  for (int i = 0; i < 6; ++i) {
    threads.push_back(std::make_unique<FakeThread>(i % 2 ? &second : &first, 30 + i));
    Begin(threads.back().get(), t += 10, 3);
  }
  std::vector<uint32_t> tids;
  size_t thread = 0;
  for (int i = 0; i < 5000; ++i) {
    if (random() % 3 == 0) thread = random() % 6;  // runs of one thread, as under a GIL
    threads[thread]->Enter(1 + random() % 3, t += 5 + random() % 20);
    threads[thread]->Leave(t += 5);
    tids.push_back(30 + static_cast<uint32_t>(thread));
  }
  m.Dump();
  auto calls = m.database.Calls();
  CHECK_EQ(calls.size(), tids.size());
  bool same = true, rising = true;
  for (size_t i = 0; i < calls.size(); ++i) {
    same &= m.database.threads[calls[i].thread - 1].tid == tids[i];
    rising &= i == 0 || calls[i].start_ns > calls[i - 1].start_ns;
  }
  CHECK(same);
  CHECK(rising);
}

TEST(LossesAndLogsAreRows) {
  Machine m;
  FakeGuest guest(m.Options());
  FakeThread thread(&guest, 11);
  uint64_t t = NowTicks();
  Begin(&thread, t);
  thread.Enter(1, t += 10);
  thread.Log(t += 10, "hello");
  thread.Lose(t += 10, 3, 2, 5);
  CHECK_EQ(thread.Enter(2, t += 10), 5u);
  m.Dump();
  CHECK_EQ(m.database.logs.size(), 1u);
  CHECK_EQ(m.database.logs[0].text, "hello");
  CHECK_EQ(m.database.logs[0].call_id, 1);
  CHECK_EQ(m.database.losses.size(), 1u);
  CHECK_EQ(m.database.losses[0].mark.enters, 3u);
  CHECK_EQ(m.database.losses[0].before_call, 1);
}

TEST(DamageIsOneLossAndSparesOtherRings) {
  Machine m;
  FakeGuest guest(m.Options());
  FakeThread good(&guest, 11), bad(&guest, 12);
  uint64_t t = NowTicks();
  Begin(&good, t);
  bad.Name(t, "bad");
  bad.Enter(1, t + 5);
  bad.Raw("\x0a\x7f");
  bad.Enter(1, t + 7);
  good.Enter(1, t + 10);
  m.Dump();
  m.Dump();
  CHECK_EQ(m.database.Calls().size(), 2u);
  CHECK_EQ(m.database.losses.size(), 1u);
  CHECK_EQ(m.database.losses[0].mark.reason, 3u);
}

TEST(UnknownFunctionsAndKindsAreSurvived) {
  Machine m;
  FakeGuest guest(m.Options());
  FakeThread thread(&guest, 11);
  uint64_t t = NowTicks();
  thread.Name(t, "x");
  thread.Enter(4000000000u, t + 1);
  thread.Raw(std::string("\x7a\x02\x10\x01", 4));  // field 15
  thread.Enter(1, t + 3);
  m.Dump();
  CHECK_EQ(m.database.Calls().size(), 2u);
  CHECK_EQ(m.database.functions.size(), 1u);
  CHECK_EQ(m.database.functions[0].qualname, "?");
}

TEST(TimesFromTheFutureAreNow) {
  Machine m;
  FakeGuest guest(m.Options());
  FakeThread thread(&guest, 11);
  uint64_t t = NowTicks();
  Begin(&thread, t);
  thread.Enter(1, t + (uint64_t{1} << 55));
  m.Dump();
  auto calls = m.database.Calls();
  CHECK_EQ(calls.size(), 1u);
  CHECK(calls[0].start_ns < m.database.processes[0].row.started_ns + 10'000'000'000);
}

// Nobody waits for a time that a dead guest will not see: the dumper could not leave.
TEST(WhatADeadGuestSaysOfTheFutureIsNow) {
  Machine m;
  m.DeadGuest([](FakeGuest* guest) {
    FakeThread thread(guest, 11);
    Begin(&thread, NowTicks());
    thread.Enter(1, NowTicks() + 900'000'000);
  });
  CHECK(m.Dump() == Recorder::Result::kNothingLeft);
  CHECK_EQ(m.Segments(), 0u);
  CHECK_EQ(m.database.Calls().size(), 1u);
}

TEST(AfterAStopTheFirstCommitSaysThatItGoesOn) {
  Machine m;
  FakeGuest guest(m.Options());
  m.database.meta["stopped"] = "disk full";
  CHECK(m.Dump(FakeWriter::Death::kBeforeCommit) == Recorder::Result::kFailed);
  CHECK_EQ(m.database.processes.size(), 0u);
  CHECK(m.Dump(FakeWriter::Death::kBeforeCommit, ring::Stop::kDiskFull) == Recorder::Result::kFailed);
  CHECK(m.still_stopped);
  CHECK(m.Dump(FakeWriter::Death::kNone, ring::Stop::kDiskFull) == Recorder::Result::kTerminated);
  CHECK_EQ(m.database.meta["stopped"], "");
  CHECK(!m.still_stopped);
}

TEST(LossesThatTheGuestCouldNotTellAreRows) {
  Machine m;
  FakeGuest guest(m.Options());
  FakeThread thread(&guest, 11);
  thread.ring()->dropped[2].store(9);
  thread.ring()->untold[0].store(5);
  thread.ring()->untold[1].store(4);
  m.Dump();
  CHECK_EQ(m.database.losses.size(), 0u);
  thread.Close();
  m.Dump(FakeWriter::Death::kAfterCommit);
  m.Dump();
  CHECK_EQ(m.database.losses.size(), 1u);
  CHECK_EQ(m.database.losses[0].mark.enters, 5u);
  CHECK_EQ(m.database.losses[0].mark.leaves, 4u);
  CHECK_EQ(m.database.losses[0].mark.reason, 2u);
  CHECK_EQ(m.database.threads[0].tid, 11u);
}

TEST(FilesThatAreNoSegmentsAreLeftAlone) {
  Machine m;
  std::string path = m.rundir.path() + "/1-2.seg";
  FILE* f = fopen(path.c_str(), "w");
  fputs("hello", f);
  fclose(f);
  CHECK(m.Dump() == Recorder::Result::kNothingLeft);
  CHECK_EQ(m.database.processes.size(), 0u);
}

}  // namespace
}  // namespace pytrace::dumper
