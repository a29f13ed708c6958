#include "reader/tui/view_tree.h"

#include <algorithm>
#include <utility>

#include "reader/amounts.h"
#include "reader/printable.h"

namespace pytrace::reader::tui {
namespace {

constexpr int64_t kMostLevels = 1000;
constexpr size_t kMostLines = 4096;    // remembered
constexpr size_t kMostRows = 200'000;  // that one opening may add

struct Layout {
  int total, self, calls, bar, call, place;  // where each ends, but for `call`, where it begins; -1: left out
};

Layout LayOut(int width, bool merged) {
  Layout at{9, -1, -1, -1, 10, -1};
  if (width >= 56) at.self = 19, at.call = 20;
  if (merged && width >= 48) at.calls = at.call + 8, at.call += 9;
  if (width >= 72) at.bar = at.call + 10, at.call += 11;
  if (width >= 96) at.place = width;
  return at;
}

}  // namespace

TreeView::TreeView(Window* window, int64_t call) : window_(window), tree_(window), source_(window->database()) {
  const TreeNode* node = tree_.Reveal(call);
  Flatten();
  if (node != nullptr) FocusNode(node);
}

void TreeView::AddRows(TreeNode* node, int level) {
  std::vector<TreeNode*> children;
  for (const auto& child : node->children) children.push_back(child.get());
  if (by_total_ || tree_.merged()) {
    std::stable_sort(children.begin(), children.end(),
                     [](const TreeNode* a, const TreeNode* b) { return a->total_ns > b->total_ns; });
  }
  int64_t small = 0;
  for (TreeNode* child : children) {
    bool hide = least_percent_ > 0 && !child->running && child->total_ns * 100 < node->total_ns * least_percent_;
    if (hide && child->kind != TreeNode::Kind::kThread) {
      small += child->kind == TreeNode::Kind::kGroup ? child->calls : 1;
      continue;
    }
    rows_.push_back({child, level, Row::Kind::kNode, 0});
    if (child->open) AddRows(child, level + 1);
  }
  if (small > 0) rows_.push_back({node, level, Row::Kind::kSmall, small});
  if (node->hidden > 0) rows_.push_back({node, level, Row::Kind::kMore, node->hidden});
}

// A single thread needs no row of its own.
void TreeView::Flatten() {
  Row old = rows_.empty() ? Row{nullptr, 0, Row::Kind::kNode, 0} : rows_[focus()];
  rows_.clear();
  TreeNode* root = tree_.root();
  bool single = root->children.size() == 1 && root->children[0]->kind == TreeNode::Kind::kThread;
  AddRows(single ? root->children[0].get() : root, 0);
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
    if (row.kind == Row::Kind::kNode && row.node->open && row.node->kind == TreeNode::Kind::kCall)
      open.push_back(row.node->id);
  }
  rows_.clear();
  tree_.Reset(tree_.merged());
  const TreeNode* node = nullptr;
  if (!tree_.merged()) {
    for (int64_t id : open) {
      if (TreeNode* opened = tree_.Reveal(id)) tree_.Open(opened);
    }
    node = tree_.Reveal(focus.call);
  }
  Flatten();
  if (node != nullptr) FocusNode(node);
}

bool TreeView::Work(Deadline deadline) {
  bool worked = false;
  do {
    if (tree_.working()) tree_.Work(deadline), worked = true;
    if (!tree_.working() && !Continue()) break;
    worked = true;
  } while (std::chrono::steady_clock::now() < deadline);
  if (worked) Flatten();
  return tree_.working() || busy() || !levels_.empty();
}

