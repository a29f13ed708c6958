// The line at the bottom: patterns and filters as they are typed, and what becomes of them.
#include <algorithm>
#include <utility>

#include "reader/printable.h"
#include "reader/tui/application.h"

namespace pytrace::reader::tui {

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
  edited_ = -1;
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
      if (IsSearch(prompt_kind_)) PreviewSearch();
      break;
    case Prompt::Result::kEntered:
      Entered();
      break;
    case Prompt::Result::kLeft:
      if (IsSearch(prompt_kind_)) view()->EndPreview(true);
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
    if (!(edited_ < 0 ? SetFilter(prompt_.text()) : EditFilter(prompt_.text()))) return;
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

// What is no regular expression yet leaves the screen as it is.
void Application::PreviewSearch() {
  std::shared_ptr<const query::Pattern> pattern;
  std::string error;
  if (!prompt_.text().empty()) {
    pattern = query::Pattern::Compile(prompt_.text(), search_literal_, &error, case_);
    if (pattern == nullptr) return;
  }
  SearchModes modes = search_modes_;
  view()->SetSearchModes(modes);
  if (!modes.stay) view()->Preview(std::move(pattern), prompt_kind_ == PromptKind::kForward);
}

// An empty pattern is the one before.
void Application::StartSearch(bool forward) {
  std::shared_ptr<const query::Pattern> pattern;
  if (!prompt_.text().empty()) {
    std::string error;
    pattern = query::Pattern::Compile(prompt_.text(), search_literal_, &error, case_);
    view()->SetSearchModes(search_modes_);
    if (pattern == nullptr) {
      view()->EndPreview(true);
      message_ = "no regular expression: " + error;
      error_ = true;
      return;
    }
    history_->Add('/', prompt_.text());
  }
  view()->EndPreview(false);
  if (!view()->Search(std::move(pattern), forward, std::max<int64_t>(1, prompt_count_)))
    message_ = "No pattern defined: / searches";
}

void Application::SearchFunction() {
  const store::Function* function = window_->database()->catalog().function(view()->Focus().function);
  std::string error;
  if (function == nullptr) {
    message_ = "there is no function here";
    return;
  }
  view()->SetSearchModes({});
  view()->Search(query::Pattern::Compile(Printable(function->func) + "(", true, &error, query::Pattern::Case::kHeed),
                 true, 1);
}

}  // namespace pytrace::reader::tui
