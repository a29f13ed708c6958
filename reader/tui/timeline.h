// How the events lie in time, as one row: a column's height is how many there are in its part of the recording.
#ifndef PYTRACE_READER_TUI_TIMELINE_H_
#define PYTRACE_READER_TUI_TIMELINE_H_

#include <cstdint>
#include <utility>
#include <vector>

#include "reader/tui/canvas.h"
#include "reader/tui/overview.h"
#include "reader/window.h"

namespace pytrace::reader::tui {

class Timeline {
 public:
  explicit Timeline(const Window* window) : window_(window) {}
  // Columns with hits, exceptions or losses have their colours; that of `focus_ns` is reversed.
  void Draw(Canvas* canvas, int row, int width, const Overview& overview, int64_t focus_ns) const;
  int64_t TimeAt(int column, int width) const;

 private:
  std::pair<int64_t, int64_t> Span() const;  // of the recording, first and last start

  const Window* window_;
};

}  // namespace pytrace::reader::tui

#endif  // PYTRACE_READER_TUI_TIMELINE_H_
