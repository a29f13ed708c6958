// The reader without its terminal: keys in, cells out. Terminal and headless runs drive the same object.
#ifndef PYTRACE_READER_TUI_APPLICATION_H_
#define PYTRACE_READER_TUI_APPLICATION_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reader/history.h"
#include "reader/options.h"
#include "reader/program_ends.h"
#include "reader/query/filter.h"
#include "reader/tui/details.h"
#include "reader/tui/diagnosis.h"
#include "reader/tui/filter_help.h"
#include "reader/tui/filter_stack.h"
#include "reader/tui/prompt.h"
#include "reader/tui/save_job.h"
#include "reader/tui/shell.h"
#include "reader/tui/view.h"
#include "reader/tui/view_events.h"
#include "reader/window.h"

namespace pytrace::reader::tui {

class Application {
 public:
  // `window` comes with the filters of the command line; those typed here are added to them.
  Application(Window* window, const ReaderOptions& options, History* history);

  void Resize(int width, int height);
  void Press(Key key);
  void Point(Key key);  // the mouse; Press passes it on
  void Paste(Key key);  // a pasted character: text for a prompt, never a command
  // A slice of what is going on; whether anything is left to do.
  bool Work(Deadline deadline);
  // Keys other than ^C should wait.
  bool busy() const { return preparing_ != nullptr || (views_.back()->busy() && prompt_kind_ == PromptKind::kNone); }
  // Looks whether the recording has grown. Whether anything changed.
  bool Poll();
  bool live() const { return Live(window_->database()->catalog(), window_->run()); }
  // Behind the end of all programs nothing can come.
  bool following() const { return live() && views_.back()->following(); }
  void Draw(Canvas* canvas);

  bool done() const { return done_; }
  int width() const { return width_; }
  int height() const { return height_; }
  // Requests for the terminal; reading one takes it.
  bool TakeSuspend() { return std::exchange(suspend_, false); }
  bool TakeBell() { return std::exchange(bell_, false) || view()->TakeBell(); }
  // A program that wants the terminal; without words: none.
  Errand TakeErrand() { return std::exchange(errand_, {}); }
  std::string TakeCopy() { return std::exchange(copy_, {}); }  // for the clipboard
  bool mouse() const { return mouse_; }                        // whether it is wanted
  bool TakeRepaint() { return std::exchange(repaint_, false); }
  struct Edit {
    std::string file;  // empty: nothing is to be edited
    uint32_t line = 0;
  };
  Edit TakeEdit() { return std::exchange(edit_, {}); }
  // What the terminal has to say, on the last line.
  void Say(std::string message, bool error);

 private:
  enum class PromptKind { kNone, kForward, kBackward, kFilter, kSave, kPipe, kCommand };

  static bool IsSearch(PromptKind kind) { return kind == PromptKind::kForward || kind == PromptKind::kBackward; }
  static const char* LabelOf(PromptKind kind);
  static char HistoryOf(PromptKind kind);

