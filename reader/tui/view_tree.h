// The call tree: a row for each call, with what it took and what it gave back.
#ifndef PYTRACE_READER_TUI_VIEW_TREE_H_
#define PYTRACE_READER_TUI_VIEW_TREE_H_

#include <deque>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "reader/call_tree.h"
#include "reader/tui/list_view.h"

namespace pytrace::reader::tui {

class TreeView : public ListView {
 public:
  // `call`: where the focus is to be; 0: at the first one.
  TreeView(Window* window, int64_t call);

  const char* name() const override { return "tree"; }
  bool Do(Action action, int64_t count) override;
  void Changed(bool same) override;
  std::string Position() override;
  std::string Breadcrumb(const char* separator) override;
  Subject Focus() override;

 protected:
  bool waits() const override { return step_ != Step::kNone; }
  bool WorkOnRows(Deadline deadline) override;
  void CancelRows() override;
  bool rows_come() const override { return tree_.working() || !levels_.empty(); }
  int64_t rows() override { return static_cast<int64_t>(rows_.size()); }
  void DrawHeader(Canvas* canvas, int row) override;
  void DrawRow(Canvas* canvas, int row, int64_t at, bool focused) override;
  std::string RowText(int64_t at) override { return LineOf(*rows_[at].node).text; }
  std::string EmptyText() override {
    if (tree_.working()) return "";
    return window_->selection().filters.empty() ? ListView::EmptyText() : "no event matches the filter";
  }

 private:
  struct Row {
    TreeNode* node;
    int level;
    enum class Kind { kNode, kMore, kSmall } kind = Kind::kNode;
    int64_t count = 0;  // kMore, kSmall: of calls that are not shown
  };
  void Flatten();
  struct Below {
    TreeNode* node;
    int level;
    std::vector<TreeNode*> shown;
    size_t next;
    int64_t small;  // calls that are not shown
  };
  Below BelowOf(TreeNode* node, int level);
  void AddRows(TreeNode* node);
  void FocusNode(const TreeNode* node);
  // What waits for a node's children to be read. false: nothing does.
  bool Continue();
  void OpenOrClose();
  void ToSibling(int step);
  void OrderBy(bool total, bool chosen);
  const CallText& LineOf(const TreeNode& node);
  TreeNode* focused() { return rows_.empty() ? nullptr : rows_[focus()].node; }

  Window* window_;
  CallTree tree_;
  CallSource source_;
  std::vector<Row> rows_;
  enum class Step { kNone, kLongest, kFirst };
  Step step_ = Step::kNone;                           // into the focused node, as soon as its children are read
  std::deque<std::pair<TreeNode*, int64_t>> levels_;  // to be opened, and how deep
  size_t opened_rows_ = 0;                            // by that
  Deadline flatten_after_;                            // many rows are not made anew in each slice
  bool by_total_ = false, reversed_ = false;
  int outdent_ = 0;            // levels by which deep rows are drawn less deep
  int64_t least_percent_ = 0;  // smaller shares of their parent are hidden
  std::unordered_map<int64_t, CallText> lines_;
  CallText scratch_;
};

}  // namespace pytrace::reader::tui

#endif  // PYTRACE_READER_TUI_VIEW_TREE_H_
