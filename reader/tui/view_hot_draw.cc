// What the table of hot functions says, with the callers and callees of the focused one below it.
#include <algorithm>
#include <string>

#include "reader/amounts.h"
#include "reader/tui/view_hot.h"

namespace pytrace::reader::tui {
namespace {

constexpr int kBarWidth = 12;

// Where each column ends; where `name` and `bar` begin; -1: left out.
struct Layout {
  int self = 14, total = 29, calls = 39, average = -1, longest = -1, exceptions = -1, name = 40, bar = -1;
};

Layout LayOut(int width) {
  Layout at;
  if (width < 60) return {9, -1, 18, -1, -1, -1, 19};
  if (width >= 110) at.bar = width - kBarWidth;
  if (width >= 90) at.average = 49, at.longest = 59, at.exceptions = 66, at.name = 67;
  return at;
}

std::string Share(int64_t ns, int64_t all, bool ascii) {
  std::string text = DurationText(ns, ascii);
  std::string share = std::to_string(std::min<int64_t>(Percent(ns, all), 100)) + "%";
  return text + std::string(5 - std::min<size_t>(4, share.size()), ' ') + share;
}

}  // namespace

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
  static constexpr const char* kWhat[] = {"FUNCTION", "MODULE", "FILE", "THREAD"};
  const char* what = kWhat[static_cast<int>(by_)];
  Style name = style;
  name.reverse = order_ == Order::kName;
  canvas->Put(row, at.name + 1, canvas->width(), what, name);
  if (at.bar > 0) canvas->Put(row, at.bar, canvas->width(), "SHARE", style);
}

int64_t HotView::OrderAt(int column) {
  Layout at = LayOut(width());
  int64_t order = static_cast<int64_t>(Order::kSelf);
  for (int end : {at.self, at.total, at.calls, at.average, at.longest, at.exceptions}) {
    ++order;
    if (column < end) return order;
  }
  return static_cast<int64_t>(Order::kName) + 1;
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
  put(at.average, DurationText(AverageOf(sums), ascii), Ink::kNote);
  put(at.longest, DurationText(sums.longest_ns, ascii), Ink::kNote);
  if (sums.exceptions > 0) put(at.exceptions, Grouped(sums.exceptions), Ink::kError);
  int limit = at.bar > 0 ? at.bar - 1 : canvas->width();
  int x = canvas->Put(row, at.name + 1, limit, NameOf(shown), {Ink::kFunction, focused, true});
  canvas->Put(row, x + 2, limit, PlaceOf(shown), {Ink::kModule, focused});
  if (at.bar <= 0 || all_self_ns_ <= 0) return;
  double share = static_cast<double>(sums.self_ns) / static_cast<double>(all_self_ns_);
  canvas->Put(row, at.bar, canvas->width(), Bar(share, kBarWidth, ascii), {Ink::kName, focused});
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
  static constexpr const char* kWhat[] = {" functions", " modules", " files", " threads"};
  return Grouped(rows()) + kWhat[static_cast<int>(by_)];
}

}  // namespace pytrace::reader::tui
