// A view: a kind of screen over the same window of events. The application owns the frame (state bar, last line,
// prompts); a view owns what is between. To add one: a file view_NAME.cc that implements this, a key in bindings.cc, a
// line in Application::Open.
#ifndef PYTRACE_READER_TUI_VIEW_H_
#define PYTRACE_READER_TUI_VIEW_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "reader/query/pattern.h"
#include "reader/tui/bindings.h"
#include "reader/tui/canvas.h"

namespace pytrace::reader::tui {

using Deadline = std::chrono::steady_clock::time_point;

// The rows of the canvas that belong to the view: [top, bottom).
struct Area {
  int top = 0, bottom = 0;
  int height() const { return bottom > top ? bottom - top : 0; }
};

// What a view asks of the application after an action.
struct Request {
  enum class Kind {
    kNone,
    kFilter,   // show what `text` and the filter match, as events
    kEvents,   // the event view, at the start of `call`
    kTree,     // the tree, at `call`
    kReplace,  // `text` is the filter, in this view
    kZoom,     // only the time that `text` is a filter for
    kZoomOut,
    // Of the filter number `call`:
    kToggleFilter,
    kOnlyFilter,  // the others are off
    kRemoveFilter,
    kEditFilter,
  };
  Kind kind = Kind::kNone;
  std::string text;
  int64_t call = 0;
};

// What the focus is on, as far as there is one.
struct Subject {
  int64_t call = 0;
  uint32_t function = 0;
  bool end = false;  // the call's end
};

// Typed before a pattern: ! or ^N, ^K, ^W.
struct SearchModes {
  bool negated = false;  // rows that do not match
  bool stay = false;     // only count and mark
  bool wrap = false;     // go on at the other end
};

class View {
 public:
  virtual ~View() = default;

  virtual const char* name() const = 0;  // the word that the user knows it by
  virtual void Draw(Canvas* canvas, Area area) = 0;
  // The area is about to change; called before the first Draw, too.
  virtual void Resize(int width, int height) = 0;
  // `count` 0: none was typed. false: the action means nothing here.
  virtual bool Do(Action action, int64_t count) = 0;
  // Finds the next match from the focus on. A new pattern replaces the old one; nullptr: the same again.
  virtual bool Search(std::shared_ptr<const query::Pattern> pattern, bool forward, int64_t count) = 0;

  // A pattern as it is typed, nullptr: there is none yet. `leave`: the prompt was left; else Search comes next.
  virtual void Preview(std::shared_ptr<const query::Pattern> /*pattern*/, bool /*forward*/) {}
  virtual void EndPreview(bool /*leave*/) {}

  // Long work in slices: does a piece of what an action began, until the deadline at most. busy(): the action is not
  // finished, keys wait. idle work (counting) goes on while keys are read. Work returns whether anything is left.
  virtual bool busy() const { return false; }
  virtual bool Work(Deadline) { return false; }
  virtual void Cancel() {}  // ^C: keep what there is

  // Marks: the place of the focus under a letter. false: the view has no places, or not this one.
  virtual bool SetMark(Key /*letter*/) { return false; }
  virtual bool SetMarkBelow(Key /*letter*/) { return false; }  // of the last row on the screen
  virtual bool GoToMark(Key /*letter*/) { return false; }
  virtual void GoToCall(int64_t /*id*/) {}
  virtual void GoToTime(int64_t /*ns*/) {}

  // The cursor on a field of the focused row: to the next one; the first time it appears. false: the view has none,
  // or, backward, it is not there.
  virtual bool MoveField(bool /*forward*/) { return false; }
  virtual bool GoToField(int64_t /*number*/) { return false; }  // 1: the first one
  virtual bool LeaveField() { return false; }                   // whether it was there
  // The filter for the field with the cursor, empty: there can be none. nullopt: no field has it.
  virtual std::optional<std::string> FieldFilter() { return std::nullopt; }

  // A click on a cell: row 0 is the first of the view's area.
  virtual void Click(int /*row*/, int /*column*/) {}
  // The focused row as a line of text, or its field with the cursor. Empty: there is none.
  virtual std::string CopyText() { return ""; }
  // The rows on the screen, whole, a line each.
  virtual std::string ScreenText() { return ""; }
  // What a search does beside matching.
  virtual void SetSearchModes(const SearchModes& /*modes*/) {}
  // Percent of what goes on in the background; -1: nothing does.
  virtual int Progress() { return -1; }
  virtual bool TakeBell() { return false; }  // something happened that one waits for; once

  virtual Request TakeRequest() { return {}; }
  virtual Subject Focus() { return {}; }

  // The window was refreshed. `same`: the database has grown; else the filter or the run is another one.
  virtual void Changed(bool /*same*/) {}
  virtual bool following() const { return false; }
  virtual std::string Status() { return ""; }    // for the last line, while there is nothing else to say
  virtual std::string Position() { return ""; }  // for the state bar, at the right
  virtual std::string Breadcrumb(const char* /*separator*/) { return ""; }  // for the line above the last
  virtual std::string TakeMessage() { return ""; }                          // for the last line; once
};

}  // namespace pytrace::reader::tui

#endif  // PYTRACE_READER_TUI_VIEW_H_
