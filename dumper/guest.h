// Is the process that writes a segment still there?
//
// A process is its pid and start time. Its death is seen through a pidfd; without one by looking it up. An exec keeps
// both but takes the mapping away: then the writer is gone when /proc/PID/maps does not name the segment any more. A
// pid of another namespace says nothing here until the process is found among ours; while it is not, only its own word
// (SegmentHeader::ended) counts.
#ifndef PYTRACE_DUMPER_GUEST_H_
#define PYTRACE_DUMPER_GUEST_H_

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "ringbuf/drain.h"

namespace pytrace::dumper {

class Guest {
 public:
  // `pid_namespace`: ProcessInfo's, 0: unknown, taken as ours. `segment`: the file's name.
  Guest(const ring::Drain::Facts& facts, uint64_t pid_namespace, std::string segment);
  ~Guest();
  Guest(const Guest&) = delete;
  Guest& operator=(const Guest&) = delete;

  // True once nobody can write to the segment any more. Cheap while nothing has happened.
  bool Gone(ring::Ended ended, int64_t steady_ns);
  // Another segment of the same process has come: it has gone through an exec.
  void SuspectExec() { suspect_exec_ = true; }
  bool SameProcess(const Guest& other) const {
    return pid_ == other.pid_ && pid_start_ == other.pid_start_ && namespace_ == other.namespace_;
  }

  int pidfd() const { return pidfd_; }  // readable when the process is gone; -1: none
  // Its process is dead and the file is older than the machine's last boot: its counters say nothing about ours.
  bool from_before_boot() const { return from_before_boot_; }

 private:
  void Hold(pid_t pid);
  bool Running() const;
  void FindAmongOurs();
  bool Maps() const;

  pid_t pid_;          // in its namespace
  pid_t our_pid_ = 0;  // in ours; 0: not found
  uint64_t pid_start_, namespace_;
  std::string segment_;
  int pidfd_ = -1;
  bool gone_ = false, suspect_exec_ = false, from_before_boot_ = false;
  int64_t next_search_ns_ = 0, search_pause_ns_ = 0;  // for the costly looks
};

}  // namespace pytrace::dumper

#endif  // PYTRACE_DUMPER_GUEST_H_
