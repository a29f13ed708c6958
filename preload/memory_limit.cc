#include "preload/memory_limit.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

namespace pytrace {
namespace {

// Its first bytes, as a string; nothing when it cannot be read.
void ReadFile(const char* path, char* out, size_t size) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t n = fd < 0 ? 0 : read(fd, out, size - 1);
  if (fd >= 0) close(fd);
  out[n < 0 ? 0 : n] = 0;
}

// A number, or "max". 0 cannot be meant: whoever reads it is running.
uint64_t LimitIn(const char* path) {
  char text[32];
  ReadFile(path, text, sizeof(text));
  uint64_t limit = 0;
  const char* digit = text;
  for (; *digit >= '0' && *digit <= '9'; ++digit) limit = limit * 10 + (*digit - '0');
  return limit == 0 ? UINT64_MAX : limit;
}

// The least limit from the group to the root. A group that is not there is one of another namespace: then what is
// mounted is ours.
uint64_t LeastUpwards(const char* root, const char* group, const char* name) {
  char folder[1024], path[1200];
  int n = snprintf(folder, sizeof(folder), "%s%s", root, group);
  if (n < 0 || n >= static_cast<int>(sizeof(folder))) return UINT64_MAX;
  uint64_t least = UINT64_MAX;
  for (size_t root_length = strlen(root);;) {
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    uint64_t limit = LimitIn(path);
    if (limit < least) least = limit;
    char* end = strrchr(folder, '/');
    if (end == nullptr || end < folder + root_length) return least;
    *end = 0;
  }
}

bool HasWord(const char* list, size_t length, const char* word) {
  size_t n = strlen(word);
  for (const char *at = list, *end = list + length; at < end;) {
    const char* comma = static_cast<const char*>(memchr(at, ',', end - at));
    if (comma == nullptr) comma = end;
    if (static_cast<size_t>(comma - at) == n && memcmp(at, word, n) == 0) return true;
    at = comma + 1;
  }
  return false;
}

}  // namespace

// Lines of `NUMBER:CONTROLLERS:GROUP`: of version 1 a hierarchy for some controllers, of version 2 the only one, `0::`.
uint64_t ControlGroupLimit(const char* groups, const char* mount) {
  char text[4096], root[256];
  ReadFile(groups, text, sizeof(text));
  uint64_t least = UINT64_MAX;
  for (char *line = text, *next; *line != 0; line = next) {
    next = strchrnul(line, '\n');
    if (*next != 0) *next++ = 0;
    char* controllers = strchr(line, ':');
    char* group = controllers != nullptr ? strchr(++controllers, ':') : nullptr;
    if (group == nullptr) continue;
    bool second = group == controllers;
    if (!second && !HasWord(controllers, group - controllers, "memory")) continue;
    snprintf(root, sizeof(root), "%s%s", mount, second ? "" : "/memory");
    uint64_t limit = LeastUpwards(root, group + 1, second ? "memory.max" : "memory.limit_in_bytes");
    if (limit < least) least = limit;
  }
  return least;
}

uint64_t MemoryLimit() {
  struct rlimit limit;
  uint64_t least = ControlGroupLimit("/proc/self/cgroup", "/sys/fs/cgroup");
  if (getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY && limit.rlim_cur < least)
    least = limit.rlim_cur;
  return least;
}

}  // namespace pytrace