  View* view() { return views_.back().get(); }
  Where where() {
    bool in_strip = Is("events") && events()->in_strip();
    return in_details_ ? kInDetails : in_strip ? kInStrip : WhereIs(view()->name());
  }
  bool Is(const char* view_name) { return std::string_view(view()->name()) == view_name; }
  void TakeLetter(Key key);
  bool TakeOffer(Key key);
  void Stop();
  void Take(const Request& request);
  void ToEvents();  // closes all views but that of events
  void Narrow(const std::string& filter);
  void UndoFilter();
  void RedoFilter();
  void SearchFunction();
  void OpenEditor();
  bool TakeSearchMode(Key key);
  void LabelSearch();
  void Save(const std::string& name);
  bool WorkOnSave(Deadline deadline);
  void Copy();
  void GoToTime(const std::string& text);
  void GoToNumber(const std::string& text);
  void Set(const std::string& text);  // NAME, or NAME VALUE
  void SetSwitch(const Switched& one);
  void Zoom(const std::string& text);
  void ZoomIn(const std::string& filter);
  void ZoomOut();
  std::string CurrentZoom();
  bool ReplacePart(const std::string& part, const std::string& with);
  void Print();
  void PreviewSearch();
  EventView* events() { return static_cast<EventView*>(views_.front().get()); }
  void Command(const std::string& line);
  void NextView();
  std::string StateText();
  void Arrange();  // the views and the details pane
  void Do(Action action, int64_t count);
  // Each says whether the action is one of its subject.
  bool ScrollDetails(Action action, int64_t count);
  bool DoOptions(Action action, int64_t count);
  bool DoDetails(Action action);
  void NextPane();
  bool DoViews(Action action);
  bool DoFilters(Action action);
  bool DoPrompts(Action action, int64_t count);
  bool DoReader(Action action);
  void OpenPrompt(PromptKind kind);
  void PressInPrompt(Key key);
  void Entered();
  void StartSearch(bool forward);
  bool CanRead(const std::string& filter);
  bool SetFilter(const std::string& text);
  enum class Step { kNew, kUndo, kRedo };
  void SetFilters(FilterStack filters, Step step = Step::kNew);
  void Use(std::unique_ptr<query::Filter> filter, FilterStack filters, Step step);
  void ShowFilters();
  void ChangeFilter(const Request& request);
  bool EditFilter(const std::string& text);
  void Reselect();
  Selection WithoutFilter() const;   // of those that are typed
  Selection WithoutFilters() const;  // nor those of the command line
  bool Diagnose(Deadline deadline);  // where a filter matches nothing; whether anything is left
  void DrawDiagnosis(Canvas* canvas);
  void Push(std::unique_ptr<View> view);
  void Close();
  std::string InfoText() const;
  std::string ProcessesText() const;
  const char* HintText();
  void DrawView(Canvas* canvas);
  void DrawState(Canvas* canvas);
  void DrawBottom(Canvas* canvas);
  // Help is about no row.
  bool details_shown() const { return details_open_ && std::string_view(views_.back()->name()) != "help"; }
  bool details_beside() const { return details_shown() && width_ >= kBeside; }
  // Where the view is, and where the details are.
  Area Body() const;
  Area DetailsArea() const;
  int DetailsWidth() const { return details_beside() ? width_ - ViewWidth() - 1 : width_; }
  int ViewWidth() const { return details_beside() ? width_ * 6 / 10 : width_; }

  static constexpr int kBeside = 140;  // columns from which the details are at the right

  Window* window_;
  const ReaderOptions& options_;
  History* history_;
  Selection base_;
  std::unique_ptr<query::Filter> filter_;
  std::string start_pattern_;  // to search for as soon as there are rows
  FilterStack filters_;
  std::string filter_text_;                                  // of those that are typed and on
  std::vector<std::string> zooms_;                           // parts of the filter, each inside the one before
  std::vector<FilterStack> filters_before_, filters_after_;  // for undoing, and those undone
  int edited_ = -1;                                          // the one of them that the prompt is for; -1: all
  std::unique_ptr<SaveJob> save_;
  FilterHelp help_;
  std::unique_ptr<query::Filter> preparing_;  // as soon as it is ready, it is the filter
  FilterStack preparing_filters_;
  Step preparing_step_ = Step::kNew;
  std::unique_ptr<Diagnosis> diagnosis_;
  Details details_;
  bool details_open_ = false, in_details_ = false;
  bool startup_;
  std::vector<std::unique_ptr<View>> views_;
  Prompt prompt_;
  PromptKind prompt_kind_ = PromptKind::kNone;
  int64_t prompt_count_ = 0;
  int64_t count_ = 0;          // typed before a key
  std::string message_;        // on the last line, until the next key
  bool error_ = false;         // it is one
  bool problem_said_ = false;  // Window::problem
  int width_ = 80, height_ = 24;
  bool dash_ = false, z_ = false;      // a - was typed, or a Z
  Action letter_for_ = Action::kNone;  // kMark, kToMark: its letter comes next
  Edit edit_;
  Errand errand_;
  std::string copy_;
  bool mouse_, bell_ = false;
  bool ascii_ = false, ascii_chosen_ = false;
  SearchModes search_modes_;
  bool search_literal_ = false;
  query::Pattern::Case case_ = query::Pattern::Case::kSmart;
  FilterMode filter_mode_;
  int64_t context_;
  bool callers_ = true;
  bool done_ = false, suspend_ = false, repaint_ = false;
};

}  // namespace pytrace::reader::tui

#endif  // PYTRACE_READER_TUI_APPLICATION_H_
