// The details pane: all arguments and the result of a call, what its function took in all, and its source.
#ifndef PYTRACE_READER_TUI_DETAILS_H_
#define PYTRACE_READER_TUI_DETAILS_H_

#include <sys/stat.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reader/amounts.h"
#include "reader/call_source.h"
#include "reader/tui/durations.h"
#include "reader/tui/view.h"
#include "reader/window.h"

namespace pytrace::reader::tui {

class Details {
 public:
  explicit Details(Window* window) : window_(window), source_(window->database()) {}

  // What is to be shown; cheap when it is the same.
  void Show(const Subject& subject, int width, bool ascii);
  // Statistics of the function are gathered block by block. Whether anything is left.
  bool Work(Deadline deadline);
  void Changed();
  void SetHeight(int height);  // of the pane
  void Scroll(int64_t rows);   // the cursor
  void ScrollPage(bool down) { Scroll(down ? rows_ : -rows_); }
  void Sideways(int64_t columns);
  // Long values: in several lines, broken where they have brackets; or in a line each. Returns which it is now.
  bool ToggleWrap();
  // Of the line with the cursor: the filter for what it says, and its text. Empty: there is none.
  std::string CursorFilter() const { return lines_.empty() ? "" : lines_[static_cast<size_t>(cursor_)].filter; }
  std::string CursorText() const;
  void Draw(Canvas* canvas, Area area, int x, int end, bool focused);

  // The source of a subject: path and line. false: *why is a sentence.
  bool Place(const Subject& subject, std::string* file, uint32_t* line, std::string* why);

 private:
  struct Piece {
    std::string text;
    Ink ink;
  };
  struct Line {
    std::vector<Piece> pieces;
    bool marked = false;
    std::string filter;
  };
  struct Scan {
    Durations durations;
    size_t next = 0;  // block
  };
  void Build();
  void AddCall();
  void AddFunction(const store::Function& function);
  void AddSource(const store::Function& function);
  void AddFreshness(const store::Function& function, const struct stat& status, const std::vector<std::string>& lines);
  // A name and a value that may take several lines.
  void AddValue(const ArgumentText& argument);
  void Add(std::vector<Piece> pieces, std::string filter = "") {
    lines_.push_back({std::move(pieces), false, std::move(filter)});
  }
  std::string Took(int64_t ns) const { return DurationText(ns, ascii_); }
  std::string PathOf(const store::Function& function) const;
  void DrawLine(Canvas* canvas, int row, int x, int end, const Line& line, bool here);
  void DrawRules(Canvas* canvas, Area area, int x, int end, bool focused);

  Window* window_;
  CallSource source_;
  Subject subject_;
  int width_ = 0;
  uint32_t function_ = 0;
  std::vector<Line> lines_;
  int64_t top_ = 0, cursor_ = 0, shift_ = 0;
  bool ascii_ = false, wrap_ = true;
  int64_t took_ns_ = -1;  // the call that is shown
  int rows_ = 1;
  std::map<uint32_t, Scan> scans_;  // by function
  bool stale_ = true;
};

}  // namespace pytrace::reader::tui

#endif  // PYTRACE_READER_TUI_DETAILS_H_
