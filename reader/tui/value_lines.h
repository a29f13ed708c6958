// The text of a value as lines of a given width.
#ifndef PYTRACE_READER_TUI_VALUE_LINES_H_
#define PYTRACE_READER_TUI_VALUE_LINES_H_

#include <string_view>
#include <vector>

namespace pytrace::reader::tui {

struct ValueLine {
  int indent;
  std::string_view text;
};

// What does not fit is broken at its brackets, an item a line and deeper than the bracket; what has none goes on in the
// next line. All lines together are the value, but for blanks behind commas. A value that was cut when it was recorded
// may lack its closing brackets and quotes.
std::vector<ValueLine> BreakValue(std::string_view value, int width);

}  // namespace pytrace::reader::tui

#endif  // PYTRACE_READER_TUI_VALUE_LINES_H_
