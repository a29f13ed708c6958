// What an action means to the reader; what it means to a view is the view's.
#include <algorithm>
#include <memory>
#include <optional>
#include <string>

#include "reader/tui/application.h"
#include "reader/tui/filter_text.h"
#include "reader/tui/view_exceptions.h"
#include "reader/tui/view_help.h"
#include "reader/tui/view_hot.h"
#include "reader/tui/view_threads.h"
#include "reader/tui/view_tree.h"

namespace pytrace::reader::tui {

// What an action means: to the details, to the frame around the views, else to the view.
void Application::Do(Action action, int64_t count) {
  if (in_details_ && ScrollDetails(action, count)) return;
  if (action == Action::kPane && count > 0) {
    if (!view()->GoToField(count)) message_ = "there are no fields here";
    return;
  }
  if (DoOptions(action, count) || DoDetails(action) || DoViews(action) || DoFilters(action) ||
      DoPrompts(action, count) || DoReader(action))
    return;
  bool follows_hit = action == Action::kFollowHit || action == Action::kFollowRing;
  if (view()->Do(action, count)) {
    if ((action == Action::kFollow || follows_hit) && !live()) message_ = "all programs have ended: no more rows come";
    return Take(view()->TakeRequest());
  }
  bool wants_pattern = action == Action::kNextHit || action == Action::kPreviousHit || (follows_hit && Is("events"));
  message_ = wants_pattern ? "No pattern defined: / searches" : "this has no meaning here";
}

bool Application::ScrollDetails(Action action, int64_t count) {
  constexpr int64_t kFar = 1 << 30;
  int64_t n = std::max<int64_t>(1, count), side = count > 0 ? count : DetailsWidth() / 2;
  switch (action) {
    case Action::kDown:
    case Action::kUp:
      details_.Scroll(action == Action::kDown ? n : -n);
      return true;
    case Action::kPageDown:
    case Action::kPageUp:
      details_.ScrollPage(action == Action::kPageDown);
      return true;
    case Action::kFirst:
    case Action::kLast:
      details_.Scroll(action == Action::kLast ? kFar : -kFar);
      return true;
    case Action::kLeft:
    case Action::kRight:
      details_.Sideways(action == Action::kRight ? side : -side);
      return true;
    case Action::kLeftEnd:
      details_.Sideways(-kFar);
      return true;
    case Action::kWrapDetails:
      message_ = details_.ToggleWrap() ? "long values go on in the next line" : "a line for each value";
      return true;
    default:
      return false;
  }
}

// From the rows to the strip of time, from there to the details, and back; what is not on the screen is left out. Where
// there are only rows, to their next field.
void Application::NextPane() {
  bool in_strip = Is("events") && events()->in_strip();
  if (in_strip) events()->LeaveStrip();
  if (!in_strip && !in_details_ && Is("events") && events()->EnterStrip()) return;
  in_details_ = details_shown() && !in_details_;
  if (!in_strip && !details_shown() && !view()->MoveField(true)) message_ = "there are no fields here";
}

// Enter is the details' where a row has nothing else to open.
bool Application::DoDetails(Action action) {
  switch (action) {
    case Action::kEnter:
      if (!Is("events")) return false;
      if (events()->in_strip()) {
        events()->LeaveStrip();
        return true;
      }
      if (details_open_ && Body().height() > 0) {
        in_details_ = !in_details_;
        return true;
      }
      [[fallthrough]];
    case Action::kDetails:
      details_open_ = !details_open_;
      in_details_ = false;
      Arrange();
      return true;
    case Action::kPane:
      NextPane();
      return true;
    case Action::kEdit:
      if (Is("filters")) return false;
      OpenEditor();
      return true;
    default:
      return false;
  }
}

// false: it is on the screen already, or the view's own.
bool Application::DoViews(Action action) {
  switch (action) {
    case Action::kTree:
      if (!Is("events")) return false;
      Push(std::make_unique<TreeView>(window_, view()->Focus().call));
      return true;
    case Action::kHot:
      if (Is("hot functions")) return false;
      Push(std::make_unique<HotView>(window_));
      return true;
    case Action::kThreads:
      if (Is("threads")) return false;
      Push(std::make_unique<ThreadsView>(window_));
      return true;
    case Action::kExceptions:
      if (Is("exceptions")) return false;
      Push(std::make_unique<ExceptionsView>(window_));
      return true;
    case Action::kFilters:
      ShowFilters();
      return true;
    case Action::kHelp:
      if (!Is("help")) Push(std::make_unique<HelpView>(where(), view()->name()));
      in_details_ = false;
      return true;
    case Action::kNextView:
      if (where() == kInDetails || where() == kInStrip || !view()->MoveField(false)) NextView();
      return true;
    case Action::kClose:
      Close();
      return true;
    default:
      return false;
  }
}

bool Application::DoFilters(Action action) {
  switch (action) {
    case Action::kBack:
      UndoFilter();
      return true;
    case Action::kRedo:
      RedoFilter();
      return true;
    case Action::kOnly:
    case Action::kWithout: {
      if (in_details_) {
        std::string filter = details_.CursorFilter();
        if (filter.empty()) {
          message_ = "there is no field in this line";
        } else {
          Narrow(action == Action::kOnly ? filter : "not (" + filter + ")");
        }
        return true;
      }
      if (std::optional<std::string> filter = view()->FieldFilter()) {
        if (filter->empty()) {
          message_ = "the value is too long, or was not captured";
        } else {
          Narrow(action == Action::kOnly ? *filter : "not (" + *filter + ")");
        }
        return true;
      }
      if (!Is("events") && !Is("tree")) return false;
      const store::Function* function = window_->database()->catalog().function(view()->Focus().function);
      if (function == nullptr) {
        message_ = "there is no function here";
        return true;
      }
      Narrow(action == Action::kOnly ? FilterFor(*function) : "not (" + FilterFor(*function) + ")");
      return true;
    }
    default:
      return false;
  }
}

// What asks for a line, or for a letter.
bool Application::DoPrompts(Action action, int64_t count) {
  switch (action) {
    case Action::kSearchForward:
    case Action::kSearchBackward:
      prompt_count_ = count;
      OpenPrompt(action == Action::kSearchForward ? PromptKind::kForward : PromptKind::kBackward);
      return true;
    case Action::kSearchFunction:
      SearchFunction();
      return true;
    case Action::kFilter:
      OpenPrompt(PromptKind::kFilter);
      return true;
    case Action::kSave:
      OpenPrompt(PromptKind::kSave);
      return true;
    case Action::kPipe:
      OpenPrompt(PromptKind::kPipe);
      return true;
    case Action::kCommand:
      OpenPrompt(PromptKind::kCommand);
      return true;
    case Action::kMark:
    case Action::kMarkLast:
    case Action::kToMark:
      letter_for_ = action;
      return true;
    default:
      return false;
  }
}

bool Application::DoReader(Action action) {
  switch (action) {
    case Action::kCopy:
      Copy();
      return true;
    case Action::kInfo:
      message_ = InfoText();
      return true;
    case Action::kRepaint:
      repaint_ = true;
      return true;
    case Action::kSuspend:
      suspend_ = true;
      return true;
    case Action::kQuit:
      done_ = true;
      return true;
    default:
      return false;
  }
}

}  // namespace pytrace::reader::tui
