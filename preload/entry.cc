// The door: the constructor that ld.so runs in every process under the preload.
//
// Laws of all code in preload/ and pyshim/. We are a guest in somebody else's process:
//   1. The program behaves as untraced: output, exit status, signals, errno, recursion depth, descriptors, children,
//   threads.
//   2. None of its Python code is run, nothing is raised, nothing aborts; one line on stderr at most, when tracing
//   cannot work.
//   3. Between hook and ring: no allocation, no lock, no system call, no libstdc++. The only wait is in MakeRoom, and
//   never for a dead dumper.
//   4. Shared memory is not believed: the other side may be dead or hostile.
//   5. An interpreter that is unknown or fails the self-test is left alone. No layout is guessed.
#include <errno.h>

#include "preload/doors.h"
#include "preload/install.h"
#include "preload/late_interpreter.h"
#include "preload/process.h"
#include "preload/thread_state.h"
#include "pyshim/libc.h"

namespace pytrace {
namespace {

// A process that is no Python interpreter pays for reading the environment and a few symbol lookups.
__attribute__((constructor)) void Enter(int, char**, char** envp) {
  int error = errno;
  OpenDoors();
  ReadConfig(envp, &process.config);
  if (process.config.enabled) {
    ShareWithChildren(process.config);
    bool here = FindSymbol(RTLD_DEFAULT, "PyImport_Inittab") != nullptr;
    if (here && process.config.problem != nullptr) {
      Complain(process.config.problem, "");
    } else if (here) {
      FoundInterpreter(RTLD_DEFAULT);
    } else if (process.config.problem == nullptr) {
      ExpectInterpreter();
    }
  }
  errno = error;
}

// Only a hint to the dumper, which waits for the process's death all the same: daemon threads may still be running.
__attribute__((destructor)) void Leave() {
  if (!process.segment.mapped()) return;
  ring::SegmentHeader* header = process.segment.header();
  header->end_ticks.store(process.Now(), std::memory_order_relaxed);
  header->ended.store(ring::Ended::kExit, std::memory_order_release);
  RingDoorbell();
  // As process 1 of a container our end is the dumper's, too, and that of the shared memory with what it has not read.
  if (getpid() == 1) WaitUntilCommitted(thread_state);
}

}  // namespace
}  // namespace pytrace
