// The line at the bottom: patterns and filters as they are typed, and what becomes of them.
#include <utility>

#include "reader/printable.h"
#include "reader/tui/application.h"
#include "reader/tui/view_events.h"

namespace pytrace::reader::tui {
namespace {

constexpr size_t kMostUndone = 100;


}  // namespace

const char* Application::LabelOf(PromptKind kind) {
  switch (kind) {
    case PromptKind::kForward:
      return "/";
    case PromptKind::kBackward:
      return "?";
    case PromptKind::kFilter:
      return "& ";
    case PromptKind::kSave:
      return "save as: ";
    case PromptKind::kPipe:
      return "| ";
    default:
      return ":";
  }
}

char Application::HistoryOf(PromptKind kind) {
  return IsSearch(kind) ? '/' : kind == PromptKind::kSave ? 's' : LabelOf(kind)[0];
}

// As less has them: only before the first character of a pattern.
bool Application::TakeSearchMode(Key key) {
  if (!prompt_.text().empty()) return false;
  if (key == '!' || key == Ctrl('n')) {
    search_modes_.negated = !search_modes_.negated;
  } else if (key == Ctrl('r')) {
    search_literal_ = !search_literal_;
  } else if (key == Ctrl('k')) {
    search_modes_.stay = !search_modes_.stay;
  } else if (key == Ctrl('w')) {
    search_modes_.wrap = !search_modes_.wrap;
  } else {
    return false;
  }
  LabelSearch();
  return true;
}

void Application::LabelSearch() {
  std::string label;
  if (search_modes_.negated) label += "not ";
  if (search_literal_) label += "literal ";
  if (search_modes_.stay) label += "stay ";
  if (search_modes_.wrap) label += "wrap ";
  prompt_.SetLabel(label + LabelOf(prompt_kind_));
}

void Application::OpenPrompt(PromptKind kind) {
  prompt_kind_ = kind;
  bool filter = kind == PromptKind::kFilter;
  prompt_.Open(LabelOf(kind), filter ? filter_text_ : "", history_->lines(HistoryOf(kind)));
  if (IsSearch(kind)) search_modes_ = {}, search_literal_ = false;
  if (filter) help_.Open(WithoutFilter(), prompt_);
}

void Application::PressInPrompt(Key key) {
  message_.clear();
  error_ = false;
  if (IsSearch(prompt_kind_) && TakeSearchMode(key)) return;
  if (prompt_kind_ == PromptKind::kFilter && help_.Take(key, &prompt_)) return;
  switch (prompt_.Type(key)) {
    case Prompt::Result::kTyping:
      if (prompt_kind_ == PromptKind::kFilter) help_.Typed(prompt_);
      break;
    case Prompt::Result::kEntered:
      Entered();
      break;
    case Prompt::Result::kLeft:
      prompt_kind_ = PromptKind::kNone;
  }
}

void Application::Entered() {
  PromptKind kind = prompt_kind_;
  if (kind == PromptKind::kFilter) {
    if (help_.Correct(&prompt_, &message_)) {
      error_ = true;
      return;
    }
    if (!SetFilter(prompt_.text())) return;
    prompt_kind_ = PromptKind::kNone;
    history_->Add('&', prompt_.text());
    return;
  }
  prompt_kind_ = PromptKind::kNone;
  if (IsSearch(kind)) return StartSearch(kind == PromptKind::kForward);
  if (prompt_.text().empty()) return;
  history_->Add(HistoryOf(kind), prompt_.text());
  if (kind == PromptKind::kSave) return Save(prompt_.text());
  if (kind == PromptKind::kCommand) return Command(prompt_.text());
  errand_ = {{"/bin/sh", "-c", prompt_.text()}, true, false, ""};
}

// An empty pattern is the one before.
void Application::StartSearch(bool forward) {
  std::shared_ptr<const query::Pattern> pattern;
  if (!prompt_.text().empty()) {
    std::string error;
    pattern = query::Pattern::Compile(prompt_.text(), search_literal_, &error, case_);
    view()->SetSearchModes(search_modes_);
    if (pattern == nullptr) {
      message_ = "no regular expression: " + error;
      error_ = true;
      return;
    }
    history_->Add('/', prompt_.text());
  }
  if (!view()->Search(std::move(pattern), forward, std::max<int64_t>(1, prompt_count_)))
    message_ = "No pattern defined: / searches";
}

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

Selection Application::WithoutFilter() const {
  Selection selection = base_;
  selection.startup = startup_;
  return selection;
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
