// The dumper's program itself, killed again and again while a guest fills a small buffer and waits for it: every call
// is in the database once. And what it does when it is alone, told to leave, or cannot write.
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "dumper/clock.h"
#include "dumper/rundir.h"
#include "dumper/store/database.h"
#include "dumper/testing/fake_guest.h"
#include "ringbuf/record/decode.h"
#include "ringbuf/rundir.h"
#include "tests/unit/check.h"

namespace pytrace::dumper {
namespace {

using testing::FakeGuest;
using testing::FakeThread;
using testing::NowTicks;

constexpr char kProgram[] = "dumper/pytrace-dumper";

// Polls for what no event tells; gives up after two minutes.
template <class Condition>
bool Until(Condition condition) {
  for (int64_t start = SteadyNs(); SteadyNs() - start < 120'000'000'000; usleep(500)) {
    if (condition()) return true;
  }
  return false;
}

class Scene {
 public:
  Scene() : db(rundir.folder() + "/traces.sqlite") {}

  pid_t StartDumper() {
    std::string program = getenv("PYTRACE_DUMPER") ? getenv("PYTRACE_DUMPER") : kProgram;
    pid_t pid = fork();
    if (pid != 0) return pid;
    execl(program.c_str(), program.c_str(), "--db", db.c_str(), "--rundir", rundir.path().c_str(), nullptr);
    _exit(127);
  }
  // Its exit status, or minus the signal.
  static int Wait(pid_t pid) {
    int status = 0;
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }
  template <class Body>
  pid_t StartGuest(Body body) {
    pid_t pid = fork();
    if (pid == 0) {
      testing::GuestOptions options;
      options.rundir = rundir.path();
      FakeGuest guest(options);
      body(&guest);
      _exit(0);
    }
    return pid;
  }
  size_t Segments() { return Rundir(rundir.path()).Scan().size(); }
  bool Exists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }
  std::unique_ptr<store::Database> Open() {
    std::string error;
    auto database = store::Database::Open(db, &error);
    CHECK_EQ(error, "");
    if (database != nullptr) database->Refresh();
    return database;
  }

  testing::TestRundir rundir;
  std::string db;
};

// Calls numbered from 0 in each thread, `n` of them, some nested.
void Work(FakeGuest* guest, uint32_t tid, int n) {
  FakeThread thread(guest, tid);
  thread.Name(NowTicks(), "T" + std::to_string(tid));
  thread.Function(1, NowTicks(), "work");
  thread.Function(2, NowTicks(), "inner");
  for (int i = 0; i < n; i += 2) {
    thread.Enter(1, NowTicks(), [&](auto* e) { e->Int(i); });
    thread.Enter(2, NowTicks(), [&](auto* e) { e->Int(i + 1); });
    thread.Leave(NowTicks(), 0, [](auto* e) { e->None(); });
    thread.Leave(NowTicks(), 0, [](auto* e) { e->Int(1); });
  }
  thread.Close();
}

int64_t NumberOf(std::string_view args) {
  record::Field field;
  if (!record::NextField(&args, &field)) return -1;
  std::string_view value = field.bytes;
  if (!record::NextField(&value, &field)) return 0;
  return static_cast<int64_t>(field.value >> 1);
}

// Every thread's calls are there, once, in order, all ended, and the counters agree.
void CheckWork(Scene* scene, const std::vector<uint32_t>& tids, int n) {
  auto database = scene->Open();
  if (database == nullptr) return;
  std::vector<int64_t> next(1000, 0);
  int64_t calls = 0, id = 0, last_start = 0, total = 0;
  bool in_order = true, ended = true;
  for (size_t zone = 0; zone < database->zones().size(); ++zone) {
    store::DecodedBlock block;
    CHECK(database->ReadBlock(zone, true, &block));
    for (uint32_t row = 0; row < block.size(); ++row) {
      auto* thread = database->catalog().thread(block.thread[row]);
      in_order &= thread != nullptr && NumberOf(block.Args(row)) == next[thread->tid]++;
      in_order &= block.first_id + row == ++id && block.start_ns[row] >= last_start;
      last_start = block.start_ns[row];
      ended &= block.duration_ns[row] > 0;
      total += block.duration_ns[row];
      ++calls;
    }
  }
  CHECK(in_order);
  CHECK(ended);
  CHECK_EQ(calls, static_cast<int64_t>(tids.size()) * n);
  for (uint32_t tid : tids) CHECK_EQ(next[tid], n);
  int64_t counted = 0, counted_ns = 0;
  for (uint32_t id = 1; id <= 2; ++id) {
    if (auto* function = database->catalog().function(id)) counted += function->calls, counted_ns += function->total_ns;
  }
  CHECK_EQ(counted, calls);
  CHECK_EQ(counted_ns, total);
  std::vector<store::Loss> losses;
  CHECK(database->Losses(&losses));
  CHECK_EQ(losses.size(), 0u);
}

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

// Small file system, more records than fit: guests are stopped, what was committed is readable; with room it goes on
// and the rest arrives.
TEST(FullDiskStopsAndRoomLetsItGoOn) {
  Scene scene;
  std::string folder = scene.rundir.folder() + "/disk";
  mkdir(folder.c_str(), 0700);
  if (geteuid() != 0 || mount("none", folder.c_str(), "tmpfs", 0, "size=2m") != 0) {
    rmdir(folder.c_str());
    return;
  }
  scene.db = folder + "/traces.sqlite";
  constexpr int kCalls = 400'000;
  pid_t guest = scene.StartGuest([](FakeGuest* guest) { Work(guest, 9, kCalls); });
  ring::Control* control = ring::MapControl(scene.rundir.path().c_str());
  pid_t dumper = scene.StartDumper();
  CHECK(Until([&] { return control->stopped.load() != 0; }));
  CHECK_EQ(control->stopped.load(), static_cast<uint32_t>(ring::Stop::kDiskFull));
  // The note in the database needs a page, which need not be there; the line in the directory is for everybody.
  std::ifstream line(scene.rundir.path() + "/error");
  std::string error((std::istreambuf_iterator<char>(line)), std::istreambuf_iterator<char>());
  CHECK(error.find("full") != std::string::npos || error.find("I/O") != std::string::npos);
  CHECK_EQ(mount("none", folder.c_str(), "tmpfs", MS_REMOUNT, "size=200m"), 0);
  CHECK_EQ(Scene::Wait(guest), 0);
  CHECK_EQ(Scene::Wait(dumper), 0);
  CheckWork(&scene, {9}, kCalls);
  if (auto database = scene.Open()) CHECK_EQ(database->stopped(), "");
  CHECK_EQ(umount(folder.c_str()), 0);
}

}  // namespace
}  // namespace pytrace::dumper
