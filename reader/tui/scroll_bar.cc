#include "reader/tui/scroll_bar.h"

#include <algorithm>
#include <cmath>

namespace pytrace::reader::tui {

void DrawScrollBar(Canvas* canvas, Area area, int column, const std::vector<PageMarks>& marks, size_t pages,
                   const std::vector<double>& places, double from, double to) {
  int rows = area.height();
  if (rows <= 0 || pages == 0) return;
  std::vector<PageMarks> shown(static_cast<size_t>(rows));
  // Pages are many more than rows, or fewer: each mark goes where its place is.
  auto spread = [&](size_t page, uint64_t mask, uint64_t PageMarks::*which) {
    while (mask != 0) {
      int bit = __builtin_ctzll(mask);
      mask &= mask - 1;
      double at = (static_cast<double>(page) + (bit + 0.5) / 64) / static_cast<double>(pages);
      shown[static_cast<size_t>(std::clamp(at, 0.0, 0.999999) * rows)].*which = 1;
    }
  };
  for (size_t page = 0; page < marks.size(); ++page) {
    spread(page, marks[page].hits, &PageMarks::hits);
    spread(page, marks[page].exceptions, &PageMarks::exceptions);
    spread(page, marks[page].losses, &PageMarks::losses);
  }
  std::vector<bool> set(static_cast<size_t>(rows));
  for (double place : places) set[static_cast<size_t>(std::clamp(place, 0.0, 0.999999) * rows)] = true;
  int first = static_cast<int>(std::clamp(from, 0.0, 0.999999) * rows);
  int last = std::max(first, static_cast<int>(std::ceil(std::clamp(to, 0.0, 1.0) * rows)) - 1);
  bool ascii = canvas->ascii();
  for (int row = 0; row < rows; ++row) {
    const PageMarks& mark = shown[static_cast<size_t>(row)];
    bool here = row >= first && row <= last;
    // The user's own marks are few, and must not go under.
    if (set[static_cast<size_t>(row)]) {
      canvas->Put(area.top + row, column, column + 1, "'", {Ink::kName, here, true});
      continue;
    }
    const char* glyph = mark.losses != 0       ? "!"
                        : mark.hits != 0       ? (ascii ? "<" : "◂")
                        : mark.exceptions != 0 ? "x"
                        : here                 ? (ascii ? "#" : "█")
                                               : (ascii ? "|" : "░");
    bool marked = mark.losses != 0 || mark.hits != 0 || mark.exceptions != 0;
    Ink ink = mark.losses != 0 || mark.exceptions != 0 ? Ink::kError : mark.hits != 0 ? Ink::kTime : Ink::kNote;
    canvas->Put(area.top + row, column, column + 1, glyph, {ink, here && marked});
  }
}

}  // namespace pytrace::reader::tui
