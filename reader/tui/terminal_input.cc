#include "reader/tui/terminal_input.h"

// The wide functions of ncurses.
#define NCURSES_WIDECHAR 1
#include <curses.h>

#include <string>

namespace pytrace::reader::tui {
namespace {

constexpr int kEscapeMs = 25;
constexpr int kPasteBeginCode = 0x3000, kPasteEndCode = 0x3001, kCtrlLeftCode = 0x3002, kCtrlRightCode = 0x3003, kMouseCode = 0x3004;

Key pending = kNoKey;

Key FromCurses(wint_t code) {
  switch (code) {
    case KEY_UP:
      return kUp;
    case KEY_DOWN:
      return kDown;
    case KEY_LEFT:
      return kLeft;
    case KEY_RIGHT:
      return kRight;
    case KEY_HOME:
    case KEY_FIND:
      return kHome;
    case KEY_END:
    case KEY_SELECT:
      return kEnd;
    case KEY_PPAGE:
      return kPageUp;
    case KEY_NPAGE:
      return kPageDown;
    case KEY_DC:
      return kDelete;
    case KEY_IC:
      return kInsert;
    case KEY_BTAB:
      return kShiftTab;
    case KEY_BACKSPACE:
      return kBackspace;
    case KEY_ENTER:
      return kEnter;
    case KEY_F(1):
      return kF1;
    case KEY_RESIZE:
      return kResize;
    case kPasteBeginCode:
      return kPasteBegin;
    case kPasteEndCode:
      return kPasteEnd;
    case kCtrlLeftCode:
      return kCtrlLeft;
    case kCtrlRightCode:
      return kCtrlRight;
    default:
      return kNoKey;
  }
}

// The rest of `ESC [ < button ; column ; row M` (m: a button is let go), as xterm's mode 1006 has it: it knows screens
// of any size.
Key ReadMouse(bool wanted) {
  constexpr int kWholeMs = 50;
  int numbers[3] = {}, at = 0;
  timeout(kWholeMs);
  for (wint_t code; get_wch(&code) == OK;) {
    if (code == ';' && at < 2) {
      ++at;
    } else if (code >= '0' && code <= '9' && numbers[at] < kMouseCells) {
      numbers[at] = numbers[at] * 10 + static_cast<int>(code - '0');
    } else {
      bool whole = code == 'M' && at == 2 && numbers[1] > 0 && numbers[2] > 0;
      if (!whole || !wanted) break;
      int row = numbers[2] - 1, column = numbers[1] - 1;
      if (numbers[0] == 0) return MakeMouse(MouseKind::kClick, row, column);
      if (numbers[0] == 64) return MakeMouse(MouseKind::kWheelUp, row, column);
      if (numbers[0] == 65) return MakeMouse(MouseKind::kWheelDown, row, column);
      break;
    }
  }
  return kNoKey;
}

Key ReadOne(int timeout_ms, bool mouse) {
  timeout(timeout_ms);
  wint_t code;
  int kind = get_wch(&code);
  if (kind == ERR) return kNoKey;
  if (kind == KEY_CODE_YES) return code == kMouseCode ? ReadMouse(mouse) : FromCurses(code);
  if (code == '\n') return kEnter;
  if (code == 8) return kBackspace;
  return static_cast<Key>(code);
}

// An answer of the terminal, which is no key: all up to its end, BEL or ESC \\.
std::string ReadReply() {
  constexpr int kReplyMs = 50;
  constexpr size_t kLongest = 256;
  std::string reply;
  for (Key key; reply.size() < kLongest && (key = ReadOne(kReplyMs, false)) != kNoKey && key != '\a';) {
    if (key == kEscape) {
      ReadOne(kReplyMs, false);
      break;
    }
    if (key >= ' ' && key < 127) reply.push_back(static_cast<char>(key));
  }
  return reply;
}

}  // namespace

void DefineKeys() {
  set_escdelay(kEscapeMs);
  define_key("\033[200~", kPasteBeginCode);
  define_key("\033[201~", kPasteEndCode);
  define_key("\033[<", kMouseCode);
  define_key("\033[1;5D", kCtrlLeftCode);
  define_key("\033[1;5C", kCtrlRightCode);
}

// Escape right before a key is Alt; alone it is itself.
Key ReadKey(int timeout_ms, bool mouse, std::string* reply) {
  if (pending != kNoKey) {
    Key key = pending;
    pending = kNoKey;
    return key;
  }
  Key key = ReadOne(timeout_ms, mouse);
  if (key != kEscape) return key;
  Key next = ReadOne(kEscapeMs, mouse);
  if (next == kNoKey) return kEscape;
  if (next == ']') {
    *reply = ReadReply();
    return kNoKey;
  }
  if (next == kResize || next == kEscape) {
    pending = next;
    return kEscape;
  }
  return next + kAlt;
}

}  // namespace pytrace::reader::tui
