#include "reader/tui/palette.h"

// The wide functions of ncurses.
#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <iterator>

namespace pytrace::reader::tui {
namespace {

constexpr size_t kInkCount = 11;

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

}  // namespace

bool LightBackground() {
  const char* text = getenv("COLORFGBG");
  const char* last = text == nullptr ? nullptr : strrchr(text, ';');
  return last != nullptr && (strcmp(last + 1, "7") == 0 || strcmp(last + 1, "15") == 0);
}

bool AnswersQuestions() {
  const char* term = getenv("TERM");
  if (term == nullptr || getenv("COLORFGBG") != nullptr || isatty(STDOUT_FILENO) == 0) return false;
  for (const char* known : {"xterm", "tmux", "screen", "alacritty", "kitty", "foot", "rxvt", "wezterm", "konsole", "vte",
                            "iterm", "contour", "ghostty", "st-"}) {
    if (strncmp(term, known, strlen(known)) == 0) return true;
  }
  return false;
}

// 11;rgb:RRRR/GGGG/BBBB
bool ReadBackground(const std::string& reply, bool* light) {
  unsigned red, green, blue;
  if (sscanf(reply.c_str(), "11;rgb:%4x/%4x/%4x", &red, &green, &blue) != 3) return false;
  unsigned digits = static_cast<unsigned>(reply.find('/') - reply.find(':') - 1);
  unsigned most = digits == 0 || digits > 4 ? 0xffff : (1u << (4 * digits)) - 1;
  *light = 299 * red + 587 * green + 114 * blue > 500 * most;
  return true;
}

void StartColors(bool light) {
  for (Ink ink : kInks) init_pair(static_cast<short>(static_cast<int>(ink) + 1), ColorOf(ink, light), -1);
}

bool ChooseColor(const std::string& ink, const std::string& color) {
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

}  // namespace pytrace::reader::tui
