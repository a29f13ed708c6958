// After the program has ended: waits until all that it and its dead children recorded is in the database.
#ifndef PYTRACE_READER_WAIT_COMMIT_H_
#define PYTRACE_READER_WAIT_COMMIT_H_

#include <string>
#include <vector>

#include "reader/run_program.h"

namespace pytrace::reader {

struct CommitWait {
  std::string db, rundir;
  std::string run;                  // token
  std::vector<std::string> dumper;  // its command line, for when none runs
};

enum class Commit {
  kDone,         // every record is committed; those of processes that still live are on their way
  kInterrupted,  // the user did not want to wait; the data is safe in shared memory
  kFailed,       // no dumper can write it
};

// For the last two *message is the line to print. Draws a progress line on stderr, if that is a terminal and it takes
// long.
Commit WaitForCommit(const CommitWait& wait, const SignalsHeld& signals, std::string* message);

}  // namespace pytrace::reader

#endif  // PYTRACE_READER_WAIT_COMMIT_H_
