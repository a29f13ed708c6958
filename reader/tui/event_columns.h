// The columns of the event view, and a row drawn in them.
#ifndef PYTRACE_READER_TUI_EVENT_COLUMNS_H_
#define PYTRACE_READER_TUI_EVENT_COLUMNS_H_

#include <string>

#include "reader/query/pattern.h"
#include "reader/tui/canvas.h"
#include "reader/tui/event_list.h"
#include "reader/tui/row_field.h"

namespace pytrace::reader::tui {

// [x, end) each; end 0: left out, there is no room for it.
struct Columns {
  struct Column {
    int x = 0, end = 0;
    bool shown() const { return end > x; }
    int width() const { return end - x; }
  };
  Column number, time, since_start, thread, module, call, duration;
  bool processes = false;  // the thread's column has its process, too
  int end = 0;             // of all
};

// What the user has switched.
struct RowOptions {
  bool threads_and_modules = true, durations = true, since_start = true, brief_ends = false, wrap = false;
  bool processes = false;  // there are several
  bool threads = false;    // so are these
  int number_width = 0;    // 0: no numbers
  TimeFormat time = TimeFormat::kClock;
};

// What a narrow screen leaves out, in this order: time since the start, process, duration (which then stands behind the
// call), thread, module, number, the hours and minutes of the time.
Columns LayOut(int width, const RowOptions& options);

struct RowStyle {
  int shift = 0;    // columns of the call column that are scrolled out to the left
  int outdent = 0;  // levels by which all rows are drawn less deep, so that deep ones can be seen
  bool focused = false;
  const query::Pattern* hits = nullptr;  // marked in the row
  bool partner = false;                  // the start or the end of the focused call
  const RowField* field = nullptr;       // that has the cursor; of the focused row
  TimeFormat time = TimeFormat::kClock;
  int64_t zero_ns = 0;   // what times are relative to; -1: nothing
  int64_t start_ns = 0;  // of the run
  bool durations = true;
  bool threads = false;  // are told apart
  bool wrap = false;
  int lines = 1;  // on the screen, of a call that is wrapped
};

Columns::Column ColumnOf(const RowField& field, const Columns& columns);
// How the field with the cursor stands out of its row, which is reversed.
Style UnderCursor(Style style);

void DrawHeader(Canvas* canvas, int row, const Columns& columns, int outdent, TimeFormat time);
void DrawRow(Canvas* canvas, int row, const Columns& columns, const RowText& text, const RowStyle& style);
// How many lines the call takes when it is wrapped.
int CallLines(const Columns& columns, const RowText& text, int outdent);
// How many columns the call takes, indentation included.
int CallWidth(const RowText& text, int outdent);

}  // namespace pytrace::reader::tui

#endif  // PYTRACE_READER_TUI_EVENT_COLUMNS_H_
