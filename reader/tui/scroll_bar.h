// The column at the right edge: where the screen is in the recording, and where hits, exceptions and losses are.
#ifndef PYTRACE_READER_TUI_SCROLL_BAR_H_
#define PYTRACE_READER_TUI_SCROLL_BAR_H_

#include <cstdint>
#include <vector>

#include "reader/tui/view.h"

namespace pytrace::reader::tui {

// Of each page, in 64ths of it.
struct PageMarks {
  uint64_t hits = 0, exceptions = 0, losses = 0;
};

// Whether a screen of this width has room for it.
inline bool HasScrollBar(int width) { return width >= 40; }
// `places`: of the user's marks, 0 to 1. `from`, `to`: the part of the recording that is on the screen, 0 to 1.
void DrawScrollBar(Canvas* canvas, Area area, int column, const std::vector<PageMarks>& marks, size_t pages,
                   const std::vector<double>& places, double from, double to);

}  // namespace pytrace::reader::tui

#endif  // PYTRACE_READER_TUI_SCROLL_BAR_H_
