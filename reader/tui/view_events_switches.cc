// What is switched on and off in the event view.
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "reader/tui/view_events.h"

namespace pytrace::reader::tui {

// The next value of a switch.
bool EventView::Toggle(Action action) {
  auto on_off = [](bool now) { return now ? "off" : "on"; };
  switch (action) {
    case Action::kTimeline:
      Set("timeline", on_off(timeline_shown_));
      return true;
    case Action::kNumbers:
      Set("numbers", on_off(row_options_.number_width > 0));
      return true;
    case Action::kWrap:
      Set("wrap", on_off(row_options_.wrap));
      return true;
    case Action::kSinceStart:
      Set("since-start", on_off(row_options_.since_start));
      return true;
    case Action::kColumns:
      Set("columns", on_off(row_options_.threads_and_modules));
      return true;
    case Action::kDurations:
      Set("durations", on_off(row_options_.durations));
      return true;
    case Action::kReturns:
      Set("returns", row_options_.brief_ends ? "classic" : "brief");
      return true;
    case Action::kTimeFormat: {
      const std::vector<std::string_view>& values = FindSwitch("time-format")->values;
      size_t next = (static_cast<size_t>(row_options_.time) + 1) % values.size();
      if (values[next] == "mark" && marked_ns_ < 0) ++next;
      Set("time-format", values[next]);
      return true;
    }
    default:
      return false;
  }
}

void EventView::Set(std::string_view name, std::string_view value) {
  bool on = value == "on";
  if (name == "timeline") {
    timeline_shown_ = on;
    Resize(width_, area_);
  } else if (name == "numbers") {
    row_options_.number_width = on ? std::max<int>(5, static_cast<int>(std::to_string(window_->last_id()).size())) : 0;
  } else if (name == "wrap") {
    row_options_.wrap = style_.wrap = on;
  } else if (name == "since-start") {
    row_options_.since_start = on;
  } else if (name == "columns") {
    row_options_.threads_and_modules = on;
  } else if (name == "durations") {
    row_options_.durations = on;
  } else if (name == "returns") {
    row_options_.brief_ends = value == "brief";
    list_.SetBrief(row_options_.brief_ends);
  } else if (name == "time-format") {
    const std::vector<std::string_view>& values = FindSwitch("time-format")->values;
    row_options_.time = static_cast<TimeFormat>(std::find(values.begin(), values.end(), value) - values.begin());
  }
}

}  // namespace pytrace::reader::tui
