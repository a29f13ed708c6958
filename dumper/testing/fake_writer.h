// A database in memory for tests. A FakeWriter works on a copy and puts it in place when it commits, as a transaction
// does.
#ifndef PYTRACE_DUMPER_TESTING_FAKE_WRITER_H_
#define PYTRACE_DUMPER_TESTING_FAKE_WRITER_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "dumper/store/writer.h"

namespace pytrace::dumper::testing {

// A call as readers would see it.
struct SeenCall {
  int64_t id, parent, start_ns, duration_ns;
  uint32_t function, thread, depth;
  store::Outcome outcome;
  store::Start start_kind;
  std::string args, result;
};

struct FakeDatabase {
  struct Task {
    uint64_t frame;
    int64_t last_call;
    std::string name;
  };
  std::map<int64_t, Task> tasks;  // by first call
  struct Process {
    store::ProcessRow row;
    store::ProcessState state;
    int64_t main_ns = 0, main_end_ns = 0, ended_ns = 0;
  };
  struct Thread {
    int64_t process;
    uint32_t tid;
    std::string name;
    bool main;
    int64_t started_ns, ended_ns;
  };
  struct Loss {
    store::LossMark mark;
    int64_t before_call;
  };
  struct Log {
    uint32_t thread;
    int64_t time_ns, call_id;
    std::string text;
  };

  std::vector<std::string> runs;  // tokens, id - 1
  std::vector<Process> processes;
  std::vector<Thread> threads;
  std::vector<store::FunctionRow> functions;
  std::map<uint32_t, store::FunctionCounts> counts;
  std::map<int64_t, store::Block> blocks;
  std::map<int64_t, store::LateEnd> late_ends;
  std::vector<Loss> losses;
  std::vector<Log> logs;
  std::map<std::pair<int64_t, uint32_t>, std::string> types;
  std::map<std::string, std::string> meta;
  int commits = 0;

  // All calls by id, with late ends and parents.
  std::vector<SeenCall> Calls() const;
};

class FakeWriter : public store::Writer {
 public:
  FakeWriter(FakeDatabase* database, uint32_t block_calls)
      : database_(database), now_(*database), block_calls_(block_calls) {}

  bool LoadNewestBlock(store::Block* block) override;
  bool FindProcess(std::string_view segment, store::ProcessState* out) override;
  int64_t RunByToken(std::string_view token, int64_t started_ns, const std::string& program,
                     std::string_view cwd) override;
  int64_t AddProcess(const store::ProcessRow& row) override;
  uint32_t AddThread(int64_t process, uint32_t tid, std::string_view name, bool main, int64_t started_ns) override;
  void RenameThread(uint32_t thread, std::string_view name) override { now_.threads[thread - 1].name = name; }
  void EndThread(uint32_t thread, int64_t ended_ns) override { now_.threads[thread - 1].ended_ns = ended_ns; }
  uint32_t AddFunction(int64_t process, int64_t run, uint32_t id, const store::FunctionRow& row, bool main) override;
  void AddType(int64_t process, uint32_t id, std::string_view name) override { now_.types[{process, id}] = name; }
  void SetMain(int64_t process, int64_t main_ns) override;
  void SetMainEnd(int64_t process, int64_t main_end_ns) override {
    now_.processes[process - 1].main_end_ns = main_end_ns;
  }
  void EndProcess(int64_t process, int64_t ended_ns) override;
  void PutBlock(const store::Block& block) override { now_.blocks[block.first_id] = block; }
  void AddLateEnd(const store::LateEnd& end) override { now_.late_ends.emplace(end.call_id, end); }
  void AddCounts(const std::vector<store::FunctionCounts>& counts) override;
  void AddTask(int64_t, const store::TaskRow& task, std::string_view name) override {
    now_.tasks[task.call_id] = {task.frame, 0, std::string(name)};
  }
  void EndTask(int64_t, const store::TaskRow& task, int64_t last_call) override {
    now_.tasks[task.call_id].last_call = last_call;
  }
  void AddLoss(const store::LossMark& loss, int64_t before_call) override {
    now_.losses.push_back({loss, before_call});
  }
  void AddLog(uint32_t thread, int64_t time_ns, int64_t call_id, uint32_t, std::string_view text) override {
    now_.logs.push_back({thread, time_ns, call_id, std::string(text)});
  }
  void PutRing(int64_t process, const store::RingRow& row) override;
  void DropRing(int64_t, uint32_t) override {}
  void SetMeta(std::string_view key, std::string_view value) override { now_.meta[std::string(key)] = value; }
  uint32_t block_calls() const override { return block_calls_; }
  int64_t newest_start_ns() const override;
  bool Commit() override;
  bool disk_full() const override { return death_ != Death::kNone; }
  const std::string& error() const override { return error_; }

  // How the dumper dies at its next commit: before anything is in the database, or just after all of it is.
  enum class Death { kNone, kBeforeCommit, kAfterCommit };
  void DieAtCommit(Death how) { death_ = how; }

 private:
  FakeDatabase* database_;
  FakeDatabase now_;
  uint32_t block_calls_;
  Death death_ = Death::kNone;
  std::string error_ = "disk full";
};

}  // namespace pytrace::dumper::testing

#endif  // PYTRACE_DUMPER_TESTING_FAKE_WRITER_H_
