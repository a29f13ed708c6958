// Writes recordings for the reader's tests and measurements, call by call, through the store's Writer: the same input
// gives the same file.
#ifndef PYTRACE_READER_TESTING_RECORDING_H_
#define PYTRACE_READER_TESTING_RECORDING_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dumper/store/writer.h"

namespace pytrace::reader::testing {

// Serialized Value messages.
std::string None();
std::string Int(int64_t value);
std::string Float(double value);
std::string Bool(bool value);
std::string Str(std::string_view text);
std::string List(const std::vector<std::string>& items);
std::string Tuple(const std::vector<std::string>& items);
std::string Dict(const std::vector<std::string>& keys_and_values);
std::string Object(uint32_t type, uint64_t address);
std::string Exception(uint32_t type, const std::vector<std::string>& args);

class Recording {
 public:
  // Time begins at 2012-08-16 00:51:31.791034 UTC.
  static constexpr int64_t kStartNs = 1'345'078'291'791'034'000;

  // A new database at `path`, or a new run in the one that is there.
  explicit Recording(const std::string& path, uint32_t block_calls = store::kBlockCalls,
                     const std::string& token = "0123456789abcdef");

  store::Writer* writer() { return writer_.get(); }
  int64_t AddProcess(int64_t pid, const std::vector<std::string>& argv);
  int AddThread(int64_t process, uint32_t tid, std::string_view name, bool main);
  uint32_t AddFunction(int64_t process, const store::FunctionRow& row);

  void Tick(int64_t ns) { now_ += ns; }
  int64_t now() const { return now_; }
  // Each takes 1 ns at least.
  int64_t Enter(int thread, uint32_t function, const std::vector<std::string>& values,
                store::Start kind = store::Start::kCall);
  void Leave(int thread, const std::string& value, store::Outcome outcome = store::Outcome::kReturn);
  void Log(int thread, std::string_view text);
  void Lose(int thread, uint64_t enters, uint64_t leaves);
  size_t depth(int thread) const { return threads_[thread].open.size(); }

  void Commit();
  void End();  // ends the processes; what is open stays so

 private:
  struct OpenCall {
    store::OpenCall call;
    int64_t children_ns;
  };
  struct Thread {
    uint32_t id;
    std::vector<OpenCall> open;
  };
  void NextBlock();
  store::FunctionCounts* CountsOf(uint32_t function);

  std::unique_ptr<store::Writer> writer_;
  store::Block block_;
  int64_t run_ = 0, now_ = kStartNs;
  std::vector<int64_t> processes_;
  std::vector<Thread> threads_;
  std::vector<store::FunctionCounts> counts_;
  std::string values_;
  uint32_t next_function_ = 1;
};

}  // namespace pytrace::reader::testing

#endif  // PYTRACE_READER_TESTING_RECORDING_H_
