// One ring as a source of events in the order of time: reads its records and hands them to pairing and session.
#ifndef PYTRACE_DUMPER_RING_SOURCE_H_
#define PYTRACE_DUMPER_RING_SOURCE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dumper/clock.h"
#include "dumper/pairing.h"
#include "dumper/store/writer.h"
#include "ringbuf/drain.h"
#include "ringbuf/record/decode.h"

namespace pytrace::dumper {

class Session;

class RingSource {
 public:
  RingSource(Session* session, uint32_t index);
  ~RingSource();
  RingSource(const RingSource&) = delete;
  RingSource& operator=(const RingSource&) = delete;

  // Goes on where an earlier dumper was.
  void Restore(const store::RingRow& row);

  // Looks whether there is a record. True: head_ns() is its time, at most `now` where the record's own makes no sense.
  bool Look(int64_t now);
  int64_t head_ns() const { return head_ns_; }
  // Takes the records up to and at `limit`, as far as the last Look saw them, and returns how many bytes they were.
  size_t Take(int64_t limit, int64_t now);
  bool News() const { return reader_.News(); }

  // For a commit: the row of `rings`, when it has changed, and what follows once it is safe. Committed: true when
  // chunks were freed.
  void Save();
  bool Committed();
  // The process is gone.
  void End(int64_t ended_ns);

 private:
  void BeginGeneration();
  void EndThread(int64_t ended_ns);
  // A record's time as pairing gets it: bogus ones are now.
  int64_t Sane(int64_t ns, int64_t now) const;
  void TakeCold(record::Kind kind, std::string_view body, int64_t ns);
  void TakeThread(const record::Thread& thread, int64_t ns);
  void TakeTask(const record::Task& task);
  void TaskRunBegan(const record::Enter& enter);
  void TaskRunEnded(bool for_good);
  void NeedThread(int64_t ns);
  bool HeadTime(int64_t now);

  Session* session_;
  ring::RingReader reader_;
  RingCalls calls_;
  uint64_t generation_ = 0;  // that calls_ are of
  uint64_t ticks_ = 0;       // of the newest record taken
  int64_t head_ns_ = 0;
  bool changed_ = false, damage_told_ = false, thread_ended_ = false;
  // Open runs of tasks' coroutines, the newest last.
  struct TaskRun {
    int64_t call;  // calls.id
    uint64_t frame;
  };
  std::vector<TaskRun> task_runs_;
  std::string scratch_;
};

}  // namespace pytrace::dumper

#endif  // PYTRACE_DUMPER_RING_SOURCE_H_
