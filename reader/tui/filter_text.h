// Filters that the reader writes itself, from what a row is.
#ifndef PYTRACE_READER_TUI_FILTER_TEXT_H_
#define PYTRACE_READER_TUI_FILTER_TEXT_H_

#include <string>

#include "reader/event_line.h"
#include "reader/window.h"

namespace pytrace::reader::tui {

// `func is 'x' and module is 'y'`: the events of one function.
std::string FilterFor(const store::Function& function);
// `tid == 1 and pid == 2`
std::string FilterFor(const store::Thread& thread, const store::Process& process);

// `arg.n is '3'`, `ret is 'None'`, `exc is 'KeyError()'`. Empty: the value is too long, or was not captured.
std::string FilterFor(const ArgumentText& argument);

}  // namespace pytrace::reader::tui

#endif  // PYTRACE_READER_TUI_FILTER_TEXT_H_
