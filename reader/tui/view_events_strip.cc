// The strip of time: a cursor in it, a range, and what it zooms into.
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <string>

#include "reader/amounts.h"
#include "reader/tui/view_events.h"

namespace pytrace::reader::tui {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int kPart = 4;  // of the strip, without a range
constexpr int kLeastDigits = 3, kMostDigits = 9;

// Decimals of a second with which so many nanoseconds are a thousand different times.
int DigitsFor(int64_t length_ns) {
  int digits = kMostDigits;
  for (int64_t step = 10; digits > kLeastDigits && step * 1000 <= length_ns; step *= 10) --digits;
  return digits;
}

// In local time; the day only where it is not that of `day_ns`.
std::string TimeText(int64_t ns, int digits, int64_t day_ns) {
  time_t seconds = static_cast<time_t>(ns / kSecond), day = static_cast<time_t>(day_ns / kSecond);
  tm local{}, other{};
  localtime_r(&seconds, &local);
  localtime_r(&day, &other);
  bool same = local.tm_year == other.tm_year && local.tm_yday == other.tm_yday;
  char clock[40], fraction[16];
  strftime(clock, sizeof clock, same ? "%H:%M:%S" : "%Y/%m/%d %H:%M:%S", &local);
  snprintf(fraction, sizeof fraction, "%09lld", static_cast<long long>(ns % kSecond));
  return std::string(clock) + "." + std::string(fraction, static_cast<size_t>(digits));
}

}  // namespace

bool EventView::EnterStrip() {
  if (!strip_on_screen()) return false;
  int64_t here = list_.rows().empty() ? 0 : list_.rows()[list_.focus()].key.time_ns;
  strip_ = Timeline::Cursor{timeline_.ColumnOf(here), -1};
  return true;
}

// The rows follow.
void EventView::MoveInStrip(int column) {
  strip_->column = std::clamp(column, 0, std::max(0, RowWidth(width_) - 1));
  follow_ = false;
  list_.GoTo({timeline_.TimeAt(strip_->column), EventKey::Rank::kEnd, 0});
}

void EventView::ZoomIn() {
  int width = RowWidth(width_);
  auto [first, last] = strip_->Range();
  if (strip_->other_end < 0) {
    first = std::clamp(strip_->column - width / kPart / 2, 0, std::max(0, width - width / kPart));
    last = first + width / kPart - 1;
  }
  int64_t from = timeline_.TimeAt(first), until = timeline_.TimeAt(last + 1);
  if (until - from < 2) {
    message_ = "there is nothing shorter";
    return;
  }
  int digits = DigitsFor(until - from);
  int64_t day = query::ContextOf(*window_->database()).first_ns;
  strip_->other_end = -1;
  request_ = {Request::Kind::kZoom,
              "time >= '" + TimeText(from, digits, day) + "' and time <= '" + TimeText(until, digits, day) + "'"};
}

bool EventView::DoInStrip(Action action, int64_t count) {
  constexpr int64_t kFar = 1 << 20;
  int step = static_cast<int>(std::clamp<int64_t>(count, 1, kFar));
  switch (action) {
    case Action::kLeft:
    case Action::kRight:
      MoveInStrip(strip_->column + (action == Action::kRight ? step : -step));
      return true;
    case Action::kFirst:
    case Action::kLeftEnd:
      MoveInStrip(0);
      return true;
    case Action::kLast:
    case Action::kRightEnd:
      MoveInStrip(width_);
      return true;
    case Action::kRange:
      strip_->other_end = strip_->other_end < 0 ? strip_->column : -1;
      return true;
    case Action::kZoomIn:
      ZoomIn();
      return true;
    case Action::kZoomOut:
      request_ = {Request::Kind::kZoomOut, ""};
      return true;
    default:
      return false;
  }
}

std::string EventView::StripStatus() const {
  auto [first, last] = strip_->Range();
  int64_t from = timeline_.TimeAt(first), until = timeline_.TimeAt(last + 1);
  int digits = DigitsFor(timeline_.TimeAt(RowWidth(width_)) - timeline_.TimeAt(0));
  std::string text = TimeText(from, digits, from);
  if (strip_->other_end >= 0) text += " - " + TimeText(until, digits, from) + "  " + DurationText(until - from, false);
  return text + "  Space range  z zoom  Z out  Enter rows";
}

}  // namespace pytrace::reader::tui
