// The environment of a child, with what it needs to be recorded. Built on the caller's stack: the doors run in vfork
// children and signal handlers too.
#ifndef PYTRACE_PRELOAD_CHILD_ENVIRONMENT_H_
#define PYTRACE_PRELOAD_CHILD_ENVIRONMENT_H_

#include <cstddef>

#include "preload/config.h"

namespace pytrace {

class ChildEnvironment {
 public:
  // `takes`: the child takes a preload (takes_preload.h). One that does not gets an environment without us.
  ChildEnvironment(const Config* config, char* const* envp, bool takes);

  // Nothing to change: pass the program's own on.
  bool unchanged() const { return config_ == nullptr; }
  // Pointers and bytes that Build needs.
  size_t pointers() const { return count_ + kInheritedCount + 1; }
  size_t preload_bytes() const { return preload_bytes_; }
  // `out`: room for pointers(); `preload`: for preload_bytes().
  char* const* Build(char** out, char* preload) const;

 private:
  bool WithoutUs(const char* value, char* out) const;

  const Config* config_ = nullptr;
  char* const* envp_;
  bool takes_;
  size_t count_ = 0;
  const char* theirs_ = nullptr;  // their LD_PRELOAD
  size_t preload_bytes_ = 1;
};

}  // namespace pytrace

#endif  // PYTRACE_PRELOAD_CHILD_ENVIRONMENT_H_
