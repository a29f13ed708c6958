// Other programs that get the plain terminal for a while.
#ifndef PYTRACE_READER_TUI_SHELL_H_
#define PYTRACE_READER_TUI_SHELL_H_

#include <string>
#include <vector>

#include "reader/window.h"

namespace pytrace::reader::tui {

// What an application wants run: `words`, with the events that are shown as its stdin or not.
struct Errand {
  std::vector<std::string> words;
  bool events = false;
  bool quiet = false;  // its output is not for the user
  std::string text;    // its stdin where it is not the events
};

// Runs it and waits for its end. The terminal is the caller's to leave and to take back. What went wrong is a sentence;
// empty: nothing did.
std::string Run(const Errand& errand, Window* window);
// Prints a line and waits for Enter.
void WaitForEnter();
// The command that copies its stdin to the clipboard of this desktop; none: empty.
std::vector<std::string> CopyCommand();

}  // namespace pytrace::reader::tui

#endif  // PYTRACE_READER_TUI_SHELL_H_
