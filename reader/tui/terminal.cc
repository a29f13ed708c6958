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

#include "reader/tui/palette.h"
#include "reader/tui/terminal_input.h"

namespace pytrace::reader::tui {
namespace {

SCREEN* screen = nullptr;
FILE* input = nullptr;
bool colors = false, light_background = false, mouse = false;
volatile sig_atomic_t ending = 0;

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

attr_t AttributesOf(const Style& style) {
  attr_t attributes = A_NORMAL;
  if (style.reverse) attributes |= A_REVERSE;
  if (style.bold || style.ink == Ink::kError) attributes |= A_BOLD;
  if (style.underline) attributes |= A_UNDERLINE;
  if (colors) attributes |= COLOR_PAIR(static_cast<int>(style.ink) + 1);
  return attributes;
}

// What the terminal says of its background.
void TakeReply(const std::string& reply) {
  bool light;
  if (!colors || !ReadBackground(reply, &light) || light == light_background) return;
  light_background = light;
  StartColors(light);
  clearok(curscr, TRUE);
}

void SetModes(bool on) {
  fputs(on ? "\033[?2004h" : "\033[?2004l", stdout);
  if (mouse) fputs(on ? "\033[?1000h\033[?1006h" : "\033[?1006l\033[?1000l", stdout);
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
  DefineKeys();
  colors = color && has_colors();
  if (colors) {
    start_color();
    use_default_colors();
    light_background = LightBackground();
    StartColors(light_background);
  }
  SetModes(true);
  // The answer comes between the keys, when it comes.
  if (colors && AnswersQuestions()) {
    fputs("\033]11;?\033\\", stdout);
    fflush(stdout);
  }
  return true;
}

bool Terminal::SetColor(const std::string& ink, const std::string& color) { return ChooseColor(ink, color); }

void Terminal::Close() {
  if (screen == nullptr) return;
  SetModes(false);
  endwin();
  delscreen(screen);
  screen = nullptr;
  if (input != stdin) fclose(input);
}

int Terminal::width() { return COLS; }
int Terminal::height() { return LINES; }

Key Terminal::Read(int timeout_ms) {
  std::string reply;
  Key key = ReadKey(timeout_ms, mouse, &reply);
  if (!reply.empty()) TakeReply(reply);
  return key;
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

void Terminal::SetMouse(bool on) {
  if (on == mouse) return;
  mouse = true;
  SetModes(on);
  mouse = on;
  if (!on) SetModes(true);  // pasting
}

void Terminal::Bell() { beep(); }

// OSC 52: the terminal at the other end of any ssh puts it into its clipboard.
void Terminal::Copy(const std::string& text) {
  static constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string coded;
  for (size_t at = 0; at < text.size(); at += 3) {
    uint32_t three = 0;
    for (size_t i = 0; i < 3; ++i) three = three << 8 | (at + i < text.size() ? static_cast<uint8_t>(text[at + i]) : 0);
    for (size_t i = 0; i < 4; ++i) {
      bool filler = i > 1 && at + i - 1 >= text.size();
      coded.push_back(filler ? '=' : kDigits[three >> (18 - 6 * i) & 63]);
    }
  }
  printf("\033]52;c;%s\a", coded.c_str());
  fflush(stdout);
}

void Terminal::Repaint() { clearok(curscr, TRUE); }

void Terminal::Leave() {
  SetModes(false);
  endwin();
}

void Terminal::Return() {
  SetModes(true);
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
