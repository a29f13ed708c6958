#include "reader/tui/view_help.h"

#include <algorithm>

#include "reader/query/fields.h"

namespace pytrace::reader::tui {
namespace {

constexpr size_t kKeysWidth = 30;

std::string KeysText(const Binding& binding) {
  std::string text;
  for (Key key : binding.keys) text += (text.empty() ? "" : "  ") + KeyName(key);
  return text;
}

}  // namespace

HelpView::HelpView() {
  const Style heading{Ink::kFunction, false, true}, note{Ink::kNote};
  lines_.push_back({"N is a number typed before the key.", note});
  for (const Binding& binding : AllBindings()) {
    if (binding.heading != nullptr) {
      lines_.push_back({"", {}});
      lines_.push_back({binding.heading, heading});
    }
    std::string keys = "  " + KeysText(binding);
    keys.resize(std::max(keys.size() + 2, kKeysWidth), ' ');
    lines_.push_back({keys + binding.help, {}});
  }
  lines_.push_back({"", {}});
  lines_.push_back({"Filters", heading});
  for (const char* line :
       {"  func == 'fib' and arg == 'n' and value > 3", "  module == 'shop%' and (duration > 1ms or exception)",
        "  time > '01:23:45' and not thread ~ 'worker'", "  arg.sku in ('A-17', 'B-02') and depth < 5"}) {
    lines_.push_back({line, {Ink::kValue}});
  }
  lines_.push_back({"  fields: " + query::FieldNames(), note});
  lines_.push_back({"  == and != take % and _ as in SQL's LIKE, ~ a regular expression, `is` the exact text", note});
}

void HelpView::ScrollTo(int64_t line) {
  int64_t last = std::max<int64_t>(0, static_cast<int64_t>(lines_.size()) - height_);
  top_ = static_cast<int>(std::clamp<int64_t>(line, 0, last));
}

void HelpView::Resize(int, int height) {
  height_ = std::max(1, height);
  ScrollTo(top_);
}

bool HelpView::Do(Action action, int64_t count) {
  int64_t n = std::max<int64_t>(1, count), page = count > 0 ? count : height_;
  switch (action) {
    case Action::kDown:
      ScrollTo(top_ + n);
      return true;
    case Action::kUp:
      ScrollTo(top_ - n);
      return true;
    case Action::kPageDown:
    case Action::kWindowDown:
      ScrollTo(top_ + page);
      return true;
    case Action::kPageUp:
    case Action::kWindowUp:
      ScrollTo(top_ - page);
      return true;
    case Action::kHalfDown:
      ScrollTo(top_ + height_ / 2);
      return true;
    case Action::kHalfUp:
      ScrollTo(top_ - height_ / 2);
      return true;
    case Action::kFirst:
      ScrollTo(n - 1);
      return true;
    case Action::kLast:
      ScrollTo(static_cast<int64_t>(lines_.size()));
      return true;
    case Action::kNextHit:
      return Search(nullptr, true, n);
    case Action::kPreviousHit:
      return Search(nullptr, false, n);
    default:
      return false;
  }
}

bool HelpView::Search(std::shared_ptr<const query::Pattern> pattern, bool forward, int64_t) {
  if (pattern != nullptr) pattern_ = std::move(pattern);
  if (pattern_ == nullptr) return false;
  for (int at = top_ + (forward ? 1 : -1); at >= 0 && at < static_cast<int>(lines_.size()); at += forward ? 1 : -1) {
    if (!pattern_->Matches(lines_[at].text)) continue;
    ScrollTo(at);
    return true;
  }
  message_ = "Pattern not found";
  return true;
}

void HelpView::Draw(Canvas* canvas, Area area) {
  for (int row = area.top; row < area.bottom; ++row) {
    size_t at = static_cast<size_t>(top_ + row - area.top);
    if (at >= lines_.size()) return;
    canvas->Put(row, 1, canvas->width(), lines_[at].text, lines_[at].style);
    size_t begin, end;
    if (pattern_ != nullptr && pattern_->Find(lines_[at].text, 0, &begin, &end)) {
      canvas->Restyle(row, 1 + static_cast<int>(begin), 1 + static_cast<int>(end), {lines_[at].style.ink, true});
    }
  }
}

}  // namespace pytrace::reader::tui
