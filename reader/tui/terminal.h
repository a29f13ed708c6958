// The real terminal, by ncurses: cells out, keys in. Whatever ends the process, the terminal is left as it was found.
#ifndef PYTRACE_READER_TUI_TERMINAL_H_
#define PYTRACE_READER_TUI_TERMINAL_H_

#include <string>

#include "reader/tui/canvas.h"
#include "reader/tui/keys.h"

namespace pytrace::reader::tui {

class Terminal {
 public:
  // `color`: false draws with bold, underline and reverse only. Keys come from /dev/tty where stdin is no terminal.
  // false: *error.
  static bool Open(bool color, std::string* error);
  // Before Open: another colour for an ink, by name (`value`, `green` or 0 to 255). false: there is none of this name.
  static bool SetColor(const std::string& ink, const std::string& color);
  static void Close();

  static int width();
  static int height();
  // kNoKey when none came within `timeout_ms` (-1: waits). kResize when the size is another one.
  static Key Read(int timeout_ms);
  static void Show(const Canvas& canvas);
  static void SetMouse(bool on);  // whether clicks and the wheel come as keys
  static void Bell();
  static void Copy(const std::string& text);  // to the clipboard
  static void Repaint();  // the next Show draws everything
  // Lends the terminal to another program: Leave, run it, Return.
  static void Leave();
  static void Return();
  static void Suspend();  // as ^Z does; returns when the job is in the foreground again

  // The signal that asked us to end, 0: none. The caller closes the terminal and then lets it kill the process (Die).
  static int ending_signal();
  [[noreturn]] static void Die(int signal);
};

}  // namespace pytrace::reader::tui

#endif  // PYTRACE_READER_TUI_TERMINAL_H_
