// The event view: one row for each call, return, exception, yield, log and loss.
#ifndef PYTRACE_READER_TUI_VIEW_EVENTS_H_
#define PYTRACE_READER_TUI_VIEW_EVENTS_H_

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reader/call_source.h"
#include "reader/tui/child_search.h"
#include "reader/tui/event_columns.h"
#include "reader/tui/event_list.h"
#include "reader/tui/overview.h"
#include "reader/tui/row_search.h"
#include "reader/tui/timeline.h"
#include "reader/tui/view.h"

namespace pytrace::reader::tui {

class EventView : public View {
 public:
  // `follow`: begin at the end and stay there.
  EventView(Window* window, bool follow);

  const char* name() const override { return "events"; }
  void Draw(Canvas* canvas, Area area) override;
  void Resize(int width, int height) override;
  bool Do(Action action, int64_t count) override;
  bool Search(std::shared_ptr<const query::Pattern> pattern, bool forward, int64_t count) override;
  bool busy() const override { return list_.busy() || child_ != nullptr; }
  bool Work(Deadline deadline) override;
  void Cancel() override;
  void Changed(bool same) override;
  std::string Status() override;
  std::string Position() override;
  std::string Breadcrumb(const char* separator) override;
  std::string TakeMessage() override;
  bool following() const override { return follow_; }
  Subject Focus() override;
  bool SetMark(Key letter) override;
  bool SetMarkBelow(Key letter) override;
  bool GoToMark(Key letter) override;
  void GoToCall(int64_t id) override;
  void GoToTime(int64_t ns) override;
  bool MoveField(bool forward) override;
  bool GoToField(int64_t number) override;
  bool LeaveField() override { return std::exchange(field_, std::nullopt).has_value(); }
  std::optional<std::string> FieldFilter() override;
  void Click(int row, int column) override;
  std::string CopyText() override;
  std::string ScreenText() override;
  void SetSearchModes(const SearchModes& modes) override { modes_ = modes; }
  int Progress() override;
  bool TakeBell() override { return std::exchange(bell_, false); }
  void Preview(std::shared_ptr<const query::Pattern> pattern, bool forward) override;
  void EndPreview(bool leave) override;
  Request TakeRequest() override { return std::exchange(request_, {}); }
  // The keys move a cursor in the strip of time. EnterStrip: false: the strip is not on the screen.
  bool in_strip() const { return strip_.has_value(); }
  bool EnterStrip();
  void LeaveStrip() { strip_.reset(); }
  // A switch of switches.h and one of its values.
  void Set(std::string_view name, std::string_view value);
  bool empty() const { return list_.rows().empty() && !list_.busy(); }

 private:
  // Columns for rows: all but the scroll bar's.
  int RowWidth(int width) const { return HasScrollBar(width) ? width - 2 : width; }
  // Header and timeline, where there is room for more than one row.
  int rows_above() const { return area_ <= 1 ? 0 : 1 + (strip_on_screen() ? 1 : 0); }
  bool strip_on_screen() const { return timeline_shown_ && area_ > 2; }
  // Each says whether the action is one of its subject.
  bool Move(Action action, int64_t count);
  bool MoveSideways(Action action, int64_t count);
  bool DoWithHits(Action action, int64_t count);
  bool Follow(Action action);
  bool Jump(Action action, int64_t n);
  bool Toggle(Action action);
  bool DoInStrip(Action action, int64_t count);
  void MoveInStrip(int column);
  void ZoomIn();
  std::string StripStatus() const;
  void GoToPart(double part);
  std::shared_ptr<RowSearch> RowSearchFor(bool negated);
  EventList::Matcher Matcher(bool negated);
  EventList::EventMatcher MayMatch(bool negated);
  void ShowHit();
  void ShowBytes(const RowText& row, size_t begin, size_t end);
  std::string FieldStatus();
  // The fields of the focused row, and which of them has the cursor.
  const RowText* Fields(std::vector<RowField>* fields, size_t* at);
  void ChooseField(const RowField& field);
  void ClickHeader(int column);
  void ClickRow(int row, int column);
  void SearchWhatCame();
  void LookForHit();
  std::string LineOf(int row);
  std::pair<int, int> Drawn(bool* cut = nullptr);
  int RowAt(int line);
  int PageRows();
  std::vector<double> MarkPlaces() const;
  bool IsPartner(int row) const;
  void Sideways(int columns);
  void GoToPartner(bool to_end);
  void GoToCaller();
  void GoToChild(bool want_longest);
  bool WorkOnChild(Deadline deadline);
  void ToSameFunction(bool forward, int64_t count);
  void ToException(bool forward, int64_t count);
  void ToSameThread(bool forward, int64_t count);
  void Leave();  // remembers the place for ''

  Window* window_;
  EventList list_;
  Overview overview_;
  Timeline timeline_;
  RowStyle style_;
  RowOptions row_options_;
  bool timeline_shown_ = false;
  std::optional<Timeline::Cursor> strip_;
  Request request_;
  std::shared_ptr<const query::Pattern> pattern_;
  std::shared_ptr<RowSearch> row_search_;  // for it
  bool searched_forward_ = true;
  bool show_hits_ = true;
  bool follow_ = false;
  SearchModes modes_;
  // ESC-F: rows that come are searched, from the last one on.
  enum class Until { kNever, kWaiting, kSearching } until_hit_ = Until::kNever;
  bool ring_on_ = false;  // ESC-f: a hit does not end it
  bool bell_ = false;
  // While a pattern is typed: where the search begins, and what there was before.
  struct Typed {
    EventKey from;
    std::shared_ptr<const query::Pattern> pattern;
    int shift;
  };
  std::optional<Typed> typed_;
  std::optional<EventKey> search_from_;  // of the pattern that was typed
  std::unique_ptr<ChildSearch> child_;
  std::optional<RowField> field_;  // with the cursor; of a row that has none such the nearest
  bool show_hit_ = false;          // sideways, as soon as the search has ended
  int width_ = 80, height_ = 20, area_ = 21;
  int64_t half_page_ = 0, side_step_ = 0, page_ = 0;  // as the user set them, 0: not
  EventKey crumb_key_;
  std::string crumb_;
  std::map<Key, EventKey> marks_;
  int64_t marked_ns_ = -1;  // the last mark's
  CallSource source_;
  std::string message_;
};

}  // namespace pytrace::reader::tui

#endif  // PYTRACE_READER_TUI_VIEW_EVENTS_H_
