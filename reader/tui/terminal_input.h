// Keys from the terminal, by ncurses: for terminal.cc.
#ifndef PYTRACE_READER_TUI_TERMINAL_INPUT_H_
#define PYTRACE_READER_TUI_TERMINAL_INPUT_H_

#include <string>

#include "reader/tui/keys.h"

namespace pytrace::reader::tui {

// The sequences that terminfo does not have.
void DefineKeys();
// As Terminal::Read. `mouse`: whether its clicks and wheel count. What comes as an answer of the terminal is put into
// *reply, without its frame: `11;rgb:...`.
Key ReadKey(int timeout_ms, bool mouse, std::string* reply);

}  // namespace pytrace::reader::tui

#endif  // PYTRACE_READER_TUI_TERMINAL_INPUT_H_
