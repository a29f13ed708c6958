#include "reader/tui/view_threads.h"

#include <algorithm>
#include <tuple>

#include "reader/amounts.h"
#include "reader/printable.h"
#include "reader/tui/filter_text.h"

namespace pytrace::reader::tui {
namespace {

// Where each column ends, but for the last, where it begins; -1: left out.
struct Layout {
  int pid = 8, tid = 16, name = 30, calls = 40, raised = -1, busy = -1, first = -1, last = -1, lane = -1;
};

Layout LayOut(int width) {
  Layout at;
  if (width >= 60) at.raised = 48, at.busy = 57;
  if (width >= 80) at.lane = 59;
  if (width >= 100) at.first = 68, at.lane = 70;
  if (width >= 116) at.busy = 62, at.first = 73, at.last = 83, at.lane = 85;
  return at;
}

}  // namespace

void ThreadsView::Changed(bool same) {
  if (same && !profile_.done()) return;
  profile_.Reset();
  if (!same) rows_.clear();
}

bool ThreadsView::WorkOnRows(Deadline deadline) {
  if (profile_.done()) return false;
  bool more = profile_.Work(deadline);
  Collect();
  return more;
}

void ThreadsView::Collect() {
  rows_.assign(profile_.threads().begin(), profile_.threads().end());
  const store::Catalog& catalog = window_->database()->catalog();
  auto place = [&](const auto& row) {
    const store::Process* process = catalog.process_of_thread(row.first);
    return std::tuple(by_calls_ ? -row.second.calls : 0, process == nullptr ? 0 : process->id, row.first);
  };
  std::sort(rows_.begin(), rows_.end(),
            [&](const auto& a, const auto& b) { return reversed_ ? place(b) < place(a) : place(a) < place(b); });
}

bool ThreadsView::Do(Action action, int64_t count) {
  if (action == Action::kOrder) {
    bool by_calls = count > 0 ? count % 2 == 0 : !by_calls_;
    reversed_ = count > 0 && by_calls == by_calls_ && !reversed_;
    by_calls_ = by_calls;
    Say(std::string(by_calls_ ? "most calls first" : "by process") + (reversed_ ? ", the other way round" : ""));
    Collect();
    return true;
  }
  bool only = action == Action::kOnly || action == Action::kEnter;
  if (!only && action != Action::kWithout && action != Action::kTree) return ListView::Do(action, count);
  if (rows_.empty()) return true;
  const auto& [id, sums] = rows_[focus()];
  if (action == Action::kTree) {
    Ask({Request::Kind::kTree, "", sums.first_call});
    return true;
  }
  const store::Thread* thread = window_->database()->catalog().thread(id);
  const store::Process* process = window_->database()->catalog().process_of_thread(id);
  if (thread == nullptr || process == nullptr) return true;
  std::string filter = FilterFor(*thread, *process);
  Request::Kind kind = action == Action::kEnter ? Request::Kind::kFilter : Request::Kind::kReplace;
  Ask({kind, only ? filter : "not (" + filter + ")", 0});
  return true;
}

int64_t ThreadsView::OrderAt(int column) {
  Layout at = LayOut(width());
  return column < at.name ? 1 : column < at.calls ? 2 : 0;
}

void ThreadsView::DrawHeader(Canvas* canvas, int row) {
  Style style{Ink::kNote, false, false, true};
  canvas->Fill(row, 0, canvas->width(), style);
  Layout at = LayOut(canvas->width());
  for (auto [end, text] : {std::pair{at.pid, "PID"},
                           {at.tid, "TID"},
                           {at.calls, "CALLS"},
                           {at.raised, "RAISED"},
                           {at.busy, "BUSY"},
                           {at.first, "BEGAN"},
                           {at.last, "LAST"}}) {
    if (end > 0) PutAtEnd(canvas, row, 0, end, text, style);
  }
  canvas->Put(row, at.tid + 1, at.name, "NAME", style);
  if (at.lane > 0) canvas->Put(row, at.lane, canvas->width(), "CALLS OVER TIME", style);
}

std::string ThreadsView::RowText(int64_t at) {
  const store::Thread* thread = window_->database()->catalog().thread(rows_[at].first);
  const store::Process* process = window_->database()->catalog().process_of_thread(rows_[at].first);
  std::string text;
  if (thread == nullptr) return text;
  AppendPrintable(thread->name, &text);
  text += " " + std::to_string(thread->tid);
  if (process == nullptr) return text;
  text += " " + std::to_string(process->pid) + " ";
  AppendPrintable(process->argv, &text);
  return text;
}

void ThreadsView::DrawRow(Canvas* canvas, int row, int64_t index, bool focused) {
  const auto& [id, sums] = rows_[index];
  const store::Thread* thread = window_->database()->catalog().thread(id);
  const store::Process* process = window_->database()->catalog().process_of_thread(id);
  Layout at = LayOut(canvas->width());
  bool ascii = canvas->ascii();
  std::string name;
  if (thread != nullptr) AppendPrintable(thread->name, &name);
  auto put = [&](int end, const std::string& text, Ink ink) {
    if (end > 0) PutAtEnd(canvas, row, 0, end, text, {ink, focused});
  };
  put(at.pid, process == nullptr ? "?" : std::to_string(process->pid), Ink::kThread);
  put(at.tid, thread == nullptr ? "?" : std::to_string(thread->tid),
      thread == nullptr || rows() == 1 ? Ink::kThread : InkOfThread(thread->tid));
  canvas->Put(row, at.tid + 1, at.name, name, {Ink::kFunction, focused});
  put(at.calls, Grouped(sums.calls), Ink::kNote);
  if (sums.exceptions > 0) put(at.raised, Grouped(sums.exceptions), Ink::kError);
  std::string busy = DurationText(sums.busy_ns, ascii);
  if (at.last > 0) {
    int64_t all = std::max<int64_t>(1, profile_.last_ns() - profile_.first_ns());
    busy += " " +
            std::to_string(std::min<int64_t>(
                100, static_cast<int64_t>(100 * static_cast<double>(sums.busy_ns) / static_cast<double>(all)))) +
            "%";
  }
  put(at.busy, busy, Ink::kTime);
  put(at.last, "+" + DurationText(sums.last_ns - profile_.first_ns(), ascii), Ink::kNote);
  put(at.first, "+" + DurationText(sums.first_ns - profile_.first_ns(), ascii), Ink::kNote);
  if (at.lane <= 0) return;
  static constexpr const char* kLevels[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  static constexpr const char kAsciiLevels[] = " .:-=+*#@";
  int width = std::min<int>(ThreadSums::kSlots, canvas->width() - at.lane);
  if (width <= 0) return;
  std::vector<int64_t> lane(static_cast<size_t>(width));
  for (size_t slot = 0; slot < ThreadSums::kSlots; ++slot)
    lane[slot * static_cast<size_t>(width) / ThreadSums::kSlots] += sums.slots[slot];
  int64_t most = std::max<int64_t>(1, *std::max_element(lane.begin(), lane.end()));
  for (int x = 0; x < width; ++x) {
    int64_t level = (8 * lane[static_cast<size_t>(x)] + most - 1) / most;
    std::string glyph = ascii ? std::string(1, kAsciiLevels[level]) : kLevels[level];
    canvas->Put(row, at.lane + x, canvas->width(), glyph, {Ink::kName, focused});
  }
}

std::string ThreadsView::Position() {
  if (!profile_.done()) return "reading " + std::to_string(profile_.percent()) + "%";
  return Grouped(rows()) + (rows() == 1 ? " thread" : " threads");
}

}  // namespace pytrace::reader::tui
