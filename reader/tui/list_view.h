// A view that is a list of rows below a header: the focus and how it moves, scrolling and searching. A search goes on
// in slices; meanwhile nothing else changes the rows.
#ifndef PYTRACE_READER_TUI_LIST_VIEW_H_
#define PYTRACE_READER_TUI_LIST_VIEW_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "reader/tui/view.h"

namespace pytrace::reader::tui {

class ListView : public View {
 public:
  void Draw(Canvas* canvas, Area area) override;
  void Resize(int width, int height) override;
  bool Do(Action action, int64_t count) override;
  bool Search(std::shared_ptr<const query::Pattern> pattern, bool forward, int64_t count) override;
  void Preview(std::shared_ptr<const query::Pattern> pattern, bool forward) override;
  void EndPreview(bool leave) override;
  bool busy() const final { return job_.has_value() || waits(); }
  bool Work(Deadline deadline) final;
  void Cancel() final;
  int Progress() override;
  void Click(int row, int column) override;
  std::string CopyText() override { return rows() == 0 ? "" : RowText(focus_); }
  std::string ScreenText() override;
  std::string TakeMessage() override { return std::exchange(message_, {}); }
  Request TakeRequest() override { return std::exchange(request_, {}); }

 protected:
  virtual int64_t rows() = 0;
  // As View's, of all but the search.
  virtual bool waits() const { return false; }
  virtual bool WorkOnRows(Deadline) { return false; }
  virtual void CancelRows() {}
  virtual bool rows_come() const { return false; }  // a search waits for them
  virtual void DrawHeader(Canvas* canvas, int row) = 0;
  virtual void DrawRow(Canvas* canvas, int row, int64_t at, bool focused) = 0;
  virtual std::string RowText(int64_t at) = 0;  // what a search looks at
  virtual std::string EmptyText() { return "nothing is recorded here, or all of it is start-up (S shows it)"; }
  // The order (N of O) whose column of the header that is; 0: none.
  virtual int64_t OrderAt(int /*column*/) { return 0; }
  // Rows of the area that the list leaves to something else, at its bottom.
  virtual int rows_below() { return 0; }
  virtual void DrawBelow(Canvas*, Area) {}

  // There are other rows: a search begins anew, at the focus.
  void RowsChanged();
  int64_t focus() const { return focus_; }
  void FocusOn(int64_t at);
  int width() const { return width_; }
  int shift() const { return shift_; }  // columns scrolled out to the left
  void Say(std::string message) { message_ = std::move(message); }
  void Ask(Request request) { request_ = std::move(request); }  // of the application

 private:
  // Looks for rows that match, from `at` on.
  struct Job {
    int64_t from, at;  // rows
    bool forward;
    int64_t left;  // matches to go
    bool typed;    // the pattern is being typed
  };
  int page();
  void Begin(int64_t from, bool forward, int64_t count, bool typed);

  int64_t focus_ = 0, top_ = 0;
  int64_t page_ = 0;  // as the user set it, 0: not
  int width_ = 80, height_ = 20, shift_ = 0;
  std::shared_ptr<const query::Pattern> pattern_;
  bool forward_ = true;
  std::optional<Job> job_;
  std::optional<Job> stopped_;  // that was interrupted: the same again goes on there
  int64_t typed_from_ = -1;     // where a pattern that is being typed is searched from
  std::optional<std::shared_ptr<const query::Pattern>> typed_over_;  // what there was before
  std::string message_;
  Request request_;
};

// `text` at the right end of [x, end).
void PutAtEnd(Canvas* canvas, int row, int x, int end, std::string_view text, Style style);
// A bar for `part` of 1, up to `width` columns, in eighths of a column.
std::string Bar(double part, int width, bool ascii);

}  // namespace pytrace::reader::tui

#endif  // PYTRACE_READER_TUI_LIST_VIEW_H_
