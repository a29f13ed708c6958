// What a row of the tree says, and where.
#include <algorithm>
#include <string>

#include "reader/amounts.h"
#include "reader/printable.h"
#include "reader/tui/view_tree.h"

namespace pytrace::reader::tui {
namespace {

constexpr size_t kMostLines = 4096;  // remembered

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

const CallText& TreeView::LineOf(const TreeNode& node) {
  const store::Catalog& catalog = window_->database()->catalog();
  if (node.kind == TreeNode::Kind::kCall) {
    auto known = lines_.find(node.id);
    if (known != lines_.end()) return known->second;
    if (lines_.size() >= kMostLines) lines_.clear();
    CallText& line = lines_[node.id];
    CallFacts facts;
    EventText start, end;
    if (source_.Read(node.id, &facts, &start, &end)) {
      MakeCallLine(start, facts.duration_ns < 0 ? nullptr : &end, &line);
    } else {
      const store::Function* function = catalog.function(node.function);
      line.text = function == nullptr ? "?" : Printable(function->func);
      line.spans = {{static_cast<uint32_t>(line.text.size()), Ink::kFunction}};
      line.text += "  (was let go)";
      line.spans.push_back({static_cast<uint32_t>(line.text.size()), Ink::kNote});
    }
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
  auto style = [&](Ink ink) {
    return Style{node.aside ? Ink::kNote : ink, focused, ink == Ink::kFunction && !node.aside};
  };
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
  constexpr size_t kMost = 4096;  // bytes; more than any screen has columns for
  for (const TreeNode* node = rows_[focus()].node; node != nullptr && crumbs.size() < kMost; node = node->parent) {
    const store::Function* function = window_->database()->catalog().function(node->function);
    if (node->kind != TreeNode::Kind::kCall && node->kind != TreeNode::Kind::kGroup) break;
    std::string name = function == nullptr ? "?" : Printable(function->func);
    crumbs = crumbs.empty() ? name : name + separator + crumbs;
  }
  return crumbs;
}

}  // namespace pytrace::reader::tui
