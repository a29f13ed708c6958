// The help screen, made from the table of keys: those of the view that it is asked for in, then the others.
#ifndef PYTRACE_READER_TUI_VIEW_HELP_H_
#define PYTRACE_READER_TUI_VIEW_HELP_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "reader/tui/view.h"

namespace pytrace::reader::tui {

class HelpView : public View {
 public:
  HelpView(Where where, const char* view_name);
  const char* name() const override { return "help"; }
  void Draw(Canvas* canvas, Area area) override;
  void Resize(int width, int height) override;
  bool Do(Action action, int64_t count) override;
  bool Search(std::shared_ptr<const query::Pattern> pattern, bool forward, int64_t count) override;
  std::string TakeMessage() override { return std::exchange(message_, {}); }

 private:
  struct Line {
    std::string text;
    Style style;
    size_t hang = 0;  // where its text begins, and goes on in later lines
  };
  void AddKeys(const std::string& title, unsigned wanted, unsigned unwanted);
  void Add(const Line& line, size_t room);
  void ScrollTo(int64_t line);

  std::vector<Line> all_, lines_;  // as they are, and as the screen has room for them
  int top_ = 0, height_ = 1;
  std::shared_ptr<const query::Pattern> pattern_;
  std::string message_;
};

}  // namespace pytrace::reader::tui

#endif  // PYTRACE_READER_TUI_VIEW_HELP_H_
