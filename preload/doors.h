// Interposed libc functions, a line each in doors.cc: they keep the tracing across exec and spawn, whatever environment
// the program passes, and tell of fork and exec.
#ifndef PYTRACE_PRELOAD_DOORS_H_
#define PYTRACE_PRELOAD_DOORS_H_

#include "preload/config.h"

namespace pytrace {

// Finds the real functions behind the doors. First thing in the constructor.
void OpenDoors();

// From now on children get these variables. Without it the doors pass everything on unchanged.
void ShareWithChildren(const Config& config);

}  // namespace pytrace

#endif  // PYTRACE_PRELOAD_DOORS_H_
