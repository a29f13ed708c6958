// The dumper's program over a run-time directory and a database on disk, and guests as processes of their own, whose
// calls are known.
#ifndef PYTRACE_DUMPER_TESTING_SCENE_H_
#define PYTRACE_DUMPER_TESTING_SCENE_H_

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dumper/clock.h"
#include "dumper/rundir.h"
#include "dumper/store/database.h"
#include "dumper/testing/fake_guest.h"
#include "ringbuf/record/decode.h"
#include "tests/unit/check.h"

namespace pytrace::dumper::testing {

inline constexpr char kProgram[] = "dumper/pytrace-dumper";

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
      GuestOptions options;
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

  TestRundir rundir;
  std::string db;
};

// Calls numbered from 0 in each thread, `n` of them, some nested.
inline void Work(FakeGuest* guest, uint32_t tid, int n) {
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

inline int64_t NumberOf(std::string_view args) {
  record::Field field;
  if (!record::NextField(&args, &field)) return -1;
  std::string_view value = field.bytes;
  if (!record::NextField(&value, &field)) return 0;
  return static_cast<int64_t>(field.value >> 1);
}

// Every thread's calls are there, once, in order, all ended, and the counters agree.
inline void CheckWork(Scene* scene, const std::vector<uint32_t>& tids, int n) {
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

}  // namespace pytrace::dumper::testing

#endif  // PYTRACE_DUMPER_TESTING_SCENE_H_
