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

constexpr size_t kNamedInks = static_cast<size_t>(Ink::kOtherThreads);

short chosen_colors[kNamedInks];
bool color_chosen[kNamedInks];

// Of the threads that have not the first one's: on 256 colours, and on 8.
short ColorOfThread(size_t place, bool light) {
  static constexpr short kDark[] = {215, 228, 183, 114, 152}, kLight[] = {130, 94, 91, 22, 24};
  static constexpr short kFew[] = {COLOR_YELLOW, COLOR_MAGENTA, COLOR_CYAN, COLOR_GREEN, COLOR_BLUE};
  static_assert(std::size(kDark) == kThreadInks - 1 && std::size(kLight) == std::size(kDark));
  static_assert(std::size(kFew) == std::size(kDark));
  return COLORS >= 256 ? (light ? kLight : kDark)[place] : kFew[place];
}

// Of 256 colours those of the first pytrace.
short ColorOf(Ink ink, bool light) {
  if (ink >= Ink::kOtherThreads) {
    // A colour that was chosen for threads is that of all of them.
    if (color_chosen[static_cast<size_t>(Ink::kThread)]) return ColorOf(Ink::kThread, light);
    return ColorOfThread(static_cast<size_t>(ink) - kNamedInks, light);
  }
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

}  // namespace

bool LightBackground() {
  const char* text = getenv("COLORFGBG");
  const char* last = text == nullptr ? nullptr : strrchr(text, ';');
  return last != nullptr && (strcmp(last + 1, "7") == 0 || strcmp(last + 1, "15") == 0);
}

bool AnswersQuestions() {
  const char* term = getenv("TERM");
  if (term == nullptr || getenv("COLORFGBG") != nullptr || isatty(STDOUT_FILENO) == 0) return false;
  for (const char* known : {"xterm", "tmux", "screen", "alacritty", "kitty", "foot", "rxvt", "wezterm", "konsole",
                            "vte", "iterm", "contour", "ghostty", "st-"}) {
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
  for (size_t ink = 0; ink < kInkCount; ++ink)
    init_pair(static_cast<short>(ink + 1), ColorOf(static_cast<Ink>(ink), light), -1);
}

bool ChooseColor(const std::string& ink, const std::string& color) {
  static constexpr const char* kInkNames[kNamedInks] = {"plain", "time", "thread", "module", "arrow", "function",
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
