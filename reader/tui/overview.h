// What the whole recording holds, gathered page by page while nobody waits: how many events are shown, where exceptions
// and losses are, and which rows a search would find.
#ifndef PYTRACE_READER_TUI_OVERVIEW_H_
#define PYTRACE_READER_TUI_OVERVIEW_H_

#include <cstdint>
#include <functional>
#include <vector>

#include "reader/event_line.h"
#include "reader/tui/event_list.h"
#include "reader/tui/scroll_bar.h"
#include "reader/window.h"

namespace pytrace::reader::tui {

class Overview {
 public:
  explicit Overview(Window* window) : window_(window), reader_(window->database()->catalog()) {}

  // `grown`: only the end of the recording is new.
  void Reset(bool grown);
  // `may_match`: as EventList::Search has it. nullptr: no more.
  void CountHits(EventList::Matcher matches, EventList::EventMatcher may_match = nullptr);
  void StopHits() { stopped_ = true; }
  bool Work(Deadline deadline);  // whether anything is left

  int64_t events() const { return events_; }
  bool counted() const { return marks_.size() >= window_->pages(); }
  const std::vector<PageMarks>& marks() const { return marks_; }

  int64_t hits() const { return hits_; }
  bool hits_counted() const { return hit_pages_.size() >= window_->pages(); }
  int hits_percent() const;
  // Percent of what is being counted; -1: nothing is.
  int percent() const;
  const std::vector<int64_t>& page_events() const { return page_events_; }
  // 1 for the first hit; 0: that row is none, or was not looked at yet.
  int64_t HitNumber(size_t page, size_t entry) const;

 private:
  struct HitPage {
    int64_t before = 0;             // hits on earlier pages
    std::vector<uint32_t> entries;  // that match
  };
  void SumPage();
  void SearchPage();

  Window* window_;
  EventReader reader_;
  RowText scratch_;
  std::vector<PageMarks> marks_;
  std::vector<int64_t> page_events_;
  int64_t events_ = 0;
  EventList::Matcher matches_;
  EventList::EventMatcher may_match_;
  bool stopped_ = false;
  std::vector<HitPage> hit_pages_;
  int64_t hits_ = 0;
};

}  // namespace pytrace::reader::tui

#endif  // PYTRACE_READER_TUI_OVERVIEW_H_
