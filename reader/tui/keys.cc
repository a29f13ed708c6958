#include "reader/tui/keys.h"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <utility>

#include "dumper/store/text.h"

namespace pytrace::reader::tui {
namespace {

struct Named {
  const char* name;  // between < and >
  const char* shown;
  Key key;
};
constexpr Named kNamed[] = {
    {"Enter", "Enter", kEnter},
    {"Esc", "Esc", kEscape},
    {"Tab", "Tab", kTab},
    {"Space", "Space", ' '},
    {"BS", "Backspace", kBackspace},
    {"lt", "<", '<'},
    {"Up", "Up", kUp},
    {"Down", "Down", kDown},
    {"Left", "Left", kLeft},
    {"Right", "Right", kRight},
    {"Home", "Home", kHome},
    {"End", "End", kEnd},
    {"PgUp", "PgUp", kPageUp},
    {"PgDn", "PgDn", kPageDown},
    {"Del", "Del", kDelete},
    {"Ins", "Ins", kInsert},
    {"S-Tab", "S-Tab", kShiftTab},
    {"C-Left", "^Left", kCtrlLeft},
    {"C-Right", "^Right", kCtrlRight},
    {"F1", "F1", kF1},
    {"Resize", "Resize", kResize},
};

constexpr char kNameCharacters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-";

bool ParseNamed(std::string_view name, Key* out) {
  for (const Named& named : kNamed) {
    if (name == named.name) return *out = named.key, true;
  }
  if (name.size() == 3 && name.starts_with("C-") && isalpha(static_cast<unsigned char>(name[2])))
    return *out = Ctrl(name[2]), true;
  if (name.size() > 2 && name.starts_with("A-")) {
    Key inner = static_cast<unsigned char>(name[2]);
    if (name.size() > 3 && !ParseNamed(name.substr(2), &inner)) return false;
    return *out = inner + kAlt, true;
  }
  return false;
}

// Click-3-10: rows and columns count from 1.
bool ParseMouse(std::string_view name, Key* out) {
  static constexpr std::pair<std::string_view, MouseKind> kKinds[] = {
      {"Click-", MouseKind::kClick}, {"WheelUp-", MouseKind::kWheelUp}, {"WheelDown-", MouseKind::kWheelDown}};
  for (auto [prefix, kind] : kKinds) {
    if (!name.starts_with(prefix)) continue;
    std::string place(name.substr(prefix.size()));
    int row, column;
    char end;
    if (sscanf(place.c_str(), "%4d-%4d%c", &row, &column, &end) != 2 || row < 1 || column < 1) return false;
    *out = MakeMouse(kind, row - 1, column - 1);
    return true;
  }
  return false;
}

Key TakeCharacter(std::string_view* text) {
  unsigned char lead = static_cast<unsigned char>((*text)[0]);
  size_t bytes = lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (bytes > text->size()) bytes = 1;
  Key code = bytes == 1 ? lead : lead & (0x7f >> bytes);
  for (size_t i = 1; i < bytes; ++i) code = code << 6 | ((*text)[i] & 0x3f);
  text->remove_prefix(bytes);
  return code == '\n' ? static_cast<Key>(kEnter) : code;
}

}  // namespace

bool ParseKeys(std::string_view text, std::vector<Key>* out, std::string* error) {
  while (!text.empty()) {
    size_t close = text[0] == '<' ? text.find_first_not_of(kNameCharacters, 1) : std::string_view::npos;
    if (text.size() > 4 && text.starts_with("<A-") && text[4] == '>') {
      out->push_back(static_cast<unsigned char>(text[3]) + kAlt);
      text.remove_prefix(5);
      continue;
    }
    // A < that begins no name is the key itself.
    if (close == std::string_view::npos || close == 1 || text[close] != '>') {
      out->push_back(TakeCharacter(&text));
      continue;
    }
    Key key;
    std::string_view name = text.substr(1, close - 1);
    if (!ParseNamed(name, &key) && !ParseMouse(name, &key)) {
      *error = "there is no key <" + std::string(name) + ">";
      return false;
    }
    out->push_back(key);
    text.remove_prefix(close + 1);
  }
  return true;
}

std::string KeyWord(Key key) {
  if (IsMouse(key)) {
    static constexpr const char* kKinds[] = {"Click", "WheelUp", "WheelDown"};
    return "<" + std::string(kKinds[static_cast<int>(MouseKindOf(key))]) + "-" + std::to_string(MouseRow(key) + 1) +
           "-" + std::to_string(MouseColumn(key) + 1) + ">";
  }
  if (key >= kAlt) {
    std::string inner = KeyWord(key - kAlt);
    return "<A-" + (inner.size() > 2 && inner[0] == '<' ? inner.substr(1, inner.size() - 2) : inner) + ">";
  }
  for (const Named& named : kNamed) {
    if (key == named.key) return "<" + std::string(named.name) + ">";
  }
  if (key > 0 && key <= 26) return std::string("<C-") + static_cast<char>(key + 96) + ">";
  std::string text;
  store::AppendUtf8(static_cast<uint32_t>(std::max(key, 0)), &text);
  return text;
}

std::string KeyName(Key key) {
  if (IsMouse(key)) return "the mouse";
  if (key >= kTwice) return KeyName(key - kTwice) + KeyName(key - kTwice);
  if (key >= kDash) return "-" + KeyName(key - kDash);
  if (key >= kAlt) return "ESC-" + KeyName(key - kAlt);
  for (const Named& named : kNamed) {
    if (key == named.key) return named.shown;
  }
  if (key < 32) return std::string("^") + static_cast<char>(key + 64);
  if (key < 127) return std::string(1, static_cast<char>(key));
  return "?";
}

}  // namespace pytrace::reader::tui
