// How the events lie in time, as one row: a column's height is how many there are in its part of the time that is
// shown: of the recording, or of what the filters leave of it.
#ifndef PYTRACE_READER_TUI_TIMELINE_H_
#define PYTRACE_READER_TUI_TIMELINE_H_

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "reader/tui/canvas.h"
#include "reader/tui/overview.h"
#include "reader/tui/view.h"
#include "reader/window.h"

namespace pytrace::reader::tui {

class Timeline {
 public:
  // What the keys move about in it. Columns.
  struct Cursor {
    int column = 0;
    int other_end = -1;  // of a range; -1: there is none
    std::pair<int, int> Range() const {
      int other = other_end < 0 ? column : other_end;
      return {std::min(column, other), std::max(column, other)};
    }
  };

  explicit Timeline(Window* window) : window_(window) {}
  void SetWidth(int width);
  void Changed();
  // In a short time a block's first and last start say too little: then its events are counted. Whether anything is
  // left.
  bool Work(Deadline deadline);

  // Columns with hits, exceptions or losses have their colours; that of `focus_ns` is reversed. With a cursor that is,
  // and its range.
  void Draw(Canvas* canvas, int row, const Overview& overview, int64_t focus_ns, const Cursor* cursor) const;
  int64_t TimeAt(int column) const;  // where it begins
  int ColumnOf(int64_t ns) const;

 private:
  struct Slot {
    double events = 0;
    bool hit = false, exception = false, loss = false;
  };
  // First and last start of what is shown.
  std::pair<int64_t, int64_t> Span() const;
  // The pages with events in the span, [first, second).
  std::pair<size_t, size_t> Pages() const;
  bool counted() const { return next_ >= end_ && !slots_.empty(); }
  void CountPage(size_t page);
  void Estimate(size_t page, const Overview& overview, std::vector<Slot>* slots) const;
  void AddMarks(size_t page, const PageMarks& marks, bool all, std::vector<Slot>* slots) const;

  Window* window_;
  int width_ = 0;
  std::vector<Slot> slots_;  // as they were counted; empty: they are estimated
  size_t next_ = 0, end_ = 0;
};

}  // namespace pytrace::reader::tui

#endif  // PYTRACE_READER_TUI_TIMELINE_H_
