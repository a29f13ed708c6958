// Filters that the reader writes itself, from what a row is.
#ifndef PYTRACE_READER_TUI_FILTER_TEXT_H_
#define PYTRACE_READER_TUI_FILTER_TEXT_H_

#include <string>

#include "reader/window.h"

namespace pytrace::reader::tui {

// `func is 'x' and module is 'y'`: the events of one function.
std::string FilterFor(const store::Function& function);

}  // namespace pytrace::reader::tui

#endif  // PYTRACE_READER_TUI_FILTER_TEXT_H_
