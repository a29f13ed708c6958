// The column of the event view that has the call itself: scrolled sideways, or wrapped.
#ifndef PYTRACE_READER_TUI_CALL_COLUMN_H_
#define PYTRACE_READER_TUI_CALL_COLUMN_H_

#include <string_view>

#include "reader/tui/event_columns.h"

namespace pytrace::reader::tui {

// Marks the matches of a column's text that begins at `x`, where `x` may be left of the column.
void MarkHits(Canvas* canvas, int row, const Columns::Column& column, int x, std::string_view text,
              const RowStyle& style);
// Into `style.lines` rows from `row` on. Returns the column behind the text, in its last row.
int DrawCall(Canvas* canvas, int row, const Columns::Column& column, const RowText& text, const RowStyle& style);

}  // namespace pytrace::reader::tui

#endif  // PYTRACE_READER_TUI_CALL_COLUMN_H_
