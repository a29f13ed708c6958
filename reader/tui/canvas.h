// A screen as cells, drawn to by the views. The terminal, the dump of a headless run and the tests all read the same
// cells.
#ifndef PYTRACE_READER_TUI_CANVAS_H_
#define PYTRACE_READER_TUI_CANVAS_H_

#include <string>
#include <string_view>
#include <vector>

#include "reader/event_line.h"

namespace pytrace::reader::tui {

struct Style {
  Ink ink = Ink::kPlain;
  bool reverse = false;
  bool bold = false;
  bool underline = false;
  bool operator==(const Style&) const = default;
};

struct Cell {
  std::string glyph = " ";  // one character with its combining marks; empty: the right half of a wide one
  Style style;
};

// Columns that a text takes. Texts are valid UTF-8 without control characters (printable.h).
int TextWidth(std::string_view text);
// The first character with its combining marks; *width is its columns.
std::string_view FirstCharacter(std::string_view text, int* width);

class Canvas {
 public:
  // `ascii`: characters beyond ASCII are drawn as ?.
  Canvas(int width, int height, bool ascii) : ascii_(ascii) { Resize(width, height); }
  void Resize(int width, int height);
  void Clear();

  int width() const { return width_; }
  int height() const { return height_; }
  bool ascii() const { return ascii_; }
  void set_ascii(bool ascii) { ascii_ = ascii; }
  const Cell& at(int row, int column) const { return cells_[static_cast<size_t>(row) * width_ + column]; }

  // Draws `text` from `column` on, at most to column `limit` (excluded; the canvas' edge at most). Returns the column
  // behind it. What does not fit is dropped.
  int Put(int row, int column, int limit, std::string_view text, Style style);
  // The same, with the first `skip` columns of the text left out. *skip is lowered by what was left out.
  int PutFrom(int row, int column, int limit, int* skip, std::string_view text, Style style);
  void Fill(int row, int from, int limit, Style style);  // blanks
  void Restyle(int row, int from, int limit, Style style);
  Cell* cell(int row, int column) { return &cells_[static_cast<size_t>(row) * width_ + column]; }

  // What the cells look like: a row of inks (a letter each) and one of styles for each row of the screen.
  std::string Attributes() const;
  // The rows without styles, trailing blanks cut.
  std::string Text() const;
  const char* Ellipsis() const { return ascii_ ? "..." : "…"; }

  // Where the terminal's cursor stands; row -1: it is hidden.
  int cursor_row = -1, cursor_column = 0;

 private:
  void Blank(int row, int column, Style style);

  int width_ = 0, height_ = 0;
  bool ascii_;
  std::vector<Cell> cells_;
};

}  // namespace pytrace::reader::tui

#endif  // PYTRACE_READER_TUI_CANVAS_H_
