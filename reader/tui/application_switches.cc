// What is switched on and off: the frame's switches here, others in the event view.
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "reader/tui/application.h"

namespace pytrace::reader::tui {
namespace {

constexpr int64_t kMostContext = 1000;

}  // namespace

bool Application::DoOptions(Action action, int64_t count) {
  auto on_off = [](bool now) { return now ? "off" : "on"; };
  using Case = query::Pattern::Case;
  switch (action) {
    case Action::kCase:
      SetSwitch({"case", std::string(FindSwitch("case")->values[(static_cast<size_t>(case_) + 1) % 3])});
      return true;
    case Action::kIgnoreCase:
      SetSwitch({"case", case_ == Case::kIgnore ? "smart" : "ignore"});
      return true;
    case Action::kAscii:
      SetSwitch({"ascii", on_off(ascii_)});
      return true;
    case Action::kPointer:
      SetSwitch({"mouse", on_off(mouse_)});
      return true;
    case Action::kStartup:
      SetSwitch({"startup", on_off(startup_)});
      return true;
    case Action::kCallers:
      SetSwitch({"callers", on_off(callers_)});
      return true;
    case Action::kFilterMode:
      if (count > 0) context_ = std::min<int64_t>(count, kMostContext);
      SetSwitch({"filter-mode",
                 count > 0
                     ? "context"
                     : std::string(FindSwitch("filter-mode")->values[(static_cast<size_t>(filter_mode_) + 1) % 3])});
      return true;
    default:
      return false;
  }
}

// Of the frame; others are the event view's.
void Application::SetSwitch(const Switched& one) {
  static constexpr const char* kCases[] = {"searches ignore case, unless the pattern has a capital letter",
                                           "searches ignore case", "searches heed case"};
  const auto& [name, value] = one;
  const std::vector<std::string_view>& values = FindSwitch(name)->values;
  size_t place = static_cast<size_t>(std::find(values.begin(), values.end(), value) - values.begin());
  bool on = value == "on";
  if (name == "case") {
    case_ = static_cast<query::Pattern::Case>(place);
    message_ = kCases[place];
  } else if (name == "ascii") {
    ascii_ = on;
    ascii_chosen_ = true;
  } else if (name == "mouse") {
    mouse_ = on;
    message_ = on ? "the mouse is the reader's; with Shift it is the terminal's" : "the mouse is the terminal's";
  } else if (name == "startup") {
    startup_ = on;
    message_ = on ? "start-up, imports and shut-down are shown" : "start-up, imports and shut-down are hidden";
    Reselect();
  } else if (name == "callers") {
    callers_ = on;
    message_ =
        on ? "the tree also has the callers of what the filter matches" : "the tree has only what the filter matches";
    Reselect();
  } else if (name == "filter-mode") {
    filter_mode_ = static_cast<FilterMode>(place);
    std::string rows = std::to_string(context_) + (context_ == 1 ? " row" : " rows");
    message_ = filter_mode_ == FilterMode::kHide  ? "what the filter does not match is hidden"
               : filter_mode_ == FilterMode::kDim ? "what the filter does not match is dim; n goes to the next match"
                                                  : "with " + rows + " around each match; n goes to the next match";
    Reselect();
  } else {
    events()->Set(name, value);
  }
}

}  // namespace pytrace::reader::tui
