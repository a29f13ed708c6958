// How much memory a process may take. What we take of it is missing elsewhere, and a control group that runs out of it
// kills.
#ifndef PYTRACE_PRELOAD_MEMORY_LIMIT_H_
#define PYTRACE_PRELOAD_MEMORY_LIMIT_H_

#include <cstdint>

namespace pytrace {

// Bytes: the least of RLIMIT_AS and the limits of its control groups; UINT64_MAX where there are none. Opens a few
// files.
uint64_t MemoryLimit();

// The control groups' part. `groups`: /proc/self/cgroup; `mount`: /sys/fs/cgroup.
uint64_t ControlGroupLimit(const char* groups, const char* mount);

}  // namespace pytrace

#endif  // PYTRACE_PRELOAD_MEMORY_LIMIT_H_
