#include "reader/tui/view_hot.h"

#include <algorithm>
#include <map>

#include "dumper/store/bounds.h"
#include "reader/amounts.h"
#include "reader/printable.h"
#include "reader/query/suggest.h"
#include "reader/tui/filter_text.h"

namespace pytrace::reader::tui {
void HotView::Changed(bool same) {
  if (same && !profile_.done()) return;
  profile_.Reset();
  if (!same) rows_.clear();
}

bool HotView::WorkOnRows(Deadline deadline) {
  if (profile_.done()) return false;
  bool more = profile_.Work(deadline);
  Collect();
  return more;
}

void HotView::AddGroups(const std::vector<FunctionSums>& functions) {
  std::map<std::string, FunctionSums> groups;
  for (const FunctionSums& sums : functions) {
    const store::Function* function = window_->database()->catalog().function(sums.function);
    FunctionSums& to = groups[function == nullptr ? "?" : by_ == By::kModule ? function->module : function->file];
    to.calls += sums.calls;
    to.exceptions += sums.exceptions;
    store::AddTo(&to.total_ns, sums.total_ns);
    store::AddTo(&to.self_ns, sums.self_ns);
    if (sums.longest_ns >= to.longest_ns) to.longest_ns = sums.longest_ns, to.slowest = sums.slowest;
  }
  for (auto& [name, sums] : groups) rows_.push_back({sums, name});
}

// The total of a thread is the time in calls that none of its other calls made.
void HotView::AddThreads() {
  for (const auto& [id, thread] : profile_.threads()) {
    FunctionSums sums;
    sums.calls = thread.calls;
    sums.exceptions = thread.exceptions;
    sums.total_ns = thread.busy_ns;
    sums.self_ns = thread.self_ns;
    sums.longest_ns = thread.longest_ns;
    sums.slowest = thread.slowest;
    rows_.push_back({sums, "", id});
  }
}

int64_t HotView::AmountOf(const Row& row) const {
  switch (order_) {
    case Order::kSelf:
      return row.sums.self_ns;
    case Order::kTotal:
      return row.sums.total_ns;
    case Order::kCalls:
      return row.sums.calls;
    case Order::kAverage:
      return AverageOf(row.sums);
    case Order::kLongest:
      return row.sums.longest_ns;
    case Order::kExceptions:
      return row.sums.exceptions;
    case Order::kName:
      break;
  }
  return 0;
}

void HotView::Collect() {
  // A focus that was not moved stays on the first one.
  Row focused;
  if (!rows_.empty() && focus() > 0) focused = rows_[focus()];
  rows_.clear();
  all_self_ns_ = 0;
  std::vector<FunctionSums> functions = profile_.Functions();
  for (const FunctionSums& sums : functions) store::AddTo(&all_self_ns_, sums.self_ns);
  if (by_ == By::kFunction) {
    for (const FunctionSums& sums : functions) rows_.push_back({sums, ""});
  } else if (by_ == By::kThread) {
    AddThreads();
  } else {
    AddGroups(functions);
  }
  small_ = std::erase_if(rows_, [&](const Row& row) {
    return least_percent_ > 0 && IsBelow(row.sums.total_ns, least_percent_, all_self_ns_);
  });
  std::stable_sort(rows_.begin(), rows_.end(), [&](const Row& a, const Row& b) {
    const Row &first = reversed_ ? b : a, &second = reversed_ ? a : b;
    return order_ == Order::kName ? NameOf(first) < NameOf(second) : AmountOf(first) > AmountOf(second);
  });
  for (size_t i = 0; i < rows_.size(); ++i) {
    const Row& row = rows_[i];
    bool same =
        row.sums.function == focused.sums.function && row.group == focused.group && row.thread == focused.thread;
    if (same && focused.sums.calls > 0) return FocusOn(static_cast<int64_t>(i));
  }
}

std::string HotView::NameOf(const Row& row) const {
  if (by_ == By::kThread) {
    const store::Thread* thread = window_->database()->catalog().thread(row.thread);
    const store::Process* process = window_->database()->catalog().process_of_thread(row.thread);
    if (thread == nullptr || process == nullptr) return "?";
    return Printable(thread->name) + " " + std::to_string(thread->tid) + " of process " + std::to_string(process->pid);
  }
  if (by_ != By::kFunction) return Printable(row.group);
  const store::Function* function = window_->database()->catalog().function(row.sums.function);
  return function == nullptr ? "?" : Printable(function->qualname.empty() ? function->func : function->qualname);
}

std::string HotView::PlaceOf(const Row& row) const {
  const store::Function* function = window_->database()->catalog().function(row.sums.function);
  if (by_ != By::kFunction || function == nullptr) return "";
  return Printable(function->module) + ":" + std::to_string(function->line);
}

std::string HotView::FilterOf(const Row& row) const {
  const store::Catalog& catalog = window_->database()->catalog();
  switch (by_) {
    case By::kModule:
      return "module is " + query::QuotedLiteral(row.group);
    case By::kFile:
      return "file is " + query::QuotedLiteral(row.group);
    case By::kThread: {
      const store::Thread* thread = catalog.thread(row.thread);
      const store::Process* process = catalog.process_of_thread(row.thread);
      return thread == nullptr || process == nullptr ? "" : FilterFor(*thread, *process);
    }
    case By::kFunction:
      break;
  }
  const store::Function* function = catalog.function(row.sums.function);
  return function == nullptr ? "" : FilterFor(*function);
}

bool HotView::Do(Action action, int64_t count) {
  const Row* row = rows_.empty() ? nullptr : &rows_[focus()];
  std::string filter = row == nullptr ? "" : FilterOf(*row);
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
      constexpr int kOrders = 7;
      int wanted = count > 0 ? static_cast<int>((count - 1) % kOrders) : (static_cast<int>(order_) + 1) % kOrders;
      reversed_ = count > 0 && wanted == static_cast<int>(order_) && !reversed_;
      order_ = static_cast<Order>(wanted);
      Say(std::string("by ") + kNames[wanted] + (reversed_ ? ", the other way round" : ""));
      Collect();
      return true;
    }
    case Action::kLimit:
      least_percent_ = count;
      Collect();
      Say(count > 0 ? Grouped(small_) + " below " + std::to_string(count) + "% are hidden" : "all are shown");
      return true;
    case Action::kGroup: {
      static constexpr const char* kNames[] = {"by function", "by module", "by file", "by thread"};
      by_ = static_cast<By>((static_cast<int>(by_) + 1) % 4);
      Say(kNames[static_cast<int>(by_)]);
      Collect();
      return true;
    }
    default:
      return ListView::Do(action, count);
  }
}

Subject HotView::Focus() {
  if (rows_.empty() || by_ != By::kFunction) return {};
  return {0, rows_[focus()].sums.function, false};
}

}  // namespace pytrace::reader::tui
