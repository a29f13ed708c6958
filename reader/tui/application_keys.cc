// Keys as they come: counts, letters behind a key, options behind a dash; the others become actions.
#include <algorithm>
#include <utility>

#include "reader/tui/application.h"

namespace pytrace::reader::tui {
namespace {

constexpr int64_t kLargestCount = 1'000'000'000'000;

}  // namespace

void Application::Press(Key key) {
  if (IsMouse(key)) return Point(key);
  if (prompt_kind_ != PromptKind::kNone) return PressInPrompt(key);
  message_.clear();
  error_ = false;
  if (letter_for_ != Action::kNone) return TakeLetter(key);
  if (key == '-' && !dash_) {
    dash_ = true;
    return;
  }
  if (std::exchange(dash_, false)) key += kDash;
  if (key == 'Z' && !z_ && FindBinding('Z', where()) == nullptr) {
    z_ = true;
    return;
  }
  if (std::exchange(z_, false)) {
    if (key != 'Z') return Say("Z has no meaning here; ZZ leaves the reader", false);
    key = Twice('Z');
  }
  if (TakeOffer(key)) return;
  if (key >= '0' && key <= '9' && (key != '0' || count_ > 0)) {
    count_ = std::min(kLargestCount, count_ * 10 + (key - '0'));
    return;
  }
  int64_t count = std::exchange(count_, 0);
  if (key == kCtrlC || key == kEscape || key == Ctrl('x')) return Stop();
  const Binding* binding = FindBinding(key, where());
  if (binding == nullptr) {
    message_ = KeyName(key) + " has no meaning here; h shows the keys";
    return;
  }
  Do(binding->action, count);
}

// One of the repairs of a filter that matches nothing, by its number.
bool Application::TakeOffer(Key key) {
  bool offered = diagnosis_ != nullptr && diagnosis_->done() && Is("events") && count_ == 0;
  if (!offered || key < '1' || key - '1' >= static_cast<int>(diagnosis_->offers().size())) return false;
  const Diagnosis::Offer& offer = diagnosis_->offers()[static_cast<size_t>(key - '1')];
  if (offer.keeps) return view()->Do(Action::kFollow, 0);
  std::string filter = offer.filter;
  if (SetFilter(filter)) history_->Add('&', filter);
  return true;
}

// Whatever is going on; what it found so far stays.
void Application::Stop() {
  if (preparing_ != nullptr) {
    preparing_.reset();
    message_ = "interrupted; the filter is as before";
    return;
  }
  if (save_ != nullptr) return save_->Stop();
  bool idle = !view()->busy() && !following();
  view()->Cancel();
  if (where() == kInStrip) {
    events()->LeaveStrip();
  } else if (in_details_) {
    in_details_ = false;
  } else if (idle && !view()->LeaveField()) {
    message_ = "q leaves the reader";
  }
}

void Application::TakeLetter(Key key) {
  Action action = std::exchange(letter_for_, Action::kNone);
  if (key == kEscape || key == kCtrlC) return;
  if (action == Action::kMark || action == Action::kMarkLast) {
    bool set = action == Action::kMark ? view()->SetMark(key) : view()->SetMarkBelow(key);
    message_ = set ? "marked as " + KeyName(key) : "this view has no marks";
  } else if (!view()->GoToMark(key)) {
    Say("there is no mark " + KeyName(key), true);
  }
}

void Application::Paste(Key key) {
  if (prompt_kind_ == PromptKind::kNone) return;
  if (key == kEnter || key == kTab || key == '\n') key = ' ';
  if (key >= ' ' && key < kSpecial && key != kBackspace) prompt_.Type(key);
}

}  // namespace pytrace::reader::tui
