// Before the first event is recorded: a probe with known arguments runs under the real hook and the real path into
// scratch memory, and what it wrote must be exactly what was passed. It proves every offset that the interpreter does
// not tell.
#ifndef PYTRACE_PRELOAD_SELF_TEST_H_
#define PYTRACE_PRELOAD_SELF_TEST_H_

#include "pyshim/api.h"

namespace pytrace {

// Under the GIL, hook installed, no other Python code running in this thread. The probe is our own code in a namespace
// of its own. Leaves thread_state as new. nullptr, or the part that was read wrong.
// The version: which syntax the probe may use, which kinds of values there are.
const char* SelfTest(const py::Api& api, int major, int minor);

}  // namespace pytrace

#endif  // PYTRACE_PRELOAD_SELF_TEST_H_
