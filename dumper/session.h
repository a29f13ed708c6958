// One traced process, as the dumper sees it: its segment, its ids, its rings.
//
// Order of use: construct, Restore or Begin, then for each pass Discover and (through the merge) the sources; Save
// before a commit and Committed after it. When the process is gone: SetGone, a last pass, End, commit, and the
// segment's file may go.
#ifndef PYTRACE_DUMPER_SESSION_H_
#define PYTRACE_DUMPER_SESSION_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "dumper/clock.h"
#include "dumper/guest.h"
#include "dumper/pairing.h"
#include "dumper/ring_source.h"
#include "dumper/store/writer.h"
#include "ringbuf/drain.h"
#include "ringbuf/record/decode.h"

namespace pytrace::dumper {

class Session {
 public:
  // `name`: of the segment's file.
  Session(std::string name, std::unique_ptr<ring::Drain> drain, store::Writer* writer, Pairing* pairing);

  // What an earlier dumper knew of it. False: nothing, Begin must follow when the clocks are set.
  bool Restore();
  void Begin(const Clocks& clocks);
  void UseClocks(const Clocks& clocks);
  // The newest event that was restored: which clock showed what, when. False: none.
  bool NewestRestored(uint64_t* ticks, int64_t* ns) const;
  // Its end is committed, only the file is left.
  bool over() const { return over_; }

  // Makes sources for rings that were taken since. Adds all sources to *out.
  void Discover(std::vector<RingSource*>* out);
  bool News() const;
  // No ring has a record for a pass at `now`.
  bool Exhausted(int64_t now);
  void Save();
  void Committed();
  void End(int64_t now);

  // Whether the process runs. Gone: whatever it wrote is visible to passes that begin now.
  Guest& guest() { return guest_; }
  const Guest& guest() const { return guest_; }
  bool gone() const { return gone_; }
  void SetGone() { gone_ = true; }

  // For its sources.
  ring::Drain* drain() const { return drain_.get(); }
  store::Writer* writer() const { return writer_; }
  Pairing* pairing() const { return pairing_; }
  const TickClock& clock() const { return *clock_; }
  int64_t process() const { return process_; }
  const std::string& name() const { return name_; }
  FunctionRef FunctionOf(uint32_t id) {
    if (id < functions_.size() && functions_[id].known()) [[likely]]
      return functions_[id];
    return UnknownFunction();
  }
  void Define(const record::Function& function);
  void Define(const record::Type& type);
  uint32_t AddThread(uint32_t tid, std::string_view name, bool main, int64_t ns) {
    return writer_->AddThread(process_, tid, name, main, ns);
  }
  // asyncio tasks, by the frame of their coroutine. `call`: calls.id of its first run, `last`: of its last one.
  bool HasTasks() const { return !tasks_.empty(); }
  bool IsTask(uint64_t frame) const { return tasks_.count(frame) != 0; }
  void TaskBegan(uint64_t frame, int64_t call, std::string_view name);
  void TaskEnded(uint64_t frame, int64_t last);
  void MainBegan(int64_t ns);
  void MainEnded(int64_t ns) { writer_->SetMainEnd(process_, ns); }

 private:
  FunctionRef UnknownFunction();
  void Remember(uint32_t id, FunctionRef function);

  std::string name_;
  std::unique_ptr<ring::Drain> drain_;
  store::Writer* writer_;
  Pairing* pairing_;
  Guest guest_;
  const TickClock* clock_ = nullptr;
  std::optional<TickClock> own_clock_;  // of a segment from before the last boot
  int64_t process_ = 0, run_ = 0;
  bool main_seen_ = false, over_ = false, gone_ = false;
  std::vector<FunctionRef> functions_;           // by Function.id; [0] stands for ids that were never defined
  std::unordered_map<uint64_t, int64_t> tasks_;  // that have not ended: frame -> first call
  std::vector<store::RingRow> restored_;
  std::vector<std::unique_ptr<RingSource>> sources_;  // by ring
};

}  // namespace pytrace::dumper

#endif  // PYTRACE_DUMPER_SESSION_H_
