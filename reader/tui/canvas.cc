#include "reader/tui/canvas.h"

#include <wchar.h>

#include <algorithm>

namespace pytrace::reader::tui {
namespace {

size_t SequenceBytes(char lead) {
  unsigned char c = static_cast<unsigned char>(lead);
  return c < 0xc0 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

wchar_t Decode(std::string_view text, size_t bytes) {
  if (bytes == 1) return static_cast<unsigned char>(text[0]);
  wchar_t code = static_cast<unsigned char>(text[0]) & (0x7f >> bytes);
  for (size_t i = 1; i < bytes; ++i) code = code << 6 | (text[i] & 0x3f);
  return code;
}

int WidthOf(std::string_view text, size_t bytes) {
  if (bytes == 1) return 1;
  int width = wcwidth(Decode(text, bytes));
  return width < 0 ? 1 : width;
}

}  // namespace

std::string_view FirstCharacter(std::string_view text, int* width) {
  size_t bytes = std::min(SequenceBytes(text[0]), text.size());
  *width = WidthOf(text, bytes);
  while (bytes < text.size() && (text[bytes] & 0x80)) {
    size_t next = std::min(SequenceBytes(text[bytes]), text.size() - bytes);
    if (WidthOf(text.substr(bytes), next) != 0) break;
    bytes += next;
  }
  return text.substr(0, bytes);
}

int TextWidth(std::string_view text) {
  int total = 0;
  while (!text.empty()) {
    int width;
    text.remove_prefix(FirstCharacter(text, &width).size());
    total += width;
  }
  return total;
}

void Canvas::Resize(int width, int height) {
  width_ = std::max(0, width);
  height_ = std::max(0, height);
  Clear();
}

void Canvas::Clear() {
  cells_.assign(static_cast<size_t>(width_) * height_, Cell());
  cursor_row = -1;
}

// Of a wide character that loses a half the other one becomes a blank.
void Canvas::Blank(int row, int column, Style style) {
  if (at(row, column).glyph.empty() && column > 0) cell(row, column - 1)->glyph = " ";
  if (column + 1 < width_ && at(row, column + 1).glyph.empty()) cell(row, column + 1)->glyph = " ";
  *cell(row, column) = {" ", style};
}

int Canvas::Put(int row, int column, int limit, std::string_view text, Style style) {
  int skip = 0;
  return PutFrom(row, column, limit, &skip, text, style);
}

int Canvas::PutFrom(int row, int column, int limit, int* skip, std::string_view text, Style style) {
  limit = std::min(limit, width_);
  if (row < 0 || row >= height_ || column < 0) return column;
  while (!text.empty() && column < limit) {
    int width;
    std::string_view glyph = FirstCharacter(text, &width);
    text.remove_prefix(glyph.size());
    if (*skip > 0) {
      *skip -= width;
      // Half a wide character is left: a blank keeps the columns right.
      for (; *skip < 0 && column < limit; ++*skip) Blank(row, column++, style);
      continue;
    }
    if (ascii_ && glyph.size() > 1) glyph = "?", width = 1;
    if (width == 0) continue;
    if (column + width > limit) break;
    for (int i = 0; i < width; ++i) Blank(row, column + i, style);
    cell(row, column)->glyph = glyph;
    for (int i = 1; i < width; ++i) cell(row, column + i)->glyph.clear();
    column += width;
  }
  return column;
}

void Canvas::Fill(int row, int from, int limit, Style style) {
  for (int column = from; column < std::min(limit, width_); ++column) Blank(row, column, style);
}

void Canvas::Restyle(int row, int from, int limit, Style style) {
  for (int column = from; column < std::min(limit, width_); ++column) cell(row, column)->style = style;
}

std::string Canvas::Text() const {
  std::string all;
  for (int row = 0; row < height_; ++row) {
    std::string line;
    for (int column = 0; column < width_; ++column) line += at(row, column).glyph;
    line.erase(line.find_last_not_of(' ') + 1);
    all += line + "\n";
  }
  return all;
}

std::string Canvas::Attributes() const {
  static constexpr char kInks[] =
      ".thmafnyveo12345";  // time, thread, module, arrow, function, name, type, value, error, note, other threads
  static_assert(sizeof kInks == kInkCount + 1);
  static constexpr char kStyles[] = ".rbRuxUX";  // reverse 1, bold 2, underline 4
  std::string all;
  for (int row = 0; row < height_; ++row) {
    std::string inks, styles;
    for (int column = 0; column < width_; ++column) {
      const Style& style = at(row, column).style;
      inks += kInks[static_cast<size_t>(style.ink)];
      styles += kStyles[style.reverse + 2 * style.bold + 4 * style.underline];
    }
    for (std::string* line : {&inks, &styles}) line->erase(line->find_last_not_of('.') + 1);
    all += "i " + inks + "\ns " + styles + "\n";
  }
  return all;
}

}  // namespace pytrace::reader::tui
