// The filter: typed, narrowed from a row, undone, and what it leaves of the recording.
#include <algorithm>
#include <utility>

#include "reader/printable.h"
#include "reader/tui/application.h"
#include "reader/tui/view_events.h"
#include "reader/tui/view_filters.h"

namespace pytrace::reader::tui {
namespace {

constexpr size_t kMostUndone = 100;

}  // namespace

// false: the prompt stays, with the cursor where the problem is.
bool Application::CanRead(const std::string& filter) {
  std::string error;
  size_t column = 0;
  if (filter.find_first_not_of(" \t") == std::string::npos ||
      query::Filter::Parse(filter, query::ContextOf(*window_->database()), &error, &column) != nullptr)
    return true;
  message_ = Printable(error);
  error_ = true;
  prompt_.SetCursor(column);
  help_.Problem(prompt_, {error, column});
  return false;
}

bool Application::SetFilter(const std::string& text) {
  if (!CanRead(text)) return false;
  FilterStack filters = filters_;
  filters.Replace(text);
  SetFilters(std::move(filters));
  return true;
}

void Application::SetFilters(FilterStack filters, Step step) {
  std::unique_ptr<query::Filter> filter;
  if (std::string text = filters.Text(); !text.empty()) {
    std::string error;
    filter = query::Filter::Parse(text, query::ContextOf(*window_->database()), &error, nullptr);
    if (filter == nullptr) return Say(Printable(error), true);
  }
  preparing_ = std::move(filter);
  // What takes longer is done in pieces.
  constexpr std::chrono::milliseconds kAtOnce{15};
  if (preparing_ != nullptr && preparing_->Prepare(std::chrono::steady_clock::now() + kAtOnce)) {
    preparing_filters_ = std::move(filters);
    preparing_step_ = step;
    return;
  }
  Use(std::move(preparing_), std::move(filters), step);
}

void Application::Use(std::unique_ptr<query::Filter> filter, FilterStack filters, Step step) {
  if (step == Step::kUndo) {
    filters_before_.pop_back();
    filters_after_.push_back(filters_);
  } else if (filters != filters_) {
    filters_before_.push_back(filters_);
    if (step == Step::kRedo) filters_after_.pop_back();
    if (step == Step::kNew) filters_after_.clear();
  }
  if (filters_before_.size() > kMostUndone) filters_before_.erase(filters_before_.begin());
  std::swap(filter_, filter);  // the old one must live until the window has let go of it
  filters_ = std::move(filters);
  filter_text_ = filters_.Text();
  Reselect();
}

// The filter, and this one too.
void Application::Narrow(const std::string& filter) {
  FilterStack filters = filters_;
  filters.Add(filter);
  SetFilters(std::move(filters));
  history_->Add('&', filter_text_);
}

void Application::UndoFilter() {
  if (filters_before_.empty()) {
    message_ = "there is no filter before";
    return;
  }
  SetFilters(filters_before_.back(), Step::kUndo);
}

void Application::RedoFilter() {
  if (filters_after_.empty()) {
    message_ = "no filter was undone";
    return;
  }
  SetFilters(filters_after_.back(), Step::kRedo);
}

void Application::ShowFilters() {
  if (!Is("filters")) Push(std::make_unique<FiltersView>(window_->database(), WithoutFilters(), &filters_));
}

void Application::ChangeFilter(const Request& request) {
  size_t item = static_cast<size_t>(request.call);
  FilterStack filters = filters_;
  switch (request.kind) {
    case Request::Kind::kToggleFilter:
      filters.Toggle(item);
      break;
    case Request::Kind::kOnlyFilter:
      filters.Only(item);
      break;
    case Request::Kind::kRemoveFilter:
      filters.Remove(item);
      break;
    default:
      OpenPrompt(PromptKind::kFilter);
      edited_ = static_cast<int>(item);
      prompt_.SetText(filters_.items()[item].text);
      help_.Open(WithoutFilter(), prompt_);
      return;
  }
  SetFilters(std::move(filters));
}

bool Application::EditFilter(const std::string& text) {
  if (!CanRead(text)) return false;
  FilterStack filters = filters_;
  filters.Edit(static_cast<size_t>(edited_), text);
  SetFilters(std::move(filters));
  return true;
}

Selection Application::WithoutFilters() const {
  Selection selection = WithoutFilter();
  size_t given = std::min(options_.filters.size(), base_.filters.size());
  selection.filters.assign(base_.filters.begin() + static_cast<ptrdiff_t>(given), base_.filters.end());
  return selection;
}

Selection Application::WithoutFilter() const {
  Selection selection = base_;
  // Those of the command line come first; others are bounds that stay.
  selection.filters.clear();
  for (size_t i = 0; i < base_.filters.size(); ++i) {
    auto given = [&](const FilterStack::Item& item) { return item.on && item.given == static_cast<int>(i); };
    if (i >= options_.filters.size() || std::any_of(filters_.items().begin(), filters_.items().end(), given))
      selection.filters.push_back(base_.filters[i]);
  }
  selection.startup = startup_;
  selection.filter_mode = filter_mode_;
  selection.context = context_;
  selection.callers = callers_;
  return selection;
}

void Application::Reselect() {
  diagnosis_.reset();
  if (save_ != nullptr) {
    save_.reset();
    Say("saving has ended: another filter", true);
  }
  Selection selection = WithoutFilter();
  if (filter_ != nullptr) selection.filters.push_back(filter_.get());
  window_->Select(std::move(selection));
  for (const std::unique_ptr<View>& view : views_) view->Changed(false);
  details_.Changed();
}

bool Application::Diagnose(Deadline deadline) {
  if (filter_text_.empty() || !Is("events") || prompt_kind_ != PromptKind::kNone) return false;
  if (!static_cast<EventView*>(view())->empty()) return false;
  if (help_.dictionary()->Work(deadline)) return true;
  if (diagnosis_ == nullptr)
    diagnosis_ = std::make_unique<Diagnosis>(window_->database(), WithoutFilter(), filter_text_, help_.dictionary());
  return diagnosis_->Work(deadline);
}

}  // namespace pytrace::reader::tui
