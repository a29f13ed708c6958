// How many calls a second one core takes from memory into a database: decode, pair, encode, commit. The records are
// like those of an object-heavy program (about 40 bytes a call, objects as arguments and results).
//
// Usage: dumper_bench [CALLS [DATABASE]]   DATABASE `-`: into nothing, for the part before the store
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <string>

#include "dumper/doorbell.h"
#include "dumper/recorder.h"
#include "dumper/rundir.h"
#include "dumper/testing/fake_guest.h"

namespace pytrace::dumper {
namespace {

// A program of ten functions: call trees of a few levels, arguments and results from a slowly changing set of objects.
class Program {
 public:
  explicit Program(testing::FakeThread* thread) : thread_(thread), time_(testing::NowTicks()) {
    thread_->Name(time_, "MainThread", true);
    for (uint32_t id = 1; id <= 10; ++id) thread_->Function(id, time_, "function" + std::to_string(id));
    for (uint32_t id = 1; id <= 4; ++id) thread_->Type(id, time_, "bench.Type" + std::to_string(id));
  }

  void Run(int64_t calls) {
    while (calls_ < calls) Call(0);
  }

 private:
  uint32_t Random(uint32_t n) {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return static_cast<uint32_t>(state_ >> 33) % n;
  }
  uint64_t Address() { return 0x7f3a5c000000 + (calls_ / 4096 * 512 + Random(512)) * 64; }

  void Call(uint32_t depth) {
    ++calls_;
    uint32_t function = 1 + (depth * 3 + Random(3)) % 10;
    bool two = Random(2) != 0;
    thread_->Enter(function, time_ += 60 + Random(60), [&](auto* e) {
      e->Object(1 + function % 4, Address());
      if (two) e->Object(1 + Random(4), Address());
    });
    for (uint32_t children = depth < 5 ? Random(4) : 0; children > 0; --children) Call(depth + 1);
    thread_->Leave(time_ += 40 + Random(40), 0, [&](auto* e) {
      if (function % 3 == 0) {
        e->Float(static_cast<double>(Random(1000)) / 7);
      } else if (function % 3 == 1) {
        e->None();
      } else {
        e->Object(1 + function % 4, Address());
      }
    });
  }

  testing::FakeThread* thread_;
  uint64_t time_, state_ = 1;
  int64_t calls_ = 0;
};

void WriteRecords(const std::string& rundir, int64_t calls) {
  testing::GuestOptions options;
  options.rundir = rundir;
  options.buffer_bytes = static_cast<uint64_t>(calls) * 64 + (64 << 20);
  testing::FakeGuest guest(options);
  testing::FakeThread thread(&guest, 1);
  thread.large_chunks = true;
  Program(&thread).Run(calls);
}

// A database that keeps nothing.
class Nowhere : public store::Writer {
 public:
  bool LoadNewestBlock(store::Block* block) override { return block->Clear(1), true; }
  bool FindProcess(std::string_view, store::ProcessState*) override { return false; }
  int64_t RunByToken(std::string_view, int64_t, const std::string&, std::string_view) override { return 1; }
  int64_t AddProcess(const store::ProcessRow&) override { return 1; }
  uint32_t AddThread(int64_t, uint32_t, std::string_view, bool, int64_t) override { return 1; }
  void RenameThread(uint32_t, std::string_view) override {}
  void EndThread(uint32_t, int64_t) override {}
  uint32_t AddFunction(int64_t, int64_t, uint32_t id, const store::FunctionRow&, bool) override { return id; }
  void AddType(int64_t, uint32_t, std::string_view) override {}
  void SetMain(int64_t, int64_t) override {}
  void SetMainEnd(int64_t, int64_t) override {}
  void EndProcess(int64_t, int64_t) override {}
  void PutBlock(const store::Block&) override {}
  void AddLateEnd(const store::LateEnd&) override {}
  void AddCounts(const std::vector<store::FunctionCounts>&) override {}
  void AddTask(int64_t, const store::TaskRow&, std::string_view) override {}
  void EndTask(int64_t, const store::TaskRow&, int64_t) override {}
  void AddLoss(const store::LossMark&, int64_t) override {}
  void AddLog(uint32_t, int64_t, int64_t, uint32_t, std::string_view) override {}
  void PutRing(int64_t, const store::RingRow&) override {}
  void DropRing(int64_t, uint32_t) override {}
  void SetMeta(std::string_view, std::string_view) override {}
  uint32_t block_calls() const override { return store::kBlockCalls; }
  int64_t newest_start_ns() const override { return 0; }
  bool Commit() override { return true; }
  bool disk_full() const override { return false; }
  const std::string& error() const override { return none_; }

 private:
  std::string none_;
};

int Main(int argc, char** argv) {
  int64_t calls = argc > 1 ? atoll(argv[1]) : 5'000'000;
  std::string db = argc > 2 ? argv[2] : "/tmp/dumper_bench.sqlite";
  for (const char* end : {"", "-wal", "-shm"}) unlink((db + end).c_str());
  testing::TestRundir rundir;
  // In another process, so that a profiler sees the dumper alone.
  pid_t guest = fork();
  if (guest == 0) {
    WriteRecords(rundir.path(), calls);
    _exit(0);
  }
  waitpid(guest, nullptr, 0);

  store::WriterOptions writer_options;
  writer_options.path = db;
  writer_options.rundir = rundir.path();
  writer_options.max_bytes = 0;
  std::string error;
  auto writer = db == "-" ? std::make_unique<Nowhere>() : store::Writer::Open(writer_options, 0, &error);
  if (writer == nullptr) {
    fprintf(stderr, "%s\n", error.c_str());
    return 1;
  }
  store::Block newest;
  writer->LoadNewestBlock(&newest);
  static ring::Control control = {};
  Rundir dir(rundir.path());
  static Doorbell bell(&control);
  int64_t start = SteadyNs();
  clock_t start_cpu = clock();
  Recorder recorder(std::move(writer), std::move(newest), &dir, &bell, &control);
  // What is there, then leave.
  volatile sig_atomic_t terminate = 1;
  Recorder::Result result = recorder.Run(terminate);
  int64_t ns = SteadyNs() - start;
  double cpu = static_cast<double>(clock() - start_cpu) / CLOCKS_PER_SEC;
  struct stat st = {};
  stat(db.c_str(), &st);
  struct stat wal = {};
  stat((db + "-wal").c_str(), &wal);
  printf("%lld calls: %.1f M a second, %.1f M a second of CPU, %.2f bytes a call in the database (+%.0f MB of WAL)%s\n",
         static_cast<long long>(calls), calls * 1e3 / ns, calls / 1e6 / cpu, static_cast<double>(st.st_size) / calls,
         wal.st_size / 1e6, result == Recorder::Result::kFailed ? " FAILED" : "");
  return result == Recorder::Result::kFailed;
}

}  // namespace
}  // namespace pytrace::dumper

int main(int argc, char** argv) { return pytrace::dumper::Main(argc, argv); }
