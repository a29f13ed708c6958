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
  kDash = 0x2000000,    // after a -, as less has its options
  kTwice = 0x4000000,   // typed twice
  kMouse = 0x40000000,  // MakeMouse
};

constexpr Key Ctrl(char letter) { return letter & 0x1f; }
constexpr Key Dash(char letter) { return kDash + letter; }
constexpr Key Twice(char letter) { return kTwice + letter; }

// The mouse, as a key that says where on the screen it was.
enum class MouseKind { kClick, kWheelUp, kWheelDown };
constexpr int kMouseCells = 1 << 14;  // rows and columns beyond cannot be said
constexpr Key MakeMouse(MouseKind kind, int row, int column) {
  return kMouse | static_cast<int>(kind) << 28 | (row & (kMouseCells - 1)) << 14 | (column & (kMouseCells - 1));
}
constexpr bool IsMouse(Key key) { return key >= kMouse; }
constexpr MouseKind MouseKindOf(Key key) { return static_cast<MouseKind>(key >> 28 & 3); }
constexpr int MouseRow(Key key) { return key >> 14 & (kMouseCells - 1); }
constexpr int MouseColumn(Key key) { return key & (kMouseCells - 1); }

// `/fib<Enter>n` -> keys; <Up>, <C-d>, <A-x>, <Space>, <lt>, <Click-ROW-COLUMN>, <WheelUp-ROW-COLUMN> ... false: *error names the piece that is no key.
bool ParseKeys(std::string_view text, std::vector<Key>* out, std::string* error);
// The same the other way round, for one key.
std::string KeyWord(Key key);
// As help shows it: `j`, `^D`, `ESC-v`, `PgUp`.
std::string KeyName(Key key);

}  // namespace pytrace::reader::tui

#endif  // PYTRACE_READER_TUI_KEYS_H_
