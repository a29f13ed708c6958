// The dumper's work with one open database: drains all segments of the run-time directory, commits, frees, until
// nothing is left.
//
// All that it knows is in the database and in the segments, so a new one over the same two goes on exactly where this
// one committed last: after a kill, and in the same way after a commit that failed.
#ifndef PYTRACE_DUMPER_RECORDER_H_
#define PYTRACE_DUMPER_RECORDER_H_

#include <csignal>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "dumper/clock.h"
#include "dumper/doorbell.h"
#include "dumper/merge.h"
#include "dumper/pairing.h"
#include "dumper/rundir.h"
#include "dumper/session.h"
#include "dumper/store/writer.h"
#include "ringbuf/layout.h"

namespace pytrace::dumper {

class Recorder {
 public:
  enum class Result {
    kNothingLeft,
    kTerminated,
    kFailed,    // a commit failed: error(), disk_full()
    kReplaced,  // the database's file is not at its path any more; nothing is lost, another Recorder must go on
  };

  // Takes over what is there. If an earlier one stopped the recording (Control::stopped) it is careful: it commits in
  // small steps, so that what can be written is, and lets guests go on only when it has caught up.
  Recorder(std::unique_ptr<store::Writer> writer, store::Block newest, Rundir* rundir, Doorbell* bell,
           ring::Control* control);

  Result Run(const volatile sig_atomic_t& terminate);

  // After kFailed.
  const std::string& error() const { return error_; }
  bool disk_full() const { return disk_full_; }
  void CloseDatabase() { writer_.reset(); }
  // After kReplaced: for the next one's writer, which carries over from it.
  std::unique_ptr<store::Writer> GiveWriter() { return std::move(writer_); }
  bool AnyGuestLives();

 private:
  void TakeOver();
  void FindSegments();
  std::unique_ptr<Session> Attach(const std::string& name);
  void Join(std::unique_ptr<Session> session);
  void CheckGuests();
  bool LookAround(int64_t now);
  size_t Pass();
  void SayThatItGoesOn();
  size_t pass_bytes() const;
  bool CommitIsDue(int64_t now) const;
  bool Commit(bool caught_up);
  void RemoveOver();
  bool News() const;
  int64_t SleepNs(size_t taken, int64_t now);
  int64_t GraceNs() const;

  std::unique_ptr<store::Writer> writer_;
  Pairing pairing_;
  Rundir* rundir_;
  Doorbell* bell_;
  ring::Control* control_;
  bool careful_;  // after a stop, until all that had piled up is committed
  Clocks clocks_;
  Merge merge_;
  std::vector<std::unique_ptr<Session>> sessions_;
  std::set<std::string> foreign_;  // files that are no segments of ours: nobody's business
  bool scan_again_ = false;        // one could not be attached, for lack of memory or descriptors
  std::vector<RingSource*> sources_;

  bool pending_ = false, ended_ = false;  // something to commit; the end of a session is in it
  bool committed_ = false;                // at least once
  int64_t pending_since_ns_ = 0, last_look_ns_ = 0, last_aim_ns_ = 0, empty_since_ns_ = 0, terminated_ns_ = 0,
          sleep_ns_ = 0;
  size_t pending_bytes_ = 0, since_join_bytes_ = 0;  // taken since the last commit, and since the newest session came
  std::string error_;
  bool disk_full_ = false;
};

}  // namespace pytrace::dumper

#endif  // PYTRACE_DUMPER_RECORDER_H_
