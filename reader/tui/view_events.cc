#include "reader/tui/view_events.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <utility>

#include "reader/amounts.h"
#include "reader/call_walk.h"
#include "reader/printable.h"
#include "reader/window_stack.h"

namespace pytrace::reader::tui {
namespace {

// How much of a deep stack's indentation stays when it would push the calls off the screen.
constexpr int kLevelsKept = 2;

bool MatchesRow(const query::Pattern& pattern, const RowText& row) {
  return pattern.Matches(row.call.text) || pattern.Matches(row.event.module) || pattern.Matches(row.event.date_time) ||
         pattern.Matches(std::to_string(row.event.tid));
}

}  // namespace

EventView::EventView(Window* window, bool follow)
    : window_(window), list_(window), overview_(window), timeline_(window), follow_(follow), source_(window->database()) {
  if (follow_) {
    list_.Last();
  } else {
    list_.First(1);
  }
}

void EventView::Resize(int width, int height) {
  width_ = width;
  area_ = height;
  height_ = std::max(1, height - rows_above());
  list_.SetHeight(height_);
}

bool EventView::Work(Deadline deadline) {
  if (child_ != nullptr && WorkOnChild(deadline)) return true;
  if (list_.Work(deadline)) return true;
  if (std::exchange(show_hit_, false) && !list_.not_found()) ShowHit();
  if (until_hit_ == Until::kSearching) LookForHit();
  return overview_.Work(deadline);
}

void EventView::Cancel() {
  if (child_ != nullptr) message_ = "interrupted";
  child_.reset();
  until_hit_ = Until::kNever;
  list_.Cancel();
  overview_.StopHits();
  follow_ = false;
}

void EventView::Changed(bool same) {
  list_.Changed(same);
  overview_.Reset(same);
  crumb_key_ = {};
  source_.Forget();
  child_.reset();
  if (!follow_) return;
  // What came is searched first; if there is no match the last row is gone to.
  if (until_hit_ == Until::kNever) return list_.Last();
  until_hit_ = Until::kSearching;
  list_.Search([pattern = pattern_](const RowText& row) { return MatchesRow(*pattern, row); }, true, 1);
}

void EventView::LookForHit() {
  if (list_.not_found()) {
    until_hit_ = Until::kWaiting;
    list_.TakeMessage();
    return list_.Last();
  }
  until_hit_ = Until::kNever;
  follow_ = false;
  bell_ = true;
  message_ = "a new row matches";
}

bool EventView::Search(std::shared_ptr<const query::Pattern> pattern, bool forward, int64_t count) {
  bool is_new = pattern != nullptr;
  if (is_new) {
    pattern_ = std::move(pattern);
    searched_forward_ = forward;
    show_hits_ = true;
  }
  if (pattern_ == nullptr) return false;
  auto matches = [pattern = pattern_, negated = modes_.negated](const RowText& row) {
    return MatchesRow(*pattern, row) != negated;
  };
  if (is_new) overview_.CountHits(matches);
  if (is_new && modes_.stay) return true;
  follow_ = false;
  Leave();
  list_.SetWrap(modes_.wrap);
  list_.Search(matches, forward, count);
  show_hit_ = !modes_.negated;
  return true;
}

// Sideways, so that the match is on the screen with some columns beside it.
void EventView::ShowHit() {
  constexpr int kMargin = 8;
  const RowText* row = list_.rows().empty() ? nullptr : list_.TextOf(list_.focus());
  size_t begin, end;
  if (row == nullptr || pattern_ == nullptr || !pattern_->Find(row->call.text, 0, &begin, &end)) return;
  int indent = std::max(0, static_cast<int>(Indent(row->event)) - style_.outdent);
  int left = indent + TextWidth(std::string_view(row->call.text).substr(0, begin));
  int right = left + TextWidth(std::string_view(row->call.text).substr(begin, end - begin));
  int width = LayOut(RowWidth(width_), row_options_).call.width();
  if (left >= style_.shift && right <= style_.shift + width) return;
  style_.shift = right <= width ? 0 : std::max(0, std::min(left - kMargin, right + kMargin - width));
}

void EventView::Sideways(int columns) { style_.shift = std::max(0, style_.shift + columns); }

bool EventView::Do(Action action, int64_t count) {
  int64_t n = std::max<int64_t>(1, count);
  int64_t page = count > 0 ? count : height_;
  if ((action == Action::kHalfDown || action == Action::kHalfUp) && count > 0) half_page_ = count;
  int64_t half = half_page_ > 0 ? half_page_ : std::max(1, height_ / 2);
  if ((action == Action::kLeft || action == Action::kRight) && count > 0) side_step_ = count;
  int side = static_cast<int>(
      std::min<int64_t>(side_step_ > 0 ? side_step_ : std::max(1, LayOut(RowWidth(width_), row_options_).call.width() / 2), 1 << 20));
  bool up = action == Action::kUp || action == Action::kPageUp || action == Action::kHalfUp ||
            action == Action::kFirst || action == Action::kPercent;
  if (up) follow_ = false, until_hit_ = Until::kNever;
  if (Toggle(action)) return true;
  switch (action) {
    case Action::kDown:
      list_.MoveBy(n);
      return true;
    case Action::kUp:
      list_.MoveBy(-n);
      return true;
    case Action::kPageDown:
      list_.PageBy(page);
      return true;
    case Action::kPageUp:
      list_.PageBy(-page);
      return true;
    case Action::kHalfDown:
      list_.PageBy(half);
      return true;
    case Action::kHalfUp:
      list_.PageBy(-half);
      return true;
    case Action::kFirst:
      Leave();
      list_.First(n);
      return true;
    case Action::kLast:
      Leave();
      if (count > 0) {
        list_.First(count);
      } else {
        list_.Last();
      }
      return true;
    case Action::kPercent: {
      double part = static_cast<double>(std::clamp<int64_t>(count, 0, 100)) / 100;
      list_.GoToCall(window_->first_id() +
                     std::llround(part * static_cast<double>(window_->last_id() - window_->first_id())));
      return true;
    }
    case Action::kLeft:
      Sideways(-side);
      return true;
    case Action::kRight:
      Sideways(side);
      return true;
    case Action::kLeftEnd:
      style_.shift = 0;
      return true;
    case Action::kRightEnd: {
      int widest = 0;
      for (int i = 0; i < static_cast<int>(list_.rows().size()); ++i) {
        if (const RowText* text = list_.TextOf(i)) widest = std::max(widest, CallWidth(*text, style_.outdent));
      }
      style_.shift = std::max(0, widest - LayOut(RowWidth(width_), row_options_).call.width());
      return true;
    }
    case Action::kNextHit:
      return Search(nullptr, searched_forward_, n);
    case Action::kPreviousHit:
      return Search(nullptr, !searched_forward_, n);
    case Action::kToggleHits:
      show_hits_ = !show_hits_;
      return true;
    case Action::kForgetHits:
      pattern_ = nullptr;
      overview_.CountHits(nullptr);
      return true;
    case Action::kMarkLast:
      return false;
    case Action::kFollowHit:
      if (pattern_ == nullptr) return false;
      follow_ = true;
      until_hit_ = Until::kWaiting;
      list_.Last();
      return true;
    case Action::kFollow:
      follow_ = true;
      until_hit_ = Until::kNever;
      list_.Last();
      return true;
    case Action::kPartner:
      GoToPartner(true);
      return true;
    case Action::kPartnerBack:
      GoToPartner(false);
      return true;
    case Action::kCaller:
      GoToCaller();
      return true;
    case Action::kCallee:
      GoToChild(false);
      return true;
    case Action::kLongest:
      GoToChild(true);
      return true;
    case Action::kNextSibling:
    case Action::kPreviousSibling:
      ToSameThread(action == Action::kNextSibling, n);
      return true;
    case Action::kNextSame:
    case Action::kPreviousSame:
      ToSameFunction(action == Action::kNextSame, n);
      return true;
    case Action::kNextException:
    case Action::kPreviousException:
      ToException(action == Action::kNextException, n);
      return true;
    default:
      return false;
  }
}

void EventView::GoToPartner(bool to_end) {
  std::shared_ptr<const Page> page;
  size_t entry;
  if (!list_.Focused(&page, &entry)) return;
  EventRef event = window_->At(*page, entry);
  if (event.block == nullptr || (event.side == query::Side::kEnd) == to_end) return;
  int64_t duration = event.block->duration_ns[event.row], start = event.block->start_ns[event.row];
  if (duration < 0) return;
  follow_ = false;
  list_.GoTo(to_end ? EventKey{start + duration, EventKey::Rank::kEnd, event.call_id}
                    : EventKey{start, EventKey::Rank::kStart, event.call_id});
}

void EventView::GoToCaller() {
  std::shared_ptr<const Page> page;
  size_t entry;
  if (!list_.Focused(&page, &entry)) return;
  std::vector<store::OpenCall> stack = CallStack(*window_, *page, window_->At(*page, entry));
  if (stack.size() < 2) return;
  const store::OpenCall& caller = stack[stack.size() - 2];
  follow_ = false;
  list_.GoTo({caller.start_ns, EventKey::Rank::kStart, caller.id});
}

// To the longest or the first of the calls that the focused one made.
void EventView::GoToChild(bool want_longest) {
  Subject subject = Focus();
  CallFacts call;
  if (subject.call == 0 || !source_.Find(subject.call, &call)) return;
  child_ = std::make_unique<ChildSearch>(window_, call, want_longest);
}

// ^C keeps the longest one so far.
bool EventView::WorkOnChild(Deadline deadline) {
  if (child_->Work(deadline)) return true;
  CallFacts found = child_->found();
  child_.reset();
  if (found.id == 0) {
    message_ = "it made no call that is shown";
    return false;
  }
  follow_ = false;
  Leave();
  list_.GoTo({found.start_ns, EventKey::Rank::kStart, found.id});
  return false;
}

bool EventView::Toggle(Action action) {
  switch (action) {
    case Action::kTimeline:
      timeline_shown_ = !timeline_shown_;
      Resize(width_, area_);
      return true;
    case Action::kNumbers:
      row_options_.number_width =
          row_options_.number_width > 0 ? 0 : std::max<int>(5, static_cast<int>(std::to_string(window_->last_id()).size()));
      return true;
    case Action::kColumns:
      row_options_.threads_and_modules = !row_options_.threads_and_modules;
      return true;
    case Action::kDurations:
      row_options_.durations = !row_options_.durations;
      return true;
    case Action::kReturns:
      row_options_.brief_ends = !row_options_.brief_ends;
      list_.SetBrief(row_options_.brief_ends);
      return true;
    case Action::kTimeFormat:
      row_options_.time = static_cast<TimeFormat>((static_cast<int>(row_options_.time) + 1) % 4);
      if (row_options_.time == TimeFormat::kSinceMark && marked_ns_ < 0) row_options_.time = TimeFormat::kClock;
      return true;
    default:
      return false;
  }
}

void EventView::ToSameThread(bool forward, int64_t count) {
  std::shared_ptr<const Page> page;
  size_t entry;
  if (!list_.Focused(&page, &entry)) return;
  uint32_t thread = window_->At(*page, entry).thread;
  follow_ = false;
  list_.SearchEvents([thread](const EventRef& event) { return event.thread == thread; }, forward, count,
                     forward ? "this is the last event of its thread" : "this is the first event of its thread");
}

void EventView::ToSameFunction(bool forward, int64_t count) {
  uint32_t function = Focus().function;
  if (function == 0) return;
  follow_ = false;
  Leave();
  list_.SearchEvents(
      [function](const EventRef& event) { return event.function == function && event.side == query::Side::kStart; },
      forward, count, forward ? "this is its last call" : "this is its first call");
}

void EventView::ToException(bool forward, int64_t count) {
  follow_ = false;
  Leave();
  list_.SearchEvents([](const EventRef& event) { return event.kind == store::EventKind::kException; }, forward, count,
                     forward ? "no exception from here on" : "no exception before");
}

Subject EventView::Focus() {
  std::shared_ptr<const Page> page;
  size_t entry;
  if (!list_.Focused(&page, &entry)) return {};
  EventRef event = window_->At(*page, entry);
  return {event.call_id, event.function, event.side == query::Side::kEnd};
}

void EventView::Leave() { SetMark('\''); }

bool EventView::SetMark(Key letter) {
  if (list_.rows().empty()) return false;
  marks_[letter] = list_.rows()[list_.focus()].key;
  if (letter != '\'') marked_ns_ = marks_[letter].time_ns;
  return true;
}

bool EventView::SetMarkBelow(Key letter) {
  if (list_.rows().empty()) return false;
  marks_[letter] = list_.rows().back().key;
  marked_ns_ = marks_[letter].time_ns;
  return true;
}

// The first row from then on.
void EventView::GoToTime(int64_t ns) {
  Leave();
  follow_ = false;
  list_.GoTo({ns, EventKey::Rank::kEnd, std::numeric_limits<int64_t>::max()});
}

void EventView::Click(int row, int column) {
  Columns columns = LayOut(RowWidth(width_), row_options_);
  if (HasScrollBar(width_) && column == width_ - 1 && row >= rows_above()) {
    double part = static_cast<double>(row - rows_above()) / std::max(1, height_ - 1);
    follow_ = false;
    Leave();
    list_.GoToCall(window_->first_id() +
                   std::llround(part * static_cast<double>(window_->last_id() - window_->first_id())));
  } else if (rows_above() == 2 && row == 0) {
    GoToTime(timeline_.TimeAt(column, RowWidth(width_)));
  } else if (row < rows_above()) {
    if (column >= columns.time.x && column < columns.time.end) Toggle(Action::kTimeFormat);
    if (columns.duration.shown() && column >= columns.duration.x) Toggle(Action::kDurations);
  } else {
    follow_ = false;
    list_.FocusRow(row - rows_above());
  }
}

std::string EventView::CopyText() {
  const RowText* row = list_.rows().empty() ? nullptr : list_.TextOf(list_.focus());
  return row == nullptr ? "" : row->event.date_time + " " + row->event.module + " " + row->call.text;
}

int EventView::Progress() {
  if (child_ != nullptr) return child_->percent();
  if (list_.busy() && list_.percent() > 0) return list_.percent();
  return window_->selection().filters.empty() && pattern_ == nullptr ? -1 : overview_.percent();
}

std::string EventView::TakeMessage() { return message_.empty() ? list_.TakeMessage() : std::exchange(message_, {}); }

bool EventView::GoToMark(Key letter) {
  auto mark = marks_.find(letter);
  if (mark == marks_.end()) return false;
  EventKey to = mark->second;
  Leave();
  follow_ = false;
  list_.GoTo(to);
  return true;
}

void EventView::GoToCall(int64_t id) {
  CallFacts facts;
  if (!source_.Find(id, &facts)) return;
  Leave();
  follow_ = false;
  list_.GoTo({facts.start_ns, EventKey::Rank::kStart, id});
}

void EventView::Draw(Canvas* canvas, Area area) {
  Columns columns = LayOut(RowWidth(canvas->width()), row_options_);
  if (timeline_shown_ && area.height() > 2) {
    int64_t here = list_.rows().empty() ? 0 : list_.rows()[list_.focus()].key.time_ns;
    timeline_.Draw(canvas, area.top++, RowWidth(canvas->width()), overview_, here);
  }
  int rows = static_cast<int>(list_.rows().size());
  int shallowest = std::numeric_limits<int>::max(), deepest = 0;
  for (int i = 0; i < rows; ++i) {
    const RowText* text = list_.TextOf(i);
    if (text == nullptr || text->event.func.empty()) continue;
    shallowest = std::min(shallowest, static_cast<int>(text->event.depth));
    deepest = std::max(deepest, static_cast<int>(text->event.depth));
  }
  bool deep = deepest > columns.call.width() / 2 && shallowest > kLevelsKept;
  style_.outdent = deep ? shallowest - kLevelsKept : 0;
  if (area.height() > 1) DrawHeader(canvas, area.top++, columns, style_.outdent, row_options_.time);
  style_.time = row_options_.time;
  style_.zero_ns = row_options_.time == TimeFormat::kSinceMark ? marked_ns_ : StartNs();
  for (int i = 0; i < rows && area.top + i < area.bottom; ++i) {
    const RowText* text = list_.TextOf(i);
    RowStyle style = style_;
    style.focused = i == list_.focus();
    style.hits = show_hits_ && !modes_.negated ? pattern_.get() : nullptr;
    style.partner = IsPartner(i);
    if (style.time == TimeFormat::kSinceBefore && !list_.TimeBefore(i, &style.zero_ns)) style.zero_ns = -1;
    if (text != nullptr) DrawRow(canvas, area.top + i, columns, *text, style);
  }
  if (rows > 0 && HasScrollBar(canvas->width())) {
    DrawScrollBar(canvas, {area.top, area.bottom}, canvas->width() - 1, overview_.marks(), window_->pages(),
                  list_.Fraction(0), list_.Fraction(rows - 1));
  }
  if (rows > 0 || list_.busy()) return;
  bool filtered = !window_->selection().filters.empty();
  canvas->Put(
      area.top, 1, canvas->width(),
      filtered ? "no event matches the filter" : "nothing is recorded here, or all of it is start-up (S shows it)",
      {Ink::kNote});
}

// Of the run that is shown, as the first page has it.
int64_t EventView::StartNs() const {
  const std::vector<store::ZoneMap>& zones = window_->database()->zones();
  auto shown = std::find_if(zones.begin(), zones.end(), [&](const store::ZoneMap& zone) {
    return std::any_of(zone.threads.begin(), zone.threads.end(), [&](uint32_t thread) { return window_->InRun(thread); });
  });
  return shown == zones.end() ? 0 : shown->first_start_ns;
}

// Start and end of the same call.
bool EventView::IsPartner(int row) const {
  const EventKey &focus = list_.rows()[list_.focus()].key, &key = list_.rows()[static_cast<size_t>(row)].key;
  return row != list_.focus() && key.id == focus.id && key.rank != focus.rank && key.rank <= EventKey::Rank::kStart &&
         focus.rank <= EventKey::Rank::kStart;
}

std::string EventView::Status() {
  if (pattern_ == nullptr || !show_hits_ || list_.rows().empty()) return "";
  std::shared_ptr<const Page> page;
  size_t entry;
  int64_t number = list_.Focused(&page, &entry) ? overview_.HitNumber(page->number, entry) : 0;
  std::string all = Grouped(overview_.hits()) + (overview_.hits_counted() ? "" : "+");
  std::string text = number > 0 ? "hit " + Grouped(number) + " of " + all : all + (all == "1" ? " hit" : " hits");
  if (!overview_.hits_counted()) text += " (" + std::to_string(overview_.hits_percent()) + "% searched)";
  return text;
}

std::string EventView::Position() {
  std::string text;
  if (!window_->selection().filters.empty()) {
    text = Grouped(overview_.events()) + (overview_.counted() ? "" : "+") +
           (overview_.events() == 1 ? " match of " : " matches of ");
  }
  int64_t last = window_->last_id(), calls = last == 0 ? 0 : last - window_->first_id() + 1;
  text += Grouped(calls) + (calls == 1 ? " call" : " calls");
  return list_.rows().empty() ? text : text + "  " + std::to_string(list_.Position()) + "%";
}

std::string EventView::Breadcrumb(const char* separator) {
  if (list_.rows().empty()) return "";
  const EventKey& key = list_.rows()[list_.focus()].key;
  if (key == crumb_key_) return crumb_;
  crumb_key_ = key;
  crumb_.clear();
  std::shared_ptr<const Page> page;
  size_t entry;
  if (!list_.Focused(&page, &entry)) return "";
  for (const store::OpenCall& call : CallStack(*window_, *page, window_->At(*page, entry))) {
    const store::Function* function = window_->database()->catalog().function(call.function);
    if (!crumb_.empty()) crumb_ += separator;
    AppendPrintable(function == nullptr ? "?" : std::string_view(function->func), &crumb_);
  }
  return crumb_;
}

}  // namespace pytrace::reader::tui
