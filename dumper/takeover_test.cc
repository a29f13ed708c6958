// The dumper's program itself, killed again and again while a guest fills a small buffer and waits for it: every call
// is in the database once. And what it does when it is alone, told to leave, or cannot write.
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "dumper/testing/scene.h"
#include "ringbuf/rundir.h"
#include "tests/unit/check.h"

namespace pytrace::dumper {
namespace {

using testing::CheckWork;
using testing::FakeGuest;
using testing::FakeThread;
using testing::NowTicks;
using testing::Scene;
using testing::Until;
using testing::Work;

// A chunk goes from one thread to another by way of the dumper, which TSan cannot see, as it is another process.
#if defined(__SANITIZE_THREAD__)
const std::vector<uint32_t> kTids = {1};
#else
const std::vector<uint32_t> kTids = {1, 2, 3};
#endif

TEST(KilledDumpersLoseAndDoubleNothing) {
  constexpr int kCalls = 200'000;
  Scene scene;
  std::mt19937 random(getenv("SEED") ? atoi(getenv("SEED")) : 5);
  // 1 MiB of buffer for some 6 MB of records: the guest waits for every dumper.
  pid_t guest = scene.StartGuest([](FakeGuest* guest) {
    std::vector<std::thread> threads;
    for (uint32_t tid : kTids) threads.emplace_back([=] { Work(guest, tid, kCalls); });
    for (auto& thread : threads) thread.join();
  });
  int killed = 0, status;
  ring::Control* control = ring::MapControl(scene.rundir.path().c_str());
  unsigned longest_us = 15'000;
  while (waitpid(guest, &status, WNOHANG) == 0) {
    uint64_t commits = control->commits.load();
    pid_t dumper = scene.StartDumper();
    // Any moment, from its first instruction on. On a busy machine all those moments may come before the first commit.
    usleep(random() % (random() % 4 == 0 ? 4 * longest_us : longest_us));
    kill(dumper, SIGKILL);
    if (Scene::Wait(dumper) == -SIGKILL) ++killed;
    longest_us = control->commits.load() != commits ? 15'000 : std::min(2 * longest_us, 4'000'000u);
  }
  CHECK_EQ(status, 0);
  CHECK(killed > 1);
  CHECK_EQ(Scene::Wait(scene.StartDumper()), 0);
  CHECK(!scene.Exists(scene.rundir.path()));
  CheckWork(&scene, kTids, kCalls);
}

TEST(SecondDumperLeavesQuietly) {
  Scene scene;
  int lock = ring::TryLock(scene.rundir.path().c_str());
  CHECK(lock >= 0);
  CHECK_EQ(Scene::Wait(scene.StartDumper()), 0);
  CHECK(!scene.Exists(scene.db));
  close(lock);
}

TEST(AloneItLeavesAndTakesTheDirectoryWithIt) {
  Scene scene;
  int64_t start = SteadyNs();
  CHECK_EQ(Scene::Wait(scene.StartDumper()), 0);
  CHECK(SteadyNs() - start > 900'000'000);
  CHECK(!scene.Exists(scene.rundir.path()));
}

// Nor does it wait for another process when somebody waits for it to leave.
TEST(AskedToItLeavesAtOnce) {
  constexpr int64_t kSoon = 700'000'000;
  // The machine may be busy, but not each time.
  int64_t quickest = INT64_MAX;
  for (int i = 0; i < 20 && quickest > kSoon; ++i) {
    Scene scene;
    ring::Control* control = ring::MapControl(scene.rundir.path().c_str());
    pid_t dumper = scene.StartDumper();
    CHECK(Until([&] { return control->sleeping.load() != 0; }));  // its second has begun
    int64_t start = SteadyNs();
    ring::AskToLeave(scene.rundir.path().c_str());
    CHECK(Until([&] { return control->left.load() != 0; }));  // not its exit, before which TSan sleeps a second
    quickest = std::min(quickest, SteadyNs() - start);
    CHECK_EQ(Scene::Wait(dumper), 0);
    CHECK(!scene.Exists(scene.rundir.path()));
  }
  CHECK(quickest < kSoon);
}

// Who comes while others are recorded does not wait for their end, when the dumper looks again anyway.
TEST(WhoComesLaterIsRecordedWhileOthersLive) {
  Scene scene;
  testing::GuestOptions options;
  options.rundir = scene.rundir.path();
  FakeGuest guest(options);
  FakeThread thread(&guest, 7);
  thread.Name(NowTicks(), "T");
  ring::Control* control = ring::MapControl(scene.rundir.path().c_str());
  pid_t dumper = scene.StartDumper();
  auto commit = [&] {
    uint64_t commits = control->commits.load();
    thread.Enter(1, NowTicks());
    return Until([&] { return control->commits.load() != commits; });
  };
  CHECK(commit());
  CHECK_EQ(Scene::Wait(scene.StartGuest([](FakeGuest* guest) { Work(guest, 2, 1000); })), 0);
  // Between two commits the dumper looks around; it needs a few looks, for the segment, the death and the end.
  for (int commits = 0; scene.Segments() == 2 && commits < 10; ++commits) CHECK(commit());
  CHECK_EQ(scene.Segments(), 1u);
  kill(dumper, SIGTERM);
  CHECK_EQ(Scene::Wait(dumper), 0);
}

// The guest of a segment that comes while the dumper leaves has seen its lock, and relies on it. Here the segment comes
// earlier, but without the event that would tell of it.
TEST(WhatCameAsItLeftIsRecorded) {
  Scene scene;
  CHECK_EQ(Scene::Wait(scene.StartGuest([](FakeGuest* guest) { Work(guest, 1, 1000); })), 0);
  std::vector<std::string> names = Rundir(scene.rundir.path()).Scan();
  CHECK_EQ(names.size(), 1u);
  std::string name = scene.rundir.path() + "/" + names.at(0), elsewhere = scene.rundir.folder() + "/segment";
  CHECK_EQ(rename(name.c_str(), elsewhere.c_str()), 0);
  ring::Control* control = ring::MapControl(scene.rundir.path().c_str());
  pid_t dumper = scene.StartDumper();
  CHECK(Until([&] { return control->sleeping.load() != 0; }));  // it has looked
  CHECK_EQ(link(elsewhere.c_str(), name.c_str()), 0);
  CHECK_EQ(Scene::Wait(dumper), 0);
  CHECK(!scene.Exists(scene.rundir.path()));
  CheckWork(&scene, {1}, 1000);
}

TEST(TerminatedItCommitsWhatIsThere) {
  Scene scene;
  testing::GuestOptions options;
  options.rundir = scene.rundir.path();
  FakeGuest guest(options);
  Work(&guest, 7, 1000);
  ring::Control* control = ring::MapControl(scene.rundir.path().c_str());
  pid_t dumper = scene.StartDumper();
  CHECK(Until([&] { return control->commits.load() != 0; }));
  kill(dumper, SIGTERM);
  CHECK_EQ(Scene::Wait(dumper), 0);
  CHECK(scene.Exists(scene.rundir.path() + "/" + guest.name()));
  CheckWork(&scene, {7}, 1000);
}

// A commit comes soon after the record, and a waiting guest is helped at once.
TEST(RecordsAreCommittedWithin200Ms) {
  Scene scene;
  testing::GuestOptions options;
  options.rundir = scene.rundir.path();
  FakeGuest guest(options);
  FakeThread thread(&guest, 7);
  thread.Name(NowTicks(), "T");
  ring::Control* control = ring::MapControl(scene.rundir.path().c_str());
  pid_t dumper = scene.StartDumper();
  CHECK(Until([&] { return control->commits.load() != 0; }));
  // The machine may be busy, but not each time.
  int64_t quickest = INT64_MAX;
  for (int i = 0; i < 50 && (i < 5 || quickest > 200'000'000); ++i) {
    uint64_t commits = control->commits.load();
    int64_t start = SteadyNs();
    thread.Enter(1, NowTicks());
    CHECK(Until([&] { return control->commits.load() != commits; }));
    quickest = std::min(quickest, SteadyNs() - start);
  }
  CHECK(quickest <= 200'000'000);
  kill(dumper, SIGTERM);
  CHECK_EQ(Scene::Wait(dumper), 0);
}

// It cuts off its own segment while the dumper has it mapped: what others do is recorded all the same.
TEST(AGuestThatCutsOffItsFileHarmsNobodyElse) {
  Scene scene;
  ring::Control* control = ring::MapControl(scene.rundir.path().c_str());
  pid_t bad = scene.StartGuest([&](FakeGuest* guest) {
    Work(guest, 1, 1000);
    Until([&] { return control->commits.load() != 0; });
    if (truncate(guest->segment()->path(), 0) != 0) _exit(1);
    pause();
  });
  pid_t dumper = scene.StartDumper();
  CHECK(Until([&] {
    struct stat st;
    for (const std::string& name : Rundir(scene.rundir.path()).Scan()) {
      if (stat((scene.rundir.path() + "/" + name).c_str(), &st) == 0 && st.st_size == 0) return true;
    }
    return false;
  }));
  CHECK_EQ(Scene::Wait(scene.StartGuest([](FakeGuest* guest) { Work(guest, 2, 1000); })), 0);
  CHECK(Until([&] { return scene.Segments() == 1; }));
  kill(bad, SIGKILL);
  CHECK_EQ(Scene::Wait(bad), -SIGKILL);
  CHECK_EQ(Scene::Wait(dumper), 0);
  auto database = scene.Open();
  if (database == nullptr) return;
  int64_t calls = 0;
  for (size_t zone = 0; zone < database->zones().size(); ++zone) {
    store::DecodedBlock block;
    CHECK(database->ReadBlock(zone, true, &block));
    for (uint32_t row = 0; row < block.size(); ++row) {
      auto* thread = database->catalog().thread(block.thread[row]);
      calls += thread != nullptr && thread->tid == 2 && block.duration_ns[row] > 0;
    }
  }
  CHECK_EQ(calls, 1000);
}

// A guest that never pauses does not keep the dumper from telling of another's end, nor from leaving.
TEST(ABusyGuestIsNotEverything) {
  Scene scene;
  pid_t busy = scene.StartGuest([](FakeGuest* guest) { Work(guest, 1, 1'000'000'000); });
  CHECK(Until([&] { return scene.Segments() == 1; }));
  pid_t dumper = scene.StartDumper();
  CHECK_EQ(Scene::Wait(scene.StartGuest([](FakeGuest* guest) { Work(guest, 2, 1000); })), 0);
  CHECK(Until([&] { return scene.Segments() == 1; }));
  kill(dumper, SIGTERM);
  CHECK_EQ(Scene::Wait(dumper), 0);
  kill(busy, SIGKILL);
  CHECK_EQ(Scene::Wait(busy), -SIGKILL);
}

// `rm traces.sqlite` between two runs, while the dumper of the first is still there.
TEST(ADatabaseThatWasRemovedIsMadeAnew) {
  Scene scene;
  pid_t dumper = scene.StartDumper();
  CHECK_EQ(Scene::Wait(scene.StartGuest([](FakeGuest* guest) { Work(guest, 1, 1000); })), 0);
  auto drained = [&] { return scene.Exists(scene.db) && scene.Segments() == 0; };
  CHECK(Until(drained));
  CHECK_EQ(unlink(scene.db.c_str()), 0);
  CHECK_EQ(Scene::Wait(scene.StartGuest([](FakeGuest* guest) { Work(guest, 2, 1000); })), 0);
  CHECK_EQ(Scene::Wait(dumper), 0);
  CheckWork(&scene, {2}, 1000);
}

TEST(ADatabaseThatWasRemovedAfterTheLastRunStaysRemoved) {
  Scene scene;
  pid_t dumper = scene.StartDumper();
  CHECK_EQ(Scene::Wait(scene.StartGuest([](FakeGuest* guest) { Work(guest, 1, 1000); })), 0);
  CHECK(Until([&] { return scene.Exists(scene.db) && scene.Segments() == 0; }));
  CHECK_EQ(unlink(scene.db.c_str()), 0);
  CHECK_EQ(Scene::Wait(dumper), 0);
  CHECK(!scene.Exists(scene.db));
  CHECK(!scene.Exists(scene.rundir.path()));
}

TEST(ADatabaseOfSomebodyElseStopsGuestsAndSaysWhy) {
  Scene scene;
  FILE* f = fopen(scene.db.c_str(), "w");
  fputs(
      "this is not a database, but more than a hundred bytes long, which is how long the header of one would be, so it "
      "is read\n",
      f);
  fclose(f);
  chmod(scene.db.c_str(), 0600);
  ring::Control* control = ring::MapControl(scene.rundir.path().c_str());
  CHECK_EQ(Scene::Wait(scene.StartDumper()), 1);
  CHECK_EQ(control->stopped.load(), static_cast<uint32_t>(ring::Stop::kDatabase));
  CHECK(scene.Exists(scene.rundir.path() + "/error"));
}

}  // namespace
}  // namespace pytrace::dumper
