// The user's editor on a line of a file.
#ifndef PYTRACE_READER_TUI_EDITOR_H_
#define PYTRACE_READER_TUI_EDITOR_H_

#include <cstdint>
#include <string>

namespace pytrace::reader::tui {

// Runs $VISUAL, else $EDITOR, else vi, and waits for its end. Returns what went wrong, or nothing.
std::string EditFile(const std::string& file, uint32_t line);

}  // namespace pytrace::reader::tui

#endif  // PYTRACE_READER_TUI_EDITOR_H_
