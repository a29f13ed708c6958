// Where exceptions began: a row for each function that raised, those that got farthest first, the program's own
// functions before those of libraries.
#ifndef PYTRACE_READER_TUI_VIEW_EXCEPTIONS_H_
#define PYTRACE_READER_TUI_VIEW_EXCEPTIONS_H_

#include <cstdint>
#include <map>
#include <string>
#include <unordered_set>
#include <vector>

#include "reader/call_source.h"
#include "reader/tui/list_view.h"

namespace pytrace::reader::tui {

class ExceptionsView : public ListView {
 public:
  explicit ExceptionsView(Window* window) : window_(window), source_(window->database()) { Restart(); }

  const char* name() const override { return "exceptions"; }
  bool Do(Action action, int64_t count) override;
  bool WorkOnRows(Deadline deadline) override;
  void CancelRows() override { left_ = 0; }
  void Changed(bool same) override;
  std::string Position() override;
  Subject Focus() override;

 protected:
  int64_t rows() override { return static_cast<int64_t>(rows_.size()); }
  void DrawHeader(Canvas* canvas, int row) override;
  void DrawRow(Canvas* canvas, int row, int64_t at, bool focused) override;
  std::string RowText(int64_t at) override;
  std::string EmptyText() override { return "no exception"; }

 private:
  struct Group {
    uint32_t function = 0;
    int64_t count = 0;
    int64_t climbed = 0, call = 0;  // the call whose exception ended the most calls, and how many
    bool own = false;
  };
  void Restart();
  void AddBlock(size_t number);
  void Collect();
  std::string TextOf(const Group& group);

  Window* window_;
  CallSource source_;
  // Blocks are read from the last one to the first, so that what a call's callees did is known before it.
  size_t left_ = 0;
  store::DecodedBlock block_;
  std::vector<uint8_t> shown_, passed_on_;
  std::unordered_set<int64_t> callers_;  // calls of earlier blocks out of which an exception of a callee may have come
  std::map<uint32_t, Group> groups_;
  std::vector<Group> rows_;
  std::map<int64_t, std::string> texts_;
};

}  // namespace pytrace::reader::tui

#endif  // PYTRACE_READER_TUI_VIEW_EXCEPTIONS_H_
