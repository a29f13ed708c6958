#include "reader/tui/value_lines.h"

#include <algorithm>
#include <cstddef>

#include "reader/tui/canvas.h"

namespace pytrace::reader::tui {
namespace {

constexpr int kDeeper = 2;
constexpr int kDeepest = 32;  // brackets in brackets; each is a scan of what is in it
constexpr int kLeastWidth = 8;

// Bytes of the text that `room` columns take; one character at least.
size_t Fitting(std::string_view text, int room) {
  size_t bytes = 0;
  for (int columns = 0; bytes < text.size();) {
    int width;
    size_t glyph = FirstCharacter(text.substr(bytes), &width).size();
    if (columns + width > room && bytes > 0) break;
    columns += width;
    bytes += glyph;
  }
  return bytes;
}

bool Opens(char c) { return c == '(' || c == '[' || c == '{'; }
bool Closes(char c) { return c == ')' || c == ']' || c == '}'; }

// The byte behind the string that begins at `at`.
size_t SkipString(std::string_view text, size_t at) {
  char quote = text[at++];
  for (; at < text.size() && text[at] != quote; ++at) at += text[at] == '\\';
  return std::min(at + 1, text.size());
}

// The first bracket with something in it; npos: there is none.
size_t FindBracket(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    if (text[at] == '\'' || text[at] == '"') {
      at = SkipString(text, at);
      continue;
    }
    if (Opens(text[at]) && at + 1 < text.size() && !Closes(text[at + 1])) return at;
    ++at;
  }
  return std::string_view::npos;
}

class Breaker {
 public:
  Breaker(int width, std::vector<ValueLine>* out) : width_(width), out_(out) {}

  void Lay(std::string_view text, int indent, int depth) {
    indent = std::min(indent, width_ / 2);
    size_t bracket =
        Fitting(text, Room(indent)) >= text.size() || depth >= kDeepest ? std::string_view::npos : FindBracket(text);
    if (bracket == std::string_view::npos) return Wrap(text, indent);
    Wrap(text.substr(0, bracket + 1), indent);
    size_t end = LayItems(text, bracket + 1, indent + kDeeper, depth + 1);
    if (end < text.size()) Lay(text.substr(end), indent, depth + 1);
  }

 private:
  int Room(int indent) const { return width_ - indent; }

  void Wrap(std::string_view text, int indent) {
    do {
      size_t bytes = Fitting(text, Room(indent));
      out_->push_back({indent, text.substr(0, bytes)});
      text.remove_prefix(bytes);
    } while (!text.empty());
  }

  // Returns where the bracket is closed, or the text's end.
  size_t LayItems(std::string_view text, size_t at, int indent, int depth) {
    size_t begin = at;
    auto item = [&](size_t end) {
      std::string_view one = text.substr(begin, end - begin);
      one.remove_prefix(std::min(one.size(), one.find_first_not_of(' ')));
      if (!one.empty()) Lay(one, indent, depth);
      begin = end;
    };
    for (int inside = 0; at < text.size();) {
      char c = text[at];
      if (c == '\'' || c == '"') {
        at = SkipString(text, at);
        continue;
      }
      if (Closes(c) && inside-- == 0) break;
      inside += Opens(c);
      ++at;
      if (c == ',' && inside == 0) item(at);
    }
    item(at);
    return at;
  }

  int width_;
  std::vector<ValueLine>* out_;
};

}  // namespace

std::vector<ValueLine> BreakValue(std::string_view value, int width) {
  std::vector<ValueLine> lines;
  Breaker(std::max(width, kLeastWidth), &lines).Lay(value, 0, 0);
  return lines;
}

}  // namespace pytrace::reader::tui
