#include "reader/tui/view_hot.h"

#include <algorithm>
#include <map>

#include "reader/amounts.h"
#include "reader/printable.h"
#include "reader/query/suggest.h"
#include "reader/tui/filter_text.h"

namespace pytrace::reader::tui {
namespace {

struct Layout {
  int self = 14, total = 29, calls = 39, average = -1, longest = -1, exceptions = -1, name = 40;
};

Layout LayOut(int width) {
  Layout at;
  if (width < 60) return {9, -1, 18, -1, -1, -1, 19};
  if (width >= 90) at.average = 49, at.longest = 59, at.exceptions = 66, at.name = 67;
  return at;
}

std::string Share(int64_t ns, int64_t all, bool ascii) {
  std::string text = DurationText(ns, ascii);
  int percent = all <= 0 ? 0 : static_cast<int>((200 * ns / all + 1) / 2);
  std::string share = std::to_string(std::min(percent, 100)) + "%";
  return text + std::string(5 - std::min<size_t>(4, share.size()), ' ') + share;
}

int64_t Average(const FunctionSums& sums) { return sums.calls == 0 ? 0 : sums.total_ns / sums.calls; }

}  // namespace

void HotView::Changed(bool same) {
  if (same && !profile_.done()) return;
  profile_.Reset();
  if (!same) rows_.clear();
}

bool HotView::Work(Deadline deadline) {
  if (profile_.done()) return false;
  bool more = profile_.Work(deadline);
  Collect();
  return more;
}

void HotView::Collect() {
  // A focus that was not moved stays on the first one.
  bool moved = !rows_.empty() && focus() > 0;
  uint32_t focused = moved ? rows_[focus()].sums.function : 0;
  std::string group = moved ? rows_[focus()].group : "";
  rows_.clear();
  all_self_ns_ = 0;
  std::map<std::string, FunctionSums> groups;
  for (const FunctionSums& sums : profile_.Functions()) {
    all_self_ns_ += sums.self_ns;
    if (by_ == By::kFunction) {
      rows_.push_back({sums, ""});
      continue;
    }
    const store::Function* function = window_->database()->catalog().function(sums.function);
    FunctionSums& to = groups[function == nullptr ? "?" : by_ == By::kModule ? function->module : function->file];
    to.calls += sums.calls;
    to.exceptions += sums.exceptions;
    to.total_ns += sums.total_ns;
    to.self_ns += sums.self_ns;
    if (sums.longest_ns >= to.longest_ns) to.longest_ns = sums.longest_ns, to.slowest = sums.slowest;
  }
  for (auto& [name, sums] : groups) rows_.push_back({sums, name});
  auto amount = [&](const Row& row) -> int64_t {
    switch (order_) {
      case Order::kSelf:
        return row.sums.self_ns;
      case Order::kTotal:
        return row.sums.total_ns;
      case Order::kCalls:
        return row.sums.calls;
      case Order::kAverage:
        return Average(row.sums);
      case Order::kLongest:
        return row.sums.longest_ns;
      case Order::kExceptions:
        return row.sums.exceptions;
      case Order::kName:
        break;
    }
    return 0;
  };
  std::stable_sort(rows_.begin(), rows_.end(), [&](const Row& a, const Row& b) {
    return order_ == Order::kName ? NameOf(a) < NameOf(b) : amount(a) > amount(b);
  });
  for (size_t i = 0; i < rows_.size(); ++i) {
    if (rows_[i].sums.function == focused && rows_[i].group == group && (focused != 0 || !group.empty()))
      return FocusOn(static_cast<int64_t>(i));
  }
}

std::string HotView::NameOf(const Row& row) const {
  if (by_ != By::kFunction) return Printable(row.group);
  const store::Function* function = window_->database()->catalog().function(row.sums.function);
  return function == nullptr ? "?" : Printable(function->qualname.empty() ? function->func : function->qualname);
}

std::string HotView::PlaceOf(const Row& row) const {
  const store::Function* function = window_->database()->catalog().function(row.sums.function);
  if (by_ != By::kFunction || function == nullptr) return "";
  return Printable(function->module) + ":" + std::to_string(function->line);
}

bool HotView::Do(Action action, int64_t count) {
  const store::Catalog& catalog = window_->database()->catalog();
  const Row* row = rows_.empty() ? nullptr : &rows_[focus()];
  const store::Function* function = row == nullptr ? nullptr : catalog.function(row->sums.function);
  std::string filter;
  if (row != nullptr && by_ == By::kModule) filter = "module is " + query::QuotedLiteral(row->group);
  if (row != nullptr && by_ == By::kFile) filter = "file is " + query::QuotedLiteral(row->group);
  if (row != nullptr && by_ == By::kFunction && function != nullptr) filter = FilterFor(*function);
  switch (action) {
    case Action::kEnter:
      if (!filter.empty()) Ask({Request::Kind::kFilter, filter, 0});
      return true;
    case Action::kOnly:
      if (!filter.empty()) Ask({Request::Kind::kReplace, filter, 0});
      return true;
    case Action::kWithout:
      if (!filter.empty()) Ask({Request::Kind::kReplace, "not (" + filter + ")", 0});
      return true;
    case Action::kTree:
    case Action::kLongest:
      if (row != nullptr) Ask({Request::Kind::kTree, "", row->sums.slowest});
      return true;
    case Action::kOrder: {
      static constexpr const char* kNames[] = {"self", "total", "calls", "average", "longest", "exceptions", "name"};
      order_ = static_cast<Order>((static_cast<int>(order_) + 1) % 7);
      Say(std::string("by ") + kNames[static_cast<int>(order_)]);
      Collect();
      return true;
    }
    case Action::kGroup:
      by_ = static_cast<By>((static_cast<int>(by_) + 1) % 3);
      Say(by_ == By::kFunction ? "by function" : by_ == By::kModule ? "by module" : "by file");
      Collect();
      return true;
    default:
      return ListView::Do(action, count);
  }
}

Subject HotView::Focus() {
  if (rows_.empty() || by_ != By::kFunction) return {};
  return {0, rows_[focus()].sums.function, false};
}

void HotView::DrawHeader(Canvas* canvas, int row) {
  Style style{Ink::kNote, false, false, true};
  canvas->Fill(row, 0, canvas->width(), style);
  Layout at = LayOut(canvas->width());
  auto title = [&](int end, const char* text, Order order) {
    Style one = style;
    one.reverse = order == order_;
    if (end > 0) PutAtEnd(canvas, row, 0, end, text, one);
  };
  title(at.self, "SELF", Order::kSelf);
  title(at.total, "TOTAL", Order::kTotal);
  title(at.calls, "CALLS", Order::kCalls);
  title(at.average, "AVERAGE", Order::kAverage);
  title(at.longest, "LONGEST", Order::kLongest);
  title(at.exceptions, "RAISED", Order::kExceptions);
  const char* what = by_ == By::kFunction ? "FUNCTION" : by_ == By::kModule ? "MODULE" : "FILE";
  Style name = style;
  name.reverse = order_ == Order::kName;
  canvas->Put(row, at.name + 1, canvas->width(), what, name);
}

void HotView::DrawRow(Canvas* canvas, int row, int64_t index, bool focused) {
  const Row& shown = rows_[index];
  const FunctionSums& sums = shown.sums;
  Layout at = LayOut(canvas->width());
  bool ascii = canvas->ascii();
  auto put = [&](int end, const std::string& text, Ink ink) {
    if (end > 0) PutAtEnd(canvas, row, 0, end, text, {ink, focused});
  };
  put(at.self, at.total > 0 ? Share(sums.self_ns, all_self_ns_, ascii) : DurationText(sums.self_ns, ascii), Ink::kTime);
  put(at.total, Share(sums.total_ns, all_self_ns_, ascii), Ink::kNote);
  put(at.calls, Grouped(sums.calls), Ink::kNote);
  put(at.average, DurationText(Average(sums), ascii), Ink::kNote);
  put(at.longest, DurationText(sums.longest_ns, ascii), Ink::kNote);
  if (sums.exceptions > 0) put(at.exceptions, Grouped(sums.exceptions), Ink::kError);
  int x = canvas->Put(row, at.name + 1, canvas->width(), NameOf(shown), {Ink::kFunction, focused, true});
  canvas->Put(row, x + 2, canvas->width(), PlaceOf(shown), {Ink::kModule, focused});
}

// As many as callers and callees need, a third of the screen at most.
int HotView::rows_below() {
  if (by_ != By::kFunction || rows_.empty() || width() < 60) return 0;
  return 6;
}

void HotView::DrawEdges(Canvas* canvas, Area area, int x, int end, const std::string& title,
                        const std::vector<std::pair<uint32_t, EdgeSums>>& edges) {
  canvas->Put(area.top, x, end - 1, title, {Ink::kNote, false, false, true});
  for (size_t i = 0; i < edges.size() && area.top + 1 + static_cast<int>(i) < area.bottom; ++i) {
    int row = area.top + 1 + static_cast<int>(i);
    if (row + 1 == area.bottom && i + 1 < edges.size()) {
      canvas->Put(row, x + 1, end, "and " + std::to_string(edges.size() - i) + " more", {Ink::kNote});
      return;
    }
    const auto& [id, sums] = edges[i];
    PutAtEnd(canvas, row, x, x + 9, DurationText(sums.total_ns, canvas->ascii()), {Ink::kNote});
    PutAtEnd(canvas, row, x, x + 18, Grouped(sums.calls), {Ink::kNote});
    Row named;
    named.sums.function = id;
    int at = canvas->Put(row, x + 19, end - 1, id == 0 ? "(no caller)" : NameOf(named), {Ink::kFunction});
    if (id != 0) canvas->Put(row, at + 2, end - 1, PlaceOf(named), {Ink::kModule});
  }
}

void HotView::DrawBelow(Canvas* canvas, Area area) {
  uint32_t function = rows_[focus()].sums.function;
  int middle = canvas->width() / 2;
  std::string name = NameOf(rows_[focus()]);
  canvas->Fill(area.top, 0, canvas->width(), {Ink::kNote, false, false, true});
  DrawEdges(canvas, area, 1, middle, "callers of " + name, profile_.Callers(function));
  DrawEdges(canvas, area, middle + 1, canvas->width(), "called by " + name, profile_.Callees(function));
}

std::string HotView::Position() {
  if (!profile_.done()) return "reading " + std::to_string(profile_.percent()) + "%";
  return Grouped(rows()) + (by_ == By::kFunction ? " functions" : by_ == By::kModule ? " modules" : " files");
}

}  // namespace pytrace::reader::tui
