#include "reader/tui/filter_help.h"

#include <algorithm>
#include <utility>

#include "reader/amounts.h"
#include "reader/printable.h"
#include "reader/program_ends.h"
#include "reader/query/other_parts.h"

namespace pytrace::reader::tui {
namespace {

constexpr int kMostRows = 8;  // of the list

Selection With(Selection selection, query::Filter* filter) {
  if (filter != nullptr) selection.filters.push_back(filter);
  return selection;
}

}  // namespace

EventCount::EventCount(store::Database* database, Selection selection, std::unique_ptr<query::Filter> filter)
    : filter_(std::move(filter)), window_(database, With(std::move(selection), filter_.get())) {}

bool EventCount::Work(Deadline deadline) {
  if (filter_ != nullptr && filter_->Prepare(deadline)) return true;
  while (!done()) {
    if (std::chrono::steady_clock::now() >= deadline) return true;
    events_ += std::max<int64_t>(0, window_.Count(page_++));
  }
  return false;
}

int EventCount::percent() const { return static_cast<int>(100 * page_ / std::max<size_t>(1, window_.pages())); }

void FilterHelp::Open(const Selection& selection, const Prompt& prompt) {
  selection_ = selection;
  counted_text_ = corrected_text_ = others_ = "";
  values_of_others_.reset();
  count_.reset();
  list_ = {};
  chosen_ = -1;
  correcting_ = false;
  before_.clear();
  if (!prompt.text().empty()) Typed(prompt);
  list_ = {};
}

void FilterHelp::Typed(const Prompt& prompt) {
  correcting_ = false;
  chosen_ = -1;
  before_ = prompt.text();
  cursor_ = prompt.cursor();
  LookAtOthers();
  List();
  Count(before_);
}

// What events must have beside the value that is being typed.
void FilterHelp::LookAtOthers() {
  std::string others = query::OtherParts(before_, cursor_);
  if (others == others_) return;
  others_ = std::move(others);
  values_of_others_.reset();
  query::FilterContext context = query::ContextOf(*database_);
  if (!others_.empty() && query::Filter::Parse(others_, context, nullptr, nullptr) != nullptr)
    values_of_others_ = std::make_unique<CoOccurrence>(database_, selection_, others_, &dictionary_);
}

// What goes with the other parts of the filter, as soon as that is known; all there is where what was typed does not.
void FilterHelp::List() {
  list_ = {};
  if (values_of_others_ != nullptr && values_of_others_->done())
    list_ = query::Complete(before_, cursor_, values_of_others_.get());
  if (list_.items.empty()) list_ = query::Complete(before_, cursor_, &dictionary_);
}

// What goes with what is asked anew when another key is typed.
void FilterHelp::Refresh() {
  dictionary_.Refresh();
  others_.clear();
  values_of_others_.reset();
}

void FilterHelp::Count(const std::string& text) {
  if (text == counted_text_) return;
  counted_text_ = text;
  count_.reset();
  std::unique_ptr<query::Filter> filter = query::Filter::Parse(text, query::ContextOf(*database_), nullptr, nullptr);
  if (filter != nullptr) count_ = std::make_unique<EventCount>(database_, selection_, std::move(filter));
}

// The line as it was typed, with the chosen text in its place.
void FilterHelp::Put(Prompt* prompt) {
  std::string text = before_;
  size_t cursor = cursor_;
  if (chosen_ >= 0) {
    const std::string& item = list_.items[static_cast<size_t>(chosen_)].text;
    text = before_.substr(0, list_.begin) + item + before_.substr(std::min(list_.end, before_.size()));
    cursor = list_.begin + item.size();
  }
  prompt->SetText(text);
  prompt->SetCursor(cursor);
  Count(text);
}

void FilterHelp::Choose(int step, Prompt* prompt) {
  int size = static_cast<int>(list_.items.size());
  chosen_ += step;
  if (chosen_ >= size) chosen_ = correcting_ ? 0 : -1;
  if (chosen_ < (correcting_ ? 0 : -1)) chosen_ = size - 1;
  Put(prompt);
}

bool FilterHelp::Take(Key key, Prompt* prompt) {
  if (key == kTab && list_.items.empty()) return true;
  if (list_.items.empty()) return false;
  bool active = chosen_ >= 0;
  if (key == kTab || (active && (key == kDown || key == kRight))) {
    Choose(+1, prompt);
    return true;
  }
  if (active && (key == kShiftTab || key == kUp || key == kLeft)) {
    Choose(-1, prompt);
    return true;
  }
  if (!active) return false;
  if (key == kEscape) {
    chosen_ = -1;
    Put(prompt);
    list_ = {};
    correcting_ = false;
    return true;
  }
  if (key == kEnter && !correcting_) {
    Typed(*prompt);
    list_ = {};
    return true;
  }
  if (correcting_ && key >= '1' && key <= '9' && key - '1' < static_cast<int>(list_.items.size())) {
    chosen_ = key - '1';
    Put(prompt);
    return true;
  }
  return false;
}

bool FilterHelp::Correct(Prompt* prompt, std::string* message) {
  if (prompt->text() == corrected_text_ || correcting_) {
    correcting_ = false;
    return false;
  }
  query::FilterParts parts;
  query::Problem problem;
  query::FilterContext context = query::ContextOf(*database_);
  if (query::ParseFilter(prompt->text(), {context.first_ns, context.last_ns}, &problem, &parts) == nullptr)
    return false;
  query::Suggestions found = query::Correct(parts, &dictionary_);
  if (found.message.empty()) return false;
  corrected_text_ = before_ = prompt->text();
  list_ = std::move(found);
  cursor_ = list_.begin;
  bool live = Live(database_->catalog(), selection_.run);
  *message = Printable(list_.message) + (!list_.items.empty() ? "; did you mean:"
                                         : live               ? "; Enter keeps it: it may appear later"
                                                              : "; Enter keeps it");
  if (live && !list_.items.empty()) OfferToKeep();
  correcting_ = !list_.items.empty();
  chosen_ = correcting_ ? 0 : -1;
  if (correcting_) {
    Put(prompt);
  } else {
    prompt->SetCursor(list_.begin);
  }
  return true;
}

// While a program runs, it may still do what it has not done so far.
void FilterHelp::OfferToKeep() {
  constexpr size_t kMostDigits = 9;
  if (list_.items.size() >= kMostDigits) list_.items.resize(kMostDigits - 1);
  list_.items.push_back({before_.substr(list_.begin, list_.end - list_.begin), "keep it: it may appear later", 0});
}

void FilterHelp::Problem(const Prompt& prompt, const query::Problem& problem) {
  before_ = prompt.text();
  cursor_ = problem.column;
  list_ = query::CorrectProblem(before_, problem);
  chosen_ = -1;
  correcting_ = false;
}

bool FilterHelp::Work(Deadline deadline) {
  if (values_of_others_ != nullptr && !values_of_others_->done()) {
    if (values_of_others_->Work(deadline)) return true;
    if (chosen_ < 0 && !correcting_ && !list_.items.empty()) List();
  }
  if (count_ != nullptr && count_->Work(deadline)) return true;
  if (sampled_) return false;
  if (dictionary_.Work(deadline)) return true;
  sampled_ = true;
  if (chosen_ < 0 && !correcting_ && !before_.empty()) List();
  return false;
}

void FilterHelp::Draw(Canvas* canvas, int row, bool message_above) const {
  if (count_ != nullptr && !correcting_) {
    std::string text =
        Grouped(count_->events()) + (count_->done() ? "" : "+") + (count_->events() == 1 ? " event" : " events");
    if (!count_->done()) text += " (" + std::to_string(count_->percent()) + "%)";
    int from = canvas->width() - TextWidth(text) - 1;
    if (from > canvas->cursor_column + 2) canvas->Put(row, from, canvas->width(), text, {Ink::kNote});
  }
  int size = static_cast<int>(list_.items.size());
  int rows = std::min({size, kMostRows, row - 2});
  if (rows <= 0) return;
  int widest = 12;
  for (const auto& item : list_.items) widest = std::max(widest, std::min(40, TextWidth(Printable(item.label))));
  int first = std::max(0, chosen_ - rows + 1);
  int width = std::min(widest + 14, canvas->width()),
      x = std::clamp(canvas->cursor_column - 2, 0, canvas->width() - width);
  int top = row - rows - (message_above ? 1 : 0);
  for (int i = 0; i < rows; ++i) {
    const auto& item = list_.items[static_cast<size_t>(first + i)];
    bool chosen = first + i == chosen_;
    Style style{chosen ? Ink::kFunction : Ink::kValue, chosen};
    canvas->Fill(top + i, x, x + width, style);
    std::string label = correcting_ ? std::to_string(first + i + 1) + " " : " ";
    int end = x + width - (item.count > 0 ? 11 : 0);
    int at = canvas->Put(top + i, x, end, (chosen ? ">" : " ") + label + Printable(item.label), style);
    if (at >= end && end - TextWidth(canvas->Ellipsis()) > x)
      canvas->Put(top + i, end - TextWidth(canvas->Ellipsis()), end, canvas->Ellipsis(), style);
    if (item.count == 0) continue;
    std::string count = Grouped(item.count);
    canvas->Put(top + i, x + width - 1 - TextWidth(count), x + width, count, {Ink::kNote, chosen});
  }
}

}  // namespace pytrace::reader::tui
