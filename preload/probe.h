// What the self-test runs, and what must be recorded of it.
#ifndef PYTRACE_PRELOAD_PROBE_H_
#define PYTRACE_PRELOAD_PROBE_H_

#include <cstddef>
#include <cstdint>

#include "ringbuf/record/value_encoder.h"

namespace pytrace {

// One record of the probe.
struct Expected {
  const char* what;  // for the reason that is given where it is another one
  uint8_t kind;
  uint64_t outcome, start;
  void (*values)(record::ValueEncoder&);  // nullptr: not compared
};

struct Probe {
  const char *head, *body;  // its source, in two parts
  const Expected* records;
  size_t count;
};

// By the version: which syntax it may use, which kinds of values there are.
Probe ProbeFor(int major, int minor);

}  // namespace pytrace

#endif  // PYTRACE_PRELOAD_PROBE_H_
