// The colours of the screen: those of the first pytrace on a dark background, darker twins on a light one.
#ifndef PYTRACE_READER_TUI_PALETTE_H_
#define PYTRACE_READER_TUI_PALETTE_H_

#include <string>

#include "reader/tui/canvas.h"

namespace pytrace::reader::tui {

// What the environment says of the background.
bool LightBackground();
// Whether to ask the terminal for it: those that would print the question are left alone.
bool AnswersQuestions();
// What it answered. false: something else.
bool ReadBackground(const std::string& reply, bool* light);
// Gives curses the colours; pair 1 + ink is that of the ink.
void StartColors(bool light);
// Another colour for an ink, by name (`value`; `green`, `default` or 0 to 255). false: there is none of this name.
bool ChooseColor(const std::string& ink, const std::string& color);

}  // namespace pytrace::reader::tui

#endif  // PYTRACE_READER_TUI_PALETTE_H_
