#include "reader/tui/terminal.h"

// The wide functions of ncurses.
#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace pytrace::reader::tui {
namespace {

SCREEN* screen = nullptr;
FILE* input = nullptr;
bool colors = false;
Key pending = kNoKey;
volatile sig_atomic_t ending = 0;

constexpr int kEscapeMs = 25;
constexpr size_t kInkCount = 11;
constexpr int kPasteBeginCode = 0x3000, kPasteEndCode = 0x3001, kCtrlLeftCode = 0x3002, kCtrlRightCode = 0x3003;

void OnEnding(int signal) { ending = signal; }

// The terminal must work again before the core is written. endwin is not made for this place, but there is nothing left
// to lose.
void OnCrash(int signal) {
  endwin();
  Terminal::Die(signal);
}

void CatchSignals() {
  struct sigaction action {};
  action.sa_handler = OnEnding;
  for (int signal : {SIGTERM, SIGHUP, SIGINT, SIGQUIT}) sigaction(signal, &action, nullptr);
  action.sa_handler = OnCrash;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  for (int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}) sigaction(signal, &action, nullptr);
  signal(SIGPIPE, SIG_IGN);
}

// What the terminal says of its background; the palette below has a twin for light ones.
bool LightBackground() {
  const char* text = getenv("COLORFGBG");
  const char* last = text == nullptr ? nullptr : strrchr(text, ';');
  return last != nullptr && (strcmp(last + 1, "7") == 0 || strcmp(last + 1, "15") == 0);
}

short chosen_colors[kInkCount];
bool color_chosen[kInkCount];

// Of 256 colours those of the first pytrace.
short ColorOf(Ink ink, bool light) {
  if (color_chosen[static_cast<size_t>(ink)] && chosen_colors[static_cast<size_t>(ink)] < COLORS)
    return chosen_colors[static_cast<size_t>(ink)];
  bool many = COLORS >= 256;
  switch (ink) {
    case Ink::kTime:
      return many ? (light ? 25 : 117) : COLOR_BLUE;
    case Ink::kThread:
      return many ? (light ? 124 : 210) : COLOR_RED;
    case Ink::kModule:
      return many ? (light ? 28 : 121) : COLOR_GREEN;
    case Ink::kFunction:
      return many ? (light ? 25 : 117) : COLOR_BLUE;
    case Ink::kName:
      return many ? (light ? 28 : 121) : COLOR_GREEN;
    case Ink::kType:
      return many ? (light ? 30 : 123) : COLOR_CYAN;
    case Ink::kValue:
      return many ? (light ? 124 : 210) : COLOR_RED;
    case Ink::kError:
      return many ? (light ? 160 : 203) : COLOR_RED;
    case Ink::kNote:
      return many ? (light ? 241 : 246) : COLOR_CYAN;
    default:
      return -1;
  }
}

constexpr Ink kInks[] = {Ink::kPlain, Ink::kTime, Ink::kThread, Ink::kModule, Ink::kArrow, Ink::kFunction,
                         Ink::kName,  Ink::kType, Ink::kValue,  Ink::kError,  Ink::kNote};

void StartColors() {
  start_color();
  use_default_colors();
  bool light = LightBackground();
  for (Ink ink : kInks) init_pair(static_cast<short>(static_cast<int>(ink) + 1), ColorOf(ink, light), -1);
}

attr_t AttributesOf(const Style& style) {
  attr_t attributes = A_NORMAL;
  if (style.reverse) attributes |= A_REVERSE;
  if (style.bold || style.ink == Ink::kError) attributes |= A_BOLD;
  if (style.underline) attributes |= A_UNDERLINE;
  if (colors) attributes |= COLOR_PAIR(static_cast<int>(style.ink) + 1);
  return attributes;
}

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

Key ReadOne(int timeout_ms) {
  timeout(timeout_ms);
  wint_t code;
  int kind = get_wch(&code);
  if (kind == ERR) return kNoKey;
  if (kind == KEY_CODE_YES) return FromCurses(code);
  if (code == '\n') return kEnter;
  if (code == 8) return kBackspace;
  return static_cast<Key>(code);
}

void SetPasteMode(bool on) {
  fputs(on ? "\033[?2004h" : "\033[?2004l", stdout);
  fflush(stdout);
}

}  // namespace

