// Starts the dumper as a stranger: not our child, without our descriptors, environment, signal handlers or memory.
#ifndef PYTRACE_PRELOAD_START_DUMPER_H_
#define PYTRACE_PRELOAD_START_DUMPER_H_

namespace pytrace {

// `argv` ends with a null pointer; argv[0] is the program's path. True: it was started (what becomes of it is another
// matter). The program never sees it: no SIGCHLD, nothing for its wait().
bool StartStranger(const char* const* argv);

}  // namespace pytrace

#endif  // PYTRACE_PRELOAD_START_DUMPER_H_
