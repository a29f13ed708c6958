#include "reader/tui/view_help.h"

#include <algorithm>

#include "reader/query/fields.h"

namespace pytrace::reader::tui {
namespace {

constexpr size_t kKeysWidth = 30;
constexpr size_t kLeastText = 34;  // columns beside them
constexpr size_t kKeysAbove = 6;   // by how much the text is set in below its keys
constexpr Style kTitle{Ink::kFunction, false, true};

std::string KeysText(const Binding& binding) {
  std::string text;
  for (Key key : binding.keys) text += (text.empty() ? "" : "  ") + KeyName(key);
  return text;
}

}  // namespace

// The keys of actions that mean something in one of the wanted places and in none of the unwanted ones.
void HelpView::AddKeys(const std::string& title, unsigned wanted, unsigned unwanted) {
  const char *heading = nullptr, *last = nullptr;
  bool any = false;
  for (const Binding& binding : AllBindings()) {
    if (binding.heading != nullptr) heading = binding.heading;
    unsigned where = WhereIs(binding.action);
    if ((where & wanted) == 0 || (where & unwanted) != 0) continue;
    if (!std::exchange(any, true)) {
      all_.push_back({"", {}});
      all_.push_back({title, kTitle});
    }
    if (std::exchange(last, heading) != heading) all_.push_back({std::string(" ") + heading, {Ink::kName}});
    std::string keys = "  " + KeysText(binding);
    keys.resize(std::max(keys.size() + 2, kKeysWidth), ' ');
    size_t keys_end = keys.size();
    all_.push_back({keys + binding.help, {}, keys_end});
  }
}

HelpView::HelpView(Where where, const char* view_name) {
  const Style note{Ink::kNote};
  all_.push_back({"N is a number typed before the key.", note});
  std::string title = where == kInDetails ? "In the details"
                      : where == kInStrip ? "In the strip of time"
                                          : std::string("In ") + view_name;
  if (where == kInEvents) {  // nearly all keys mean something there
    AddKeys(title, where | kInEvery, 0);
  } else {
    if (where != kInEvery) AddKeys(title, where, 0);
    AddKeys("Everywhere", kInEvery, 0);
  }
  AddKeys(where == kInEvery ? "In some views" : "In other views", ~kInEvery, where | kInEvery);
  all_.push_back({"", {}});
  all_.push_back({"Filters", kTitle});
  for (const char* line :
       {"  func == 'fib' and arg == 'n' and value > 3", "  module == 'shop%' and (duration > 1ms or exception)",
        "  time > '01:23:45' and not thread ~ 'worker'", "  arg.sku in ('A-17', 'B-02') and depth < 5"}) {
    all_.push_back({line, {Ink::kValue}});
  }
  all_.push_back({"  fields: " + query::FieldNames(), note, 10});
  all_.push_back({"  == and != take % and _ as in SQL's LIKE, ~ a regular expression, `is` the exact text", note, 2});
}

void HelpView::ScrollTo(int64_t line) {
  int64_t last = std::max<int64_t>(0, static_cast<int64_t>(lines_.size()) - height_);
  top_ = static_cast<int>(std::clamp<int64_t>(line, 0, last));
}

// Long lines go on below their text; where there is little room beside the keys, it begins below these.
void HelpView::Add(const Line& line, size_t room) {
  std::string_view rest = line.text;
  size_t hang = line.hang;
  if (hang > 0 && room < hang + kLeastText) {
    lines_.push_back({line.text.substr(0, hang), line.style});
    rest.remove_prefix(hang);
    hang = kKeysAbove;
  }
  bool first = hang == line.hang;
  do {
    size_t fits = first ? room : room - std::min(room - 1, hang), end = rest.size();
    if (end > fits) end = rest.rfind(' ', fits);
    if (end == std::string_view::npos || end <= (first ? hang : 0)) end = std::min(fits, rest.size());
    lines_.push_back({std::string(first ? 0 : hang, ' ') + std::string(rest.substr(0, end)), line.style});
    rest.remove_prefix(end);
    rest.remove_prefix(std::min(rest.size(), rest.find_first_not_of(' ')));
    first = false;
  } while (!rest.empty());
}

void HelpView::Resize(int width, int height) {
  lines_.clear();
  for (const Line& line : all_) Add(line, static_cast<size_t>(std::max(2, width - 1)));
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
