#include "reader/tui/view_tree.h"

#include <algorithm>
#include <utility>

#include "reader/amounts.h"

namespace pytrace::reader::tui {
namespace {

constexpr int64_t kMostLevels = 1000;
constexpr size_t kMostRows = 200'000;  // that one opening may add
constexpr size_t kOpenedTogether = 1000;
constexpr int kFlattenShare = 10;  // of the time, while nodes are read

}  // namespace

TreeView::TreeView(Window* window, int64_t call) : window_(window), tree_(window), source_(window->database()) {
  const TreeNode* node = tree_.Reveal(call);
  Flatten();
  if (node != nullptr) FocusNode(node);
}

// The node's children in their order, and those that are hidden as one row.
TreeView::Below TreeView::BelowOf(TreeNode* node, int level) {
  Below below{node, level, {}, 0, 0};
  std::vector<TreeNode*>& children = below.shown;
  for (const auto& child : node->children) children.push_back(child.get());
  if (by_total_ || tree_.merged()) {
    std::stable_sort(children.begin(), children.end(),
                     [](const TreeNode* a, const TreeNode* b) { return a->total_ns > b->total_ns; });
  }
  if (reversed_) std::reverse(children.begin(), children.end());
  std::erase_if(children, [&](const TreeNode* child) {
    bool hide = least_percent_ > 0 && !child->running && IsBelow(child->total_ns, least_percent_, node->total_ns);
    if (!hide || child->kind == TreeNode::Kind::kThread) return false;
    below.small += child->kind == TreeNode::Kind::kGroup ? child->calls : 1;
    return true;
  });
  return below;
}

// A recursion may be deeper than the stack.
void TreeView::AddRows(TreeNode* node) {
  std::vector<Below> open;
  open.push_back(BelowOf(node, 0));
  while (!open.empty()) {
    Below& below = open.back();
    if (below.next < below.shown.size()) {
      TreeNode* child = below.shown[below.next++];
      rows_.push_back({child, below.level, Row::Kind::kNode, 0});
      if (child->open) open.push_back(BelowOf(child, below.level + 1));
      continue;
    }
    if (below.small > 0) rows_.push_back({below.node, below.level, Row::Kind::kSmall, below.small});
    if (below.node->hidden > 0) rows_.push_back({below.node, below.level, Row::Kind::kMore, below.node->hidden});
    open.pop_back();
  }
}

// A single thread needs no row of its own.
void TreeView::Flatten() {
  Row old = rows_.empty() ? Row{nullptr, 0, Row::Kind::kNode, 0} : rows_[focus()];
  rows_.clear();
  TreeNode* root = tree_.root();
  bool single = root->children.size() == 1 && root->children[0]->kind == TreeNode::Kind::kThread;
  AddRows(single ? root->children[0].get() : root);
  // Merged, what is read may still change the order: who is at the top stays there, and is at the longest in the end.
  if (tree_.merged() && focus() == 0) old.node = nullptr;
  for (size_t i = 0; old.node != nullptr && i < rows_.size(); ++i) {
    if (rows_[i].node != old.node || rows_[i].kind != old.kind) continue;
    return FocusOn(static_cast<int64_t>(i));
  }
  FocusOn(focus());
}

void TreeView::FocusNode(const TreeNode* node) {
  for (size_t i = 0; i < rows_.size(); ++i) {
    if (rows_[i].node != node || rows_[i].kind != Row::Kind::kNode) continue;
    return FocusOn(static_cast<int64_t>(i));
  }
}

void TreeView::Changed(bool same) {
  Subject focus = Focus();
  lines_.clear();
  source_.Forget();
  step_ = Step::kNone;
  levels_.clear();
  if (same && tree_.working()) return;
  std::vector<int64_t> open;
  for (const Row& row : rows_) {
    bool by_hand = row.node->open && row.node->kind == TreeNode::Kind::kCall && !row.node->joined;
    if (row.kind == Row::Kind::kNode && by_hand) open.push_back(row.node->id);
  }
  rows_.clear();
  tree_.Reset(tree_.merged());
  const TreeNode* node = nullptr;
  if (!tree_.merged()) {
    for (int64_t id : open) {
      if (TreeNode* opened = tree_.Reveal(id, same)) tree_.Open(opened);
    }
    node = tree_.Reveal(focus.call, same);
  }
  Flatten();
  if (node != nullptr) FocusNode(node);
  RowsChanged();
}

bool TreeView::WorkOnRows(Deadline deadline) {
  bool worked = false;
  do {
    if (tree_.working()) tree_.Work(deadline), worked = true;
    if (!tree_.working() && !Continue()) break;
    worked = true;
  } while (std::chrono::steady_clock::now() < deadline);
  bool more = tree_.working() || waits() || !levels_.empty();
  auto begin = std::chrono::steady_clock::now();
  if (!worked || (more && begin < flatten_after_)) return more;
  Flatten();
  RowsChanged();
  auto end = std::chrono::steady_clock::now();
  flatten_after_ = end + kFlattenShare * (end - begin);
  return more;
}

void TreeView::CancelRows() {
  tree_.Cancel();
  step_ = Step::kNone;
  levels_.clear();
}

bool TreeView::Continue() {
  if (step_ != Step::kNone) {
    Step step = std::exchange(step_, Step::kNone);
    TreeNode* node = focused();
    if (node == nullptr) return true;
    Flatten();
    const TreeNode* to = node->children.empty() ? nullptr : node->children[0].get();
    for (const auto& child : node->children) {
      if (step == Step::kLongest && child->total_ns > to->total_ns) to = child.get();
    }
    if (to == nullptr) {
      Say("it made no recorded call");
    } else {
      FocusNode(to);
    }
    return true;
  }
  if (levels_.empty()) return false;
  auto end = levels_.begin() + static_cast<ptrdiff_t>(std::min(levels_.size(), kOpenedTogether));
  for (auto at = levels_.begin(); at != end; ++at) {
    if (!at->first->open || !at->first->loaded) tree_.Open(at->first);
  }
  if (tree_.working()) return true;
  std::vector<std::pair<TreeNode*, int64_t>> opened(levels_.begin(), end);
  levels_.erase(levels_.begin(), end);
  for (const auto& [node, levels] : opened) opened_rows_ += node->children.size();
  if (opened_rows_ > kMostRows) levels_.clear(), opened.clear();
  for (const auto& [node, levels] : opened) {
    for (const auto& child : node->children) {
      if (levels > 1 && !child->leaf) levels_.emplace_back(child.get(), levels - 1);
    }
  }
  return true;
}

void TreeView::OpenOrClose() {
  TreeNode* node = focused();
  if (node == nullptr) return;
  switch (rows_[focus()].kind) {
    case Row::Kind::kMore:
      tree_.ShowMore(node);
      break;
    case Row::Kind::kSmall:
      least_percent_ = 0;
      break;
    case Row::Kind::kNode:
      if (node->open) {
        tree_.Close(node);
      } else {
        tree_.Open(node);
      }
  }
  Flatten();
}

void TreeView::ToSibling(int step) {
  int level = rows_.empty() ? 0 : rows_[focus()].level;
  for (int64_t at = focus() + step; at >= 0 && at < rows() && rows_[at].level >= level; at += step) {
    if (rows_[at].level == level) return FocusOn(at);
  }
  Say(step > 0 ? "this is the last one here" : "this is the first one here");
}

// Chosen again, an order is turned round.
void TreeView::OrderBy(bool total, bool chosen) {
  reversed_ = chosen && total == by_total_ && !reversed_;
  by_total_ = total;
  Say(std::string(by_total_ ? "the longest first" : "in order of time") + (reversed_ ? ", the other way round" : ""));
}

bool TreeView::Do(Action action, int64_t count) {
  TreeNode* node = focused();
  switch (action) {
    case Action::kEnter:
      OpenOrClose();
      return true;
    case Action::kOpen:
      if (node != nullptr) levels_.assign(1, {node, std::clamp<int64_t>(count, 1, kMostLevels)}), opened_rows_ = 0;
      return true;
    case Action::kCloseNode:
      if (node == nullptr) return true;
      if (!node->open && node->parent != nullptr) node = node->parent;
      FocusNode(node);
      tree_.Close(node);
      Flatten();
      return true;
    case Action::kLongest:
      if (node != nullptr) tree_.Open(node), step_ = Step::kLongest;
      return true;
    case Action::kCaller:
      if (node != nullptr && node->parent != nullptr) FocusNode(node->parent);
      return true;
    case Action::kCallee:
      if (node != nullptr) tree_.Open(node), step_ = Step::kFirst;
      return true;
    case Action::kNextSibling:
      ToSibling(+1);
      return true;
    case Action::kPreviousSibling:
      ToSibling(-1);
      return true;
    case Action::kOrder:
      OrderBy(count > 0 ? count % 2 == 0 : !by_total_, count > 0);
      Flatten();
      return true;
    case Action::kLimit:
      least_percent_ = count;
      Say(count > 0 ? "below " + std::to_string(count) + "% of their caller: hidden" : "all are shown");
      Flatten();
      return true;
    case Action::kGroup:
      CancelRows();
      rows_.clear();
      tree_.Reset(!tree_.merged());
      Flatten();
      return true;
    case Action::kTree:
      if (node == nullptr || node->kind == TreeNode::Kind::kThread) return true;
      Ask({Request::Kind::kEvents, "", node->id});
      return true;
    default:
      return ListView::Do(action, count);
  }
}

Subject TreeView::Focus() {
  if (rows_.empty()) return {};
  const TreeNode& node = *rows_[focus()].node;
  return {node.kind == TreeNode::Kind::kThread ? 0 : node.id, node.function, true};
}

}  // namespace pytrace::reader::tui
