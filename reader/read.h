// Opens a recording and shows it: the screen on a terminal, text elsewhere.
#ifndef PYTRACE_READER_READ_H_
#define PYTRACE_READER_READ_H_

#include "reader/options.h"

namespace pytrace::reader {

// The exit status: 0 something was shown, 1 nothing matched, 2 an error that was said on stderr, 130 interrupted.
int ReadDatabase(const ReaderOptions& options);

}  // namespace pytrace::reader

#endif  // PYTRACE_READER_READ_H_
