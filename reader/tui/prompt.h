// A line that is being typed, with the editing keys of readline and the lines of earlier prompts.
#ifndef PYTRACE_READER_TUI_PROMPT_H_
#define PYTRACE_READER_TUI_PROMPT_H_

#include <string>
#include <utility>
#include <vector>

#include "reader/tui/canvas.h"
#include "reader/tui/keys.h"

namespace pytrace::reader::tui {

class Prompt {
 public:
  enum class Result { kTyping, kEntered, kLeft };

  // `label` stands before the line. `history`: oldest first; Up and Down walk those that begin with what was typed.
  void Open(std::string label, std::string text, const std::vector<std::string>& history);
  Result Type(Key key);

  const std::string& text() const { return text_; }
  size_t cursor() const { return cursor_; }
  void SetLabel(std::string label) { label_ = std::move(label); }
  void SetText(std::string text) { text_ = std::move(text), cursor_ = text_.size(); }
  void SetCursor(size_t byte) { cursor_ = byte < text_.size() ? byte : text_.size(); }
  // Draws it into the row and puts the canvas' cursor there; a line too long is shown around the cursor.
  void Draw(Canvas* canvas, int row) const;

 private:
  void Insert(Key code_point);
  void Erase(size_t from, size_t to);
  size_t Before(size_t at) const;  // character boundaries
  size_t After(size_t at) const;
  size_t WordBefore(size_t at) const;
  size_t WordAfter(size_t at) const;
  void Recall(int step);

  std::string label_, text_, cut_;
  size_t cursor_ = 0;
  std::vector<std::string> history_;
  size_t recalled_ = 0;  // index in history_; its size: the line as typed
  std::string typed_;    // what stood there before Up
  std::string prefix_;   // what recalled lines begin with
};

}  // namespace pytrace::reader::tui

#endif  // PYTRACE_READER_TUI_PROMPT_H_
