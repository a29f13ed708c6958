// The filter: typed, narrowed from a row, undone, and what it leaves of the recording.
#include <utility>

#include "reader/printable.h"
#include "reader/tui/application.h"
#include "reader/tui/view_events.h"

namespace pytrace::reader::tui {
namespace {

constexpr size_t kMostUndone = 100;

}  // namespace

// false: the prompt stays, with the cursor where the problem is.
bool Application::SetFilter(const std::string& text) {
  bool blank = text.find_first_not_of(" \t") == std::string::npos;
  std::unique_ptr<query::Filter> filter;
  if (!blank) {
    std::string error;
    size_t column = 0;
    filter = query::Filter::Parse(text, query::ContextOf(*window_->database()), &error, &column);
    if (filter == nullptr) {
      message_ = Printable(error);
      error_ = true;
      prompt_.SetCursor(column);
      help_.Problem(prompt_, {error, column});
      return false;
    }
  }
  preparing_ = std::move(filter);
  preparing_text_ = blank ? "" : text;
  // What takes longer is done in pieces.
  constexpr std::chrono::milliseconds kAtOnce{15};
  if (preparing_ != nullptr && preparing_->Prepare(std::chrono::steady_clock::now() + kAtOnce)) return true;
  Use(std::move(preparing_), preparing_text_);
  return true;
}

void Application::Use(std::unique_ptr<query::Filter> filter, const std::string& text) {
  if (text != filter_text_) filters_before_.push_back(filter_text_), filters_after_.clear();
  if (filters_before_.size() > kMostUndone) filters_before_.erase(filters_before_.begin());
  std::swap(filter_, filter);  // the old one must live until the window has let go of it
  filter_text_ = text;
  Reselect();
}

// The filter, and this one too.
void Application::Narrow(const std::string& filter) {
  bool joined = filter_text_.find(" or ") != std::string::npos;
  std::string text =
      filter_text_.empty() ? filter : (joined ? "(" + filter_text_ + ")" : filter_text_) + " and " + filter;
  if (SetFilter(text)) history_->Add('&', filter_text_);
}

void Application::UndoFilter() {
  if (filters_before_.empty()) {
    message_ = "there is no filter before";
    return;
  }
  std::string text = filters_before_.back();
  filters_before_.pop_back();
  size_t kept = filters_before_.size();
  std::string undone = filter_text_;
  SetFilter(text);
  filters_before_.resize(kept);
  filters_after_.push_back(std::move(undone));
}

void Application::RedoFilter() {
  if (filters_after_.empty()) {
    message_ = "no filter was undone";
    return;
  }
  std::vector<std::string> after = filters_after_;
  SetFilter(after.back());
  after.pop_back();
  filters_after_ = std::move(after);
}

Selection Application::WithoutFilter() const {
  Selection selection = base_;
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
