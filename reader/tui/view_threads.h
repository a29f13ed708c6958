// Processes and threads: what each did, and when.
#ifndef PYTRACE_READER_TUI_VIEW_THREADS_H_
#define PYTRACE_READER_TUI_VIEW_THREADS_H_

#include <string>
#include <utility>
#include <vector>

#include "reader/profile.h"
#include "reader/tui/list_view.h"

namespace pytrace::reader::tui {

class ThreadsView : public ListView {
 public:
  explicit ThreadsView(Window* window) : window_(window), profile_(window) {}

  const char* name() const override { return "threads"; }
  bool Do(Action action, int64_t count) override;
  bool WorkOnRows(Deadline deadline) override;
  void CancelRows() override { profile_.Cancel(); }
  void Changed(bool same) override;
  std::string Position() override;

 protected:
  int64_t rows() override { return static_cast<int64_t>(rows_.size()); }
  void DrawHeader(Canvas* canvas, int row) override;
  int64_t OrderAt(int column) override;
  void DrawRow(Canvas* canvas, int row, int64_t at, bool focused) override;
  std::string RowText(int64_t at) override;

 private:
  void Collect();

  Window* window_;
  Profile profile_;
  std::vector<std::pair<uint32_t, ThreadSums>> rows_;
  bool by_calls_ = false, reversed_ = false;
};

}  // namespace pytrace::reader::tui

#endif  // PYTRACE_READER_TUI_VIEW_THREADS_H_
