#include "reader/tui/view_exceptions.h"

#include <algorithm>
#include <tuple>

#include "reader/amounts.h"
#include "reader/printable.h"
#include "reader/tui/filter_text.h"

namespace pytrace::reader::tui {
namespace {

constexpr int64_t kMostClimbed = 1000;

bool IsOwn(const store::Function* function) {
  if (function == nullptr || function->file.empty() || function->file[0] == '<') return false;
  for (const char* folder : {"/site-packages/", "/dist-packages/", "/lib/python", "/lib64/python"}) {
    if (function->file.find(folder) != std::string::npos) return false;
  }
  return true;
}

bool Raised(const store::Block& block, uint32_t row) { return block.outcome[row] == store::Outcome::kException; }

}  // namespace

void ExceptionsView::Restart() {
  left_ = window_->database()->zones().size();
  callers_.clear();
  groups_.clear();
  texts_.clear();
  source_.Forget();
}

void ExceptionsView::Changed(bool same) {
  if (same && left_ > 0) return;
  Restart();
  if (!same) rows_.clear();
}

void ExceptionsView::AddBlock(size_t number) {
  if (!window_->Calls(number, &block_, &shown_) || block_.size() == 0) return;
  passed_on_.assign(block_.size(), 0);
  for (uint32_t row = block_.size(); row-- > 0;) {
    if (!Raised(block_, row)) continue;
    int64_t id = block_.first_id + row, parent = block_.parent[row];
    bool began = !passed_on_[row] && callers_.erase(id) == 0;
    if (parent >= block_.first_id && parent < id) {
      passed_on_[static_cast<size_t>(parent - block_.first_id)] = 1;
    } else if (parent > 0) {
      callers_.insert(parent);
    }
    if (!began || !shown_[row]) continue;
    int64_t climbed = 1;
    CallFacts caller;
    while (parent > 0 && climbed < kMostClimbed) {
      if (parent >= block_.first_id && parent < block_.next_id()) {
        caller = FactsOf(block_, static_cast<uint32_t>(parent - block_.first_id));
      } else if (!source_.Find(parent, &caller)) {
        break;
      }
      if (caller.outcome != store::Outcome::kException) break;
      ++climbed;
      parent = caller.parent < parent ? caller.parent : 0;
    }
    Group& group = groups_[block_.function[row]];
    if (group.count++ == 0) {
      group.function = block_.function[row];
      group.own = IsOwn(window_->database()->catalog().function(group.function));
    }
    if (climbed <= group.climbed) continue;
    group.climbed = climbed;
    group.call = id;
  }
}

bool ExceptionsView::WorkOnRows(Deadline deadline) {
  if (left_ == 0) return false;
  while (left_ > 0) {
    AddBlock(--left_);
    if (std::chrono::steady_clock::now() >= deadline) break;
  }
  Collect();
  return left_ > 0;
}

void ExceptionsView::Collect() {
  rows_.clear();
  for (const auto& [function, group] : groups_) rows_.push_back(group);
  auto place = [](const Group& group) { return std::tuple(!group.own, -group.climbed, -group.call); };
  std::sort(rows_.begin(), rows_.end(), [&](const Group& a, const Group& b) { return place(a) < place(b); });
}

bool ExceptionsView::Do(Action action, int64_t count) {
  if (rows_.empty()) return ListView::Do(action, count);
  const Group& group = rows_[static_cast<size_t>(focus())];
  const store::Function* function = window_->database()->catalog().function(group.function);
  switch (action) {
    case Action::kEnter:
      Ask({Request::Kind::kEvents, "", group.call});
      return true;
    case Action::kTree:
      Ask({Request::Kind::kTree, "", group.call});
      return true;
    case Action::kOnly:
    case Action::kWithout: {
      if (function == nullptr) return true;
      std::string filter = FilterFor(*function);
      Ask({Request::Kind::kReplace, action == Action::kOnly ? filter : "not (" + filter + ")", 0});
      return true;
    }
    default:
      return ListView::Do(action, count);
  }
}

Subject ExceptionsView::Focus() {
  if (rows_.empty()) return {};
  const Group& group = rows_[static_cast<size_t>(focus())];
  return {group.call, group.function, true};
}

std::string ExceptionsView::TextOf(const Group& group) {
  auto [at, is_new] = texts_.try_emplace(group.call);
  CallFacts facts;
  EventText start, end;
  if (is_new && source_.Read(group.call, &facts, &start, &end) && !end.arguments().empty())
    at->second = end.arguments()[0].value;
  return at->second;
}

std::string ExceptionsView::RowText(int64_t at) {
  const Group& group = rows_[static_cast<size_t>(at)];
  const store::Function* function = window_->database()->catalog().function(group.function);
  std::string text;
  if (function != nullptr) AppendPrintable(function->qualname, &text);
  return text + " " + TextOf(group);
}

void ExceptionsView::DrawHeader(Canvas* canvas, int row) {
  Style style{Ink::kNote, false, false, true};
  canvas->Fill(row, 0, canvas->width(), style);
  PutAtEnd(canvas, row, 0, 8, "TIMES", style);
  PutAtEnd(canvas, row, 0, 16, "ENDED", style);
  canvas->Put(row, 18, canvas->width(), "RAISED IN", style);
  if (canvas->width() >= 60) canvas->Put(row, 50, canvas->width(), "LIKE", style);
}

void ExceptionsView::DrawRow(Canvas* canvas, int row, int64_t at, bool focused) {
  const Group& group = rows_[static_cast<size_t>(at)];
  const store::Function* function = window_->database()->catalog().function(group.function);
  int end = canvas->width() >= 60 ? 49 : canvas->width();
  PutAtEnd(canvas, row, 0, 8, Grouped(group.count), {Ink::kNote, focused});
  PutAtEnd(canvas, row, 0, 16, Grouped(group.climbed) + (group.climbed == 1 ? " call " : " calls"),
           {Ink::kNote, focused});
  std::string name = "?", module;
  if (function != nullptr) {
    name.clear();
    AppendPrintable(function->qualname.empty() ? function->func : function->qualname, &name);
    AppendPrintable(function->module, &module);
    module += ":" + std::to_string(function->line);
  }
  int x = canvas->Put(row, 18, end, name, {Ink::kFunction, focused, group.own});
  canvas->Put(row, x + 2, end, module, {Ink::kModule, focused});
  if (canvas->width() >= 60) canvas->Put(row, 50, canvas->width(), TextOf(group), {Ink::kError, focused});
}

std::string ExceptionsView::Position() {
  size_t all = window_->database()->zones().size();
  if (left_ > 0) return "reading " + std::to_string(100 * (all - left_) / std::max<size_t>(1, all)) + "%";
  return Grouped(rows()) + (rows() == 1 ? " place" : " places");
}

}  // namespace pytrace::reader::tui