void TreeView::Cancel() {
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
  auto [node, levels] = levels_.back();
  if (!node->open || !node->loaded) {
    tree_.Open(node);
    if (tree_.working()) return true;
  }
  levels_.pop_back();
  if (rows_.size() > kMostRows) levels_.clear();
  for (const auto& child : node->children) {
    if (levels > 1 && !child->leaf) levels_.emplace_back(child.get(), levels - 1);
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

bool TreeView::Do(Action action, int64_t count) {
  TreeNode* node = focused();
  switch (action) {
    case Action::kEnter:
      OpenOrClose();
      return true;
    case Action::kOpen:
      if (node != nullptr) levels_.assign(1, {node, std::clamp<int64_t>(count, 1, kMostLevels)});
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
      by_total_ = !by_total_;
      Say(by_total_ ? "the longest first" : "in order of time");
      Flatten();
      return true;
    case Action::kLimit:
      least_percent_ = count;
      Say(count > 0 ? "below " + std::to_string(count) + "% of their caller: hidden" : "all are shown");
      Flatten();
      return true;
    case Action::kGroup:
      Cancel();
      rows_.clear();
      tree_.Reset(!tree_.merged());
      Flatten();
      return true;
    case Action::kTree:
      if (node == nullptr || node->kind == TreeNode::Kind::kThread) return true;
      request_ = {Request::Kind::kEvents, "", node->id};
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

const CallText& TreeView::LineOf(const TreeNode& node) {
  const store::Catalog& catalog = window_->database()->catalog();
  if (node.kind == TreeNode::Kind::kCall) {
    auto known = lines_.find(node.id);
    if (known != lines_.end()) return known->second;
    if (lines_.size() >= kMostLines) lines_.clear();
    CallText& line = lines_[node.id];
    CallFacts facts;
    EventText start, end;
    if (source_.Read(node.id, &facts, &start, &end)) MakeCallLine(start, facts.duration_ns < 0 ? nullptr : &end, &line);
    return line;
  }
  scratch_ = {};
  if (node.kind == TreeNode::Kind::kThread) {
    const store::Thread* thread = catalog.thread(node.thread);
    const store::Process* process = catalog.process_of_thread(node.thread);
    scratch_.text = thread == nullptr ? "?" : "thread " + Printable(thread->name) + " " + std::to_string(thread->tid);
    if (process != nullptr) scratch_.text += " of process " + std::to_string(process->pid);
    scratch_.spans = {{static_cast<uint32_t>(scratch_.text.size()), Ink::kThread}};
  } else {
    const store::Function* function = catalog.function(node.function);
    scratch_.text = function == nullptr ? "?" : Printable(function->func);
    scratch_.spans = {{static_cast<uint32_t>(scratch_.text.size()), Ink::kFunction}};
    if (node.exceptions > 0) {
      scratch_.text += " ! " + Grouped(node.exceptions);
      scratch_.spans.push_back({static_cast<uint32_t>(scratch_.text.size()), Ink::kError});
    }
  }
  return scratch_;
}

void TreeView::DrawHeader(Canvas* canvas, int row) {
  Style style{Ink::kNote, false, false, true};
  canvas->Fill(row, 0, canvas->width(), style);
  Layout at = LayOut(canvas->width(), tree_.merged());
  int room = (canvas->width() - at.call) / 4, level = rows_.empty() ? 0 : rows_[focus()].level;
  outdent_ = level > room ? level - room / 2 : 0;
  PutAtEnd(canvas, row, 0, at.total, "TOTAL", style);
  if (at.self > 0) PutAtEnd(canvas, row, 0, at.self, "SELF", style);
  if (at.calls > 0) PutAtEnd(canvas, row, 0, at.calls, "CALLS", style);
  if (at.bar > 0) canvas->Put(row, at.bar - 9, at.bar, "SHARE", style);
  std::string call = tree_.merged() ? "FUNCTION, same calls merged" : by_total_ ? "CALL, longest first" : "CALL";
  if (outdent_ > 0) call += " from level " + std::to_string(outdent_);
  canvas->Put(row, at.call + 2, canvas->width(), call, style);
}

void TreeView::DrawRow(Canvas* canvas, int row, int64_t index, bool focused) {
  const Row& shown = rows_[index];
  const TreeNode& node = *shown.node;
  Layout at = LayOut(canvas->width(), tree_.merged());
  auto style = [&](Ink ink) { return Style{ink, focused, ink == Ink::kFunction}; };
  bool ascii = canvas->ascii();
  int indent = at.call + 2 * std::max(0, shown.level - outdent_) - shift();
  if (shown.kind != Row::Kind::kNode) {
    std::string text = shown.kind == Row::Kind::kMore ? "(+" + Grouped(shown.count) + " more; Enter shows more)"
                                                      : "(" + Grouped(shown.count) + " small ones; Enter shows them)";
    canvas->Put(row, std::max(at.call, indent), canvas->width(), text, style(Ink::kNote));
    return;
  }
  auto amount = [&](int end, int64_t ns) {
    if (end > 0) PutAtEnd(canvas, row, 0, end, DurationText(ns, ascii), style(Ink::kNote));
  };
  if (node.running && node.total_ns == 0) {
    PutAtEnd(canvas, row, 0, at.total, "running", style(Ink::kNote));
  } else {
    amount(at.total, node.total_ns);
    amount(at.self, node.self_ns);
  }
  if (at.calls > 0) PutAtEnd(canvas, row, 0, at.calls, Grouped(node.calls), style(Ink::kNote));
  if (at.bar > 0 && node.parent != nullptr) {
    int64_t all = node.parent->total_ns;
    if (node.parent->kind == TreeNode::Kind::kRoot) {
      all = 0;
      for (const auto& one : node.parent->children) all += one->total_ns;
    }
    if (all > 0)
      canvas->Put(row, at.bar - 9, at.bar, Bar(static_cast<double>(node.total_ns) / static_cast<double>(all), 9, ascii),
                  style(Ink::kName));
  }
  const char* mark = node.leaf ? (ascii ? "  " : "• ") : node.open ? (ascii ? "- " : "▾ ") : (ascii ? "+ " : "▸ ");
  int end = canvas->width();
  const store::Function* function = window_->database()->catalog().function(node.function);
  if (at.place > 0 && function != nullptr && node.kind != TreeNode::Kind::kThread) {
    std::string place =
        Printable(function->file.substr(function->file.rfind('/') + 1)) + ":" + std::to_string(function->line);
    // Of a name too long its end, with the line.
    int width = TextWidth(place), room = canvas->width() / 3, skip = std::max(0, width - room);
    end -= std::min(width, room) + 1;
    canvas->PutFrom(row, end + 1, canvas->width(), &skip, place, style(Ink::kModule));
  }
  int skip = std::max(0, at.call - indent), x = std::max(at.call, indent);
  x = canvas->PutFrom(row, x, end, &skip, mark, style(Ink::kArrow));
  const CallText& line = LineOf(node);
  size_t begin = 0;
  for (const Span& span : line.spans) {
    x = canvas->PutFrom(row, x, end, &skip, std::string_view(line.text).substr(begin, span.end - begin),
                        style(span.ink));
    begin = span.end;
  }
  if (TextWidth(line.text) + indent + 2 > end && end - TextWidth(canvas->Ellipsis()) > at.call)
    canvas->Put(row, end - TextWidth(canvas->Ellipsis()), end, canvas->Ellipsis(), style(Ink::kArrow));
}

std::string TreeView::Position() {
  if (tree_.working()) return "reading " + std::to_string(tree_.percent()) + "%";
  return Grouped(rows() == 0 ? 0 : focus() + 1) + " of " + Grouped(rows()) + (rows() == 1 ? " row" : " rows");
}

std::string TreeView::Breadcrumb(const char* separator) {
  std::string crumbs;
  if (rows_.empty()) return crumbs;
  for (const TreeNode* node = rows_[focus()].node; node != nullptr; node = node->parent) {
    const store::Function* function = window_->database()->catalog().function(node->function);
    if (node->kind != TreeNode::Kind::kCall && node->kind != TreeNode::Kind::kGroup) break;
    std::string name = function == nullptr ? "?" : Printable(function->func);
    crumbs = crumbs.empty() ? name : name + separator + crumbs;
  }
  return crumbs;
}

}  // namespace pytrace::reader::tui
