// The reader without a terminal: keys from the command line or from a file, screens to a file.
#ifndef PYTRACE_READER_TUI_HEADLESS_H_
#define PYTRACE_READER_TUI_HEADLESS_H_

#include "reader/options.h"
#include "reader/window.h"

namespace pytrace::reader::tui {

// Plays options.keys and writes the last screen to options.dump. The exit status: 0, 2 with a line on stderr.
int RunHeadless(Window* window, const ReaderOptions& options);
// Presses the keys of options.replay. 0: the screens are as recorded; 1: one is not, and stdout has where; 2 as above.
int Replay(Window* window, const ReaderOptions& options);

}  // namespace pytrace::reader::tui

#endif  // PYTRACE_READER_TUI_HEADLESS_H_
