// RLIMIT_FSIZE. Who makes a file longer than it allows gets SIGXFSZ, which ends a program that does not ignore it: the
// limit is looked at before.
#ifndef PYTRACE_RINGBUF_FILE_LIMIT_H_
#define PYTRACE_RINGBUF_FILE_LIMIT_H_

#include <sys/resource.h>

#include <cstdint>

namespace pytrace::ring {

// The longest file, in bytes, that this process may make at present.
inline uint64_t FileSizeLimit() {
  struct rlimit limit;
  return getrlimit(RLIMIT_FSIZE, &limit) == 0 ? limit.rlim_cur : RLIM_INFINITY;
}

}  // namespace pytrace::ring

#endif  // PYTRACE_RINGBUF_FILE_LIMIT_H_
