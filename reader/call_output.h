// Calls as text: the tree of calls, and the hot functions.
#ifndef PYTRACE_READER_CALL_OUTPUT_H_
#define PYTRACE_READER_CALL_OUTPUT_H_

#include <cstdint>

#include "reader/output.h"
#include "reader/window.h"

namespace pytrace::reader {

// A line for each call that is shown, below its caller: what it took, itself and in all, arguments, result, place.
// In constant memory. Returns how many there were. `limit` 0: all.
int64_t PrintTree(Window* window, int64_t limit, Output* output);
// A line for each function, that with the most time of its own first.
int64_t PrintHot(Window* window, int64_t limit, Output* output);

}  // namespace pytrace::reader

#endif  // PYTRACE_READER_CALL_OUTPUT_H_
