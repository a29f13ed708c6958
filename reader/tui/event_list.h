// The rows on the screen: some consecutive events of the window and the focus among them. Every motion is a goal that
// is reached in slices, because the next event that a filter lets through may be many blocks away.
#ifndef PYTRACE_READER_TUI_EVENT_LIST_H_
#define PYTRACE_READER_TUI_EVENT_LIST_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "reader/event_line.h"
#include "reader/tui/view.h"
#include "reader/window.h"

namespace pytrace::reader::tui {

struct RowText {
  EventText event;
  CallText call;
  bool aside = false;  // the filter does not match it
};

class EventList {
 public:
  explicit EventList(Window* window) : window_(window), reader_(window->database()->catalog()) {}

  void SetHeight(int rows);

  void MoveBy(int64_t rows);  // the focus
  void PageBy(int64_t rows);  // the rows, and the focus with them
  void First(int64_t row);    // 1: the first
  void Last();
  void GoTo(const EventKey& key);  // that event, or else the next one
  void GoToCall(int64_t id);       // its start, or else the next start
  // The count-th event before or after the focus for which `matches` says true.
  // `may_match`, where there is one, says false of events whose texts need not be made.
  using Matcher = std::function<bool(const RowText&)>;
  using EventMatcher = std::function<bool(const EventRef&)>;
  void Search(Matcher matches, bool forward, int64_t count, EventMatcher may_match = nullptr);
  // The same from another place; it is gone to when there is none.
  void SearchFrom(const EventKey& from, Matcher matches, bool forward, int64_t count = 1,
                  EventMatcher may_match = nullptr);

  // The same by what the event is, without its texts. `what`: for the message that there is none.
  void SearchEvents(EventMatcher matches, bool forward, int64_t count, std::string what);

  bool busy() const { return goal_ != Goal::kNone; }
  bool Work(Deadline deadline);  // whether anything is left: a goal, or rows to fill the screen with
  void Cancel();
  int percent() const { return percent_; }  // of a search

  bool not_found() const { return not_found_now_; }  // how the last search ended
  // Search goes on at the other end.
  void SetWrap(bool wrap) { wrap_ = wrap; }
  void SetBrief(bool brief);  // how ends are written
  void FocusRow(int row);     // of those on the screen
  // When the event before a row on the screen was. false: it is the first one.
  bool TimeBefore(int row, int64_t* ns);

  // After Window::Refresh. `same`: the rows on the screen are still shown; else their neighbourhood is looked up anew.
  void Changed(bool same);

  struct Row {
    EventKey key;
    std::shared_ptr<const RowText> text;  // made when first asked for
  };
  const std::deque<Row>& rows() const { return rows_; }
  int focus() const { return focus_; }
  // Text of a row; nullptr: its block was let go before it was ever shown.
  const RowText* TextOf(int row);
  // The page of the focused row and its place there. false: there is none.
  bool Focused(std::shared_ptr<const Page>* page, size_t* entry);
  // How far into the recording the focus is, in percent of its events; 100 is the last one, and only it.
  int Position();
  // Where a row is in the recording, 0 to 1.
  double Fraction(int row);
  std::string TakeMessage() { return std::exchange(message_, {}); }

 private:
  enum class Goal { kNone, kMove, kPage, kFirst, kLast, kGoTo, kGoToCall, kSearch };
  enum class Step { kGot, kMore, kEnd };
  // A place between the pages' entries; index -1 and entries.size() are before the first and behind the last.
  struct Cursor {
    size_t page = 0;
    int64_t index = -1;
    bool valid = false;
  };
  using Page = reader::Page;

  Cursor Locate(const EventKey& key, bool* exact);
  Step Advance(Cursor* cursor, bool forward, Deadline deadline, EventKey* key);
  Step Extend(bool forward, Deadline deadline);
  std::shared_ptr<const RowText> Render(const Page& page, size_t entry);
  void DropRow(bool first);  // else the last one
  void Begin(Goal goal);
  void Restart(Cursor cursor, int above);
  bool WorkOnGoal(Deadline deadline);  // false: the deadline came first
  bool StepMove(Deadline deadline);
  Cursor Start();
  bool StepPlace(Deadline deadline);
  bool StepSearch(Deadline deadline);
  bool Fill(Deadline deadline);

  Window* window_;
  EventReader reader_;
  int height_ = 0;
  std::deque<Row> rows_;
  int focus_ = 0;
  Cursor head_, tail_;  // where rows_ is extended from
  bool head_end_ = false, tail_end_ = false;
  int above_ = 0;  // rows wanted above the focus, after a jump

  Goal goal_ = Goal::kNone;
  int64_t left_ = 0;  // kMove, kPage: rows to go, signed; kFirst: the row; kGoToCall: the id; kSearch: matches to go
  EventKey target_;   // kGoTo
  bool placing_ = false;  // a jump has cleared the screen
  Matcher matches_;
  EventMatcher event_matches_;  // instead of matches_
  EventMatcher may_match_;
  std::string not_found_;
  bool not_found_now_ = false, wrap_ = false, wrapped_ = false, brief_ = false;
  bool forward_ = true;
  Cursor search_;
  std::optional<EventKey> search_from_;  // not the focus
  size_t search_start_ = 0;
  RowText scratch_;
  int percent_ = 0;
  std::string message_;
};

}  // namespace pytrace::reader::tui

#endif  // PYTRACE_READER_TUI_EVENT_LIST_H_
