// Keys as numbers: a character's code point, or one of these; kAlt is added for a key with Escape before it.
#ifndef PYTRACE_READER_TUI_KEYS_H_
#define PYTRACE_READER_TUI_KEYS_H_

#include <string>
#include <string_view>
#include <vector>

namespace pytrace::reader::tui {

using Key = int;

enum : Key {
  kNoKey = -1,
  kCtrlC = 3,
  kTab = 9,
  kEnter = 13,
  kCtrlZ = 26,
  kEscape = 27,
  kBackspace = 127,
  kSpecial = 0x110000,  // behind all code points
  kUp = kSpecial,
  kDown,
  kLeft,
  kRight,
  kHome,
  kEnd,
  kPageUp,
  kPageDown,
  kDelete,
  kInsert,
  kShiftTab,
  kCtrlLeft,
  kCtrlRight,
  kF1,
  kResize,
  kPasteBegin,
  kPasteEnd,
  kAlt = 0x1000000,
  kDash = 0x2000000,  // after a -, as less has its options
};

constexpr Key Ctrl(char letter) { return letter & 0x1f; }
constexpr Key Dash(char letter) { return kDash + letter; }

// `/fib<Enter>n` -> keys; <Up>, <C-d>, <A-x>, <Space>, <lt> ... false: *error names the piece that is no key.
bool ParseKeys(std::string_view text, std::vector<Key>* out, std::string* error);
// As help shows it: `j`, `^D`, `ESC-v`, `PgUp`.
std::string KeyName(Key key);

}  // namespace pytrace::reader::tui

#endif  // PYTRACE_READER_TUI_KEYS_H_
