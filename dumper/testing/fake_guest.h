// A traced process for tests: makes a segment with the guest's own code and writes records as the call path does, with
// times and values of the test's choosing.
#ifndef PYTRACE_DUMPER_TESTING_FAKE_GUEST_H_
#define PYTRACE_DUMPER_TESTING_FAKE_GUEST_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "ringbuf/record/value_encoder.h"
#include "ringbuf/segment.h"
#include "ringbuf/writer.h"

namespace pytrace::dumper::testing {

// Steady nanoseconds, the clock of all fake guests.
uint64_t NowTicks();
// Start time of a process as /proc tells it.
uint64_t StartOf(int pid);

struct GuestOptions {
  std::string rundir;
  uint64_t buffer_bytes = 1 << 20;
  uint32_t start_flags = 0;
  uint64_t pid_start = 0;  // 0: this process's
  uint64_t pid_namespace = 0;
  std::string run = "0123456789abcdef";
};

class FakeGuest;

// A thread of it. Methods that make records wait when there is no chunk.
class FakeThread {
 public:
  FakeThread(FakeGuest* guest, uint32_t tid);

  using Fields = std::function<void(record::ValueEncoder*)>;

  uint64_t Enter(uint32_t function, uint64_t time, const Fields& values = {}, const Fields& rest = {});  // its serial
  void Leave(uint64_t time, uint32_t outcome = 0, const Fields& value = {}, uint64_t call = 0);
  void Function(uint32_t id, uint64_t time, const std::string& name, bool main = false);
  void Type(uint32_t id, uint64_t time, const std::string& name);
  void Name(uint64_t time, const std::string& name, bool main = false);
  void Lose(uint64_t time, uint64_t enters, uint64_t leaves, uint64_t next_call);
  void Log(uint64_t time, const std::string& text);
  void Raw(const std::string& bytes);  // published as if it were a record
  void Close();                        // the thread ends
  bool large_chunks = false;
  void SealChunk();  // goes on in a new one

  ring::Ring* ring() { return ring_; }
  ring::Writer& writer() { return writer_; }

 private:
  void Record(uint8_t tag, uint64_t time, const Fields& before, const Fields& after);
  void NextChunk();

  FakeGuest* guest_;
  ring::Ring* ring_;
  ring::Writer writer_;
  uint32_t tid_;
};

class FakeGuest {
 public:
  explicit FakeGuest(const GuestOptions& options);
  ~FakeGuest() { segment_.Abandon(); }

  bool ok() const { return error_ == 0; }
  std::string name() const;  // of the segment's file
  ring::Segment* segment() { return &segment_; }
  void End(ring::Ended how, uint64_t time);

 private:
  ring::Segment segment_;
  int error_;
};

// A new run-time directory in a folder of its own under /dev/shm, which is removed with all that is in it.
class TestRundir {
 public:
  TestRundir();
  ~TestRundir();
  const std::string& path() const { return path_; }
  const std::string& folder() const { return folder_; }

 private:
  std::string folder_, path_;
};

}  // namespace pytrace::dumper::testing

#endif  // PYTRACE_DUMPER_TESTING_FAKE_GUEST_H_
