// The details pane: all arguments and the result of a call, what its function took in all, and its source.
#ifndef PYTRACE_READER_TUI_DETAILS_H_
#define PYTRACE_READER_TUI_DETAILS_H_

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "reader/call_source.h"
#include "reader/tui/view.h"
#include "reader/window.h"

namespace pytrace::reader::tui {

class Details {
 public:
  explicit Details(Window* window) : window_(window), source_(window->database()) {}

  // What is to be shown; cheap when it is the same.
  void Show(const Subject& subject, int width);
  // Statistics of the function are gathered block by block. Whether anything is left.
  bool Work(Deadline deadline);
  void Changed();
  void Scroll(int64_t rows);
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
  };
  // How long the calls of a function took: durations in classes of an eighth of a power of two.
  struct Durations {
    std::array<int64_t, 64 * 8> classes = {};
    int64_t calls = 0, longest_ns = 0, exceptions = 0;
    size_t next = 0;  // block
    int64_t Quantile(double part) const;
  };

  void Build();
  void AddCall();
  void AddFunction(const store::Function& function);
  void AddSource(const store::Function& function);
  // A name and a value that may take several lines.
  void AddValue(const std::string& name, const ArgumentText& argument);
  void Add(std::vector<Piece> pieces) { lines_.push_back({std::move(pieces), false}); }
  std::string PathOf(const store::Function& function) const;

  Window* window_;
  CallSource source_;
  Subject subject_;
  int width_ = 0;
  uint32_t function_ = 0;
  std::vector<Line> lines_;
  int64_t top_ = 0;
  int rows_ = 1;
  std::map<uint32_t, Durations> durations_;
  bool stale_ = true;
};

}  // namespace pytrace::reader::tui

#endif  // PYTRACE_READER_TUI_DETAILS_H_
