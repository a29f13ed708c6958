// The reader's screen.
#ifndef PYTRACE_READER_TUI_TUI_H_
#define PYTRACE_READER_TUI_TUI_H_

#include "reader/options.h"
#include "reader/window.h"

namespace pytrace::reader::tui {

// Shows the window on the terminal until the user leaves; with options.dump, plays options.keys on a screen without a
// terminal and writes the last screen there. The exit status: 0, 2 with a line on stderr.
int Run(Window* window, const ReaderOptions& options);

}  // namespace pytrace::reader::tui

#endif  // PYTRACE_READER_TUI_TUI_H_
