// A run-time directory, a database in memory, and dumpers that come and go.
#ifndef PYTRACE_DUMPER_TESTING_MACHINE_H_
#define PYTRACE_DUMPER_TESTING_MACHINE_H_

#include <sys/wait.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <utility>

#include "dumper/recorder.h"
#include "dumper/testing/fake_guest.h"
#include "dumper/testing/fake_writer.h"

namespace pytrace::dumper::testing {

class Machine {
 public:
  GuestOptions Options() {
    GuestOptions options;
    options.rundir = rundir.path();
    return options;
  }

  // A dumper takes what is there, commits, and leaves.
  Recorder::Result Dump(FakeWriter::Death death = FakeWriter::Death::kNone, ring::Stop stopped = ring::Stop::kNo) {
    static ring::Control control = {};
    control.stopped.store(static_cast<uint32_t>(stopped));
    static Doorbell bell(&control);
    auto writer = std::make_unique<FakeWriter>(&database, block_calls);
    writer->DieAtCommit(death);
    store::Block newest;
    writer->LoadNewestBlock(&newest);
    Rundir watched(rundir.path());
    Recorder recorder(std::move(writer), std::move(newest), &watched, &bell, &control);
    volatile sig_atomic_t terminate = 1;
    Recorder::Result result = recorder.Run(terminate);
    still_stopped = control.stopped.load() != 0;
    return result;
  }

  // Runs `body` as a guest that exits without a word.
  template <class Body>
  void DeadGuest(Body body) {
    pid_t pid = fork();
    if (pid == 0) {
      FakeGuest guest(Options());
      body(&guest);
      _exit(0);
    }
    waitpid(pid, nullptr, 0);
  }
  size_t Segments() { return Rundir(rundir.path()).Scan().size(); }

  TestRundir rundir;
  FakeDatabase database;
  uint32_t block_calls = 100;
  bool still_stopped = false;
};

inline void Begin(FakeThread* thread, uint64_t time, int functions = 3) {
  thread->Name(time, "MainThread", true);
  for (int id = 1; id <= functions; ++id) thread->Function(id, time, "f" + std::to_string(id));
}

}  // namespace pytrace::dumper::testing

#endif  // PYTRACE_DUMPER_TESTING_MACHINE_H_
