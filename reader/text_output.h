// Events as text into a pipe, a file or a terminal: one line each, in order of time, in constant memory.
#ifndef PYTRACE_READER_TEXT_OUTPUT_H_
#define PYTRACE_READER_TEXT_OUTPUT_H_

#include "reader/options.h"
#include "reader/window.h"

namespace pytrace::reader {

inline constexpr int kPrinted = 0, kNothingPrinted = 1, kFailed = 2, kInterrupted = 130;

// Prints what the window shows to stdout. Returns one of the above. A reader that has closed the pipe ends it without a
// word.
int PrintEvents(Window* window, const ReaderOptions& options);

}  // namespace pytrace::reader

#endif  // PYTRACE_READER_TEXT_OUTPUT_H_
