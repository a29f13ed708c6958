// What the environment asks for, read once by the constructor, and what children need to be recorded like us.
#ifndef PYTRACE_PRELOAD_CONFIG_H_
#define PYTRACE_PRELOAD_CONFIG_H_

#include <cstddef>
#include <cstdint>

#include "pyshim/capture.h"

namespace pytrace {

// The variables that go to every child, LD_PRELOAD first.
inline constexpr const char* kInherited[] = {
    "LD_PRELOAD",     "PYTRACE_DB",     "PYTRACE_RUN",   "PYTRACE_PROGRAM",    "PYTRACE_BUFFER",   "PYTRACE_ON_FULL",
    "PYTRACE_VALUES", "PYTRACE_LIMITS", "TRACE_MODULES", "PYTRACE_MAX_TRACES", "PYTRACE_MAX_SIZE",
};
inline constexpr size_t kInheritedCount = sizeof(kInherited) / sizeof(kInherited[0]);

struct Config {
  bool enabled = true;  // PYTRACE is not 0
  bool block = true;    // PYTRACE_ON_FULL
  bool values = true;   // PYTRACE_VALUES is not none
  uint64_t buffer = 0;  // PYTRACE_BUFFER; 0: not given
  py::Limits limits;
  const char* modules = nullptr;     // TRACE_MODULES, nullptr: all
  const char* max_traces = nullptr;  // as given; the dumper parses them
  const char* max_size = nullptr;
  const char* program = nullptr;  // PYTRACE_PROGRAM, JSON
  char db[4096] = {};             // absolute
  char run[40] = {};              // token
  bool first_of_run = false;      // nobody started it who would say what went wrong
  char library[4096] = {};        // this library's path
  const char* problem = nullptr;  // a value that makes no sense: what to say, once
  // "NAME=value" for children, in the order of kInherited; nullptr: not set. Live as long as the process.
  const char* inherited[kInheritedCount] = {};
};

// Fills the config from `envp`. Allocates nothing but one mapping when the strings are longer than usual.
void ReadConfig(const char* const* envp, Config* config);

// The value of `name` in `envp`, or nullptr.
const char* FindVariable(const char* const* envp, const char* name);

}  // namespace pytrace

#endif  // PYTRACE_PRELOAD_CONFIG_H_
