// `pytrace PROGRAM`: starts it under the preload, follows it to its end and returns when its records are committed.
#ifndef PYTRACE_READER_LAUNCH_H_
#define PYTRACE_READER_LAUNCH_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "reader/options.h"

namespace pytrace::reader {

struct LaunchResult {
  int status;       // exit status of the command
  std::string db;   // where the run is recorded
  int64_t run = 0;  // runs.id; 0: nothing was recorded, or is not committed
};

// What goes wrong is said on stderr, in one line.
LaunchResult Launch(const LaunchOptions& options);

// Exposed for its test. The environment `before` with all that the run's processes must know: `changes` set (or, where
// empty, removed), and `library` last in LD_PRELOAD.
// No library: the program takes none.
std::vector<std::string> RunEnvironment(const char* const* before, const std::map<std::string, std::string>& changes,
                                        const std::string& library);

// Exposed for its test. PYTRACE_PROGRAM: the words as a JSON array, cut (then its last element is "...") where a
// variable could not hold it.
std::string ProgramJson(const std::vector<std::string>& words);

}  // namespace pytrace::reader

#endif  // PYTRACE_READER_LAUNCH_H_