bool Terminal::Open(bool color, std::string* error) {
  input = isatty(STDIN_FILENO) ? stdin : fopen("/dev/tty", "re");
  if (input == nullptr) {
    *error = "stdin is no terminal, and there is none to read keys from";
    return false;
  }
  screen = newterm(nullptr, stdout, input);
  if (screen == nullptr) {
    const char* term = getenv("TERM");
    *error = std::string("the terminal type ") + (term == nullptr ? "" : term) +
             " is not known; set TERM, or use --format text";
    return false;
  }
  CatchSignals();
  raw();
  noecho();
  nonl();
  keypad(stdscr, TRUE);
  set_escdelay(kEscapeMs);
  define_key("\033[200~", kPasteBeginCode);
  define_key("\033[201~", kPasteEndCode);
  define_key("\033[1;5D", kCtrlLeftCode);
  define_key("\033[1;5C", kCtrlRightCode);
  colors = color && has_colors();
  if (colors) StartColors();
  SetPasteMode(true);
  return true;
}

bool Terminal::SetColor(const std::string& ink, const std::string& color) {
  static constexpr const char* kInkNames[kInkCount] = {"plain", "time", "thread", "module", "arrow", "function",
                                                       "name",  "type", "value",  "error",  "note"};
  static constexpr const char* kColors[] = {"black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"};
  auto found = std::find(std::begin(kInkNames), std::end(kInkNames), ink);
  auto named = std::find(std::begin(kColors), std::end(kColors), color);
  if (found == std::end(kInkNames)) return false;
  char* end = nullptr;
  long number = named != std::end(kColors) ? named - std::begin(kColors) : strtol(color.c_str(), &end, 10);
  if (color == "default") number = -1, end = nullptr;
  bool valid = named != std::end(kColors) || color == "default" ||
               (!color.empty() && *end == '\0' && number >= 0 && number < 256);
  if (!valid) return false;
  color_chosen[found - std::begin(kInkNames)] = true;
  chosen_colors[found - std::begin(kInkNames)] = static_cast<short>(number);
  return true;
}

void Terminal::Close() {
  if (screen == nullptr) return;
  SetPasteMode(false);
  endwin();
  delscreen(screen);
  screen = nullptr;
  if (input != stdin) fclose(input);
}

int Terminal::width() { return COLS; }
int Terminal::height() { return LINES; }

// Escape right before a key is Alt; alone it is itself.
Key Terminal::Read(int timeout_ms) {
  if (pending != kNoKey) {
    Key key = pending;
    pending = kNoKey;
    return key;
  }
  Key key = ReadOne(timeout_ms);
  if (key != kEscape) return key;
  Key next = ReadOne(kEscapeMs);
  if (next == kNoKey) return kEscape;
  if (next == kResize || next == kEscape) {
    pending = next;
    return kEscape;
  }
  return next + kAlt;
}

void Terminal::Show(const Canvas& canvas) {
  for (int row = 0; row < std::min(canvas.height(), LINES); ++row) {
    move(row, 0);
    int column = 0;
    while (column < std::min(canvas.width(), COLS)) {
      const Style& style = canvas.at(row, column).style;
      std::string run;
      for (; column < canvas.width() && canvas.at(row, column).style == style; ++column)
        run += canvas.at(row, column).glyph;
      attrset(AttributesOf(style));
      // Writing the last cell of the screen fails at moving on, which does no harm.
      addstr(run.c_str());
    }
  }
  attrset(A_NORMAL);
  curs_set(canvas.cursor_row >= 0);
  move(std::max(0, canvas.cursor_row), canvas.cursor_row >= 0 ? canvas.cursor_column : 0);
  refresh();
}

void Terminal::Repaint() { clearok(curscr, TRUE); }

void Terminal::Leave() {
  SetPasteMode(false);
  endwin();
}

void Terminal::Return() {
  SetPasteMode(true);
  Repaint();
  refresh();
}

void Terminal::Suspend() {
  Leave();
  kill(0, SIGTSTP);
  Return();
}

int Terminal::ending_signal() { return ending; }

void Terminal::Die(int signal_number) {
  signal(signal_number, SIG_DFL);
  sigset_t only;
  sigemptyset(&only);
  sigaddset(&only, signal_number);
  sigprocmask(SIG_UNBLOCK, &only, nullptr);
  raise(signal_number);
  _exit(128 + signal_number);
}

}  // namespace pytrace::reader::tui
