#include "reader/tui/view_events.h"

#include <algorithm>
#include <utility>

#include "reader/amounts.h"
#include "reader/printable.h"
#include "reader/window_stack.h"

namespace pytrace::reader::tui {

EventView::EventView(Window* window, bool follow)
    : window_(window),
      list_(window),
      overview_(window),
      timeline_(window),
      follow_(follow),
      source_(window->database()) {
  row_options_.processes = window->HasSeveralProcesses();
  row_options_.threads = window->HasSeveralThreads();
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
  timeline_.SetWidth(RowWidth(width));
  if (!strip_on_screen()) LeaveStrip();
  if (strip_) strip_->column = std::min(strip_->column, std::max(0, RowWidth(width) - 1)), strip_->other_end = -1;
}

bool EventView::Work(Deadline deadline) {
  if (child_ != nullptr && WorkOnChild(deadline)) return true;
  if (list_.Work(deadline)) return true;
  if (std::exchange(show_hit_, false) && !list_.not_found()) ShowHit();
  if (until_hit_ == Until::kSearching) {
    LookForHit();
    return true;  // to the last row, perhaps
  }
  if (strip_on_screen() && timeline_.Work(deadline)) return true;
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
  row_options_.processes = window_->HasSeveralProcesses();
  row_options_.threads = window_->HasSeveralThreads();
  list_.Changed(same);
  overview_.Reset(same);
  timeline_.Changed();
  if (strip_ && !same) strip_->other_end = -1;
  crumb_key_ = {};
  source_.Forget();
  if (row_search_ != nullptr) row_search_->Forget();
  child_.reset();
  if (!follow_) return;
  if (until_hit_ == Until::kNever) return list_.Last();
  SearchWhatCame();
}

Subject EventView::Focus() {
  std::shared_ptr<const Page> page;
  size_t entry;
  if (!list_.Focused(&page, &entry)) return {};
  EventRef event = window_->At(*page, entry);
  return {event.call_id, event.function, event.side == query::Side::kEnd};
}

int EventView::Progress() {
  if (child_ != nullptr) return child_->percent();
  if (list_.busy() && list_.percent() > 0) return list_.percent();
  return window_->selection().filters.empty() && pattern_ == nullptr ? -1 : overview_.percent();
}

std::string EventView::TakeMessage() { return message_.empty() ? list_.TakeMessage() : std::exchange(message_, {}); }

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

std::string EventView::LineOf(int row) {
  const RowText* text = list_.TextOf(row);
  return text == nullptr ? "" : text->event.date_time + " " + text->event.module + " " + text->call.text;
}

std::string EventView::CopyText() {
  std::vector<RowField> fields;
  size_t at;
  const RowText* row = field_ ? Fields(&fields, &at) : nullptr;
  if (row != nullptr && !fields.empty()) return TextOf(fields[at], *row);
  return list_.rows().empty() ? "" : LineOf(list_.focus());
}

std::string EventView::ScreenText() {
  std::string text;
  auto [first, last] = Drawn();
  for (int row = first; row < last; ++row) {
    const RowText* shown = list_.TextOf(row);
    if (shown == nullptr) continue;
    text += shown->event.date_time + " " + shown->event.module + std::string(Indent(shown->event), ' ') +
            shown->call.text + "\n";
  }
  return text;
}

}  // namespace pytrace::reader::tui
