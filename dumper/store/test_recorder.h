// Makes recordings for tests: random calls on several threads through Writer, as a dumper would, and remembers what a
// reader should find.
#ifndef PYTRACE_DUMPER_STORE_TEST_RECORDER_H_
#define PYTRACE_DUMPER_STORE_TEST_RECORDER_H_

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "dumper/store/writer.h"

namespace pytrace::store {

// A folder that goes with everything in it.
class TestFolder {
 public:
  TestFolder();
  ~TestFolder();
  std::string path(const std::string& name) const { return folder_ + "/" + name; }

 private:
  std::string folder_;
};

// So that a short recording has many blocks.
WriterOptions SmallBlocks(const std::string& path);

// Value messages.
std::string IntValue(int64_t value);
std::string StrValue(std::string_view text);
std::string ObjectValue(uint32_t type, uint64_t address);
std::string ExceptionValue(uint32_t type, std::string_view argument);
// As a field `values` of Enter.
std::string Argument(const std::string& value);

struct TestCall {
  int64_t id, parent;
  uint32_t function, thread, depth;
  Start start_kind;
  int64_t start_ns, end_ns;  // 0: open
  int64_t children_ns;
  Outcome outcome;
  int64_t n;  // its argument
};

class TestRecorder {
 public:
  // Functions: f(n), shop.cart.add(self, n, *items), gen(n). Two processes with two threads each, in one run.
  explicit TestRecorder(const WriterOptions& options);
  Writer* writer() { return writer_.get(); }

  int64_t Enter(int thread, int function, int64_t n);
  void Leave(int thread, Outcome outcome);
  void Random(int events, uint32_t seed);
  void Log(int thread, std::string_view text);
  bool Commit();
  void CloseAll();  // ends every open call
  void End();       // ends the processes, commits

  const std::vector<TestCall>& calls() const { return calls_; }
  const TestCall& call(int64_t id) const { return calls_[id - first_id_]; }
  int64_t now() const { return now_; }

 private:
  struct Thread {
    uint32_t id;
    std::vector<int64_t> open;
    int64_t last_ns;
  };
  void Tick(Thread* on, uint32_t most);
  void Put();

  std::unique_ptr<Writer> writer_;
  std::mt19937 random_{1};
  int64_t now_ = 1'700'000'000'000'000'000;
  int64_t run_ = 0, processes_[2] = {};
  std::vector<uint32_t> functions_;
  std::vector<Thread> threads_;
  Block block_;
  int64_t first_id_ = 1;
  std::vector<TestCall> calls_;
  std::vector<FunctionCounts> counts_;
};

}  // namespace pytrace::store

#endif  // PYTRACE_DUMPER_STORE_TEST_RECORDER_H_
