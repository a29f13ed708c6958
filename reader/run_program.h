// Runs a program so that nobody can tell that it has a parent in between: same process group, signals, job control,
// descriptors.
#ifndef PYTRACE_READER_RUN_PROGRAM_H_
#define PYTRACE_READER_RUN_PROGRAM_H_

#include <signal.h>

#include <string>
#include <vector>

#include "reader/program.h"

namespace pytrace::reader {

// While it lives, signals wait (sigwaitinfo, signalfd) instead of acting on this process; a child that is to run as if
// nothing had happened calls RestoreInChild() before its exec. Faults stay as they are.
class SignalsHeld {
 public:
  SignalsHeld();
  ~SignalsHeld();
  SignalsHeld(const SignalsHeld&) = delete;
  SignalsHeld& operator=(const SignalsHeld&) = delete;

  void RestoreInChild() const;
  const sigset_t& set() const { return held_; }

 private:
  sigset_t held_, before_;
  struct sigaction child_before_;
};

// 0 when the program ran and ended, with its wait status; else kNoSuchProgram or kNotExecutable and *error.
int RunProgram(const Program& program, const std::vector<std::string>& environment, const SignalsHeld& signals,
               int* wait_status, std::string* error);

}  // namespace pytrace::reader

#endif  // PYTRACE_READER_RUN_PROGRAM_H_
