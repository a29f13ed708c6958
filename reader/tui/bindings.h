// Which key does what: the one table behind the keyboard and the help screen.
#ifndef PYTRACE_READER_TUI_BINDINGS_H_
#define PYTRACE_READER_TUI_BINDINGS_H_

#include <span>
#include <string_view>
#include <vector>

#include "reader/tui/keys.h"

namespace pytrace::reader::tui {

enum class Action {
  kNone,
  kDown,
  kUp,
  kPageDown,
  kPageUp,
  kWindowDown,
  kWindowUp,
  kHalfDown,
  kHalfUp,
  kFirst,
  kLast,
  kPercent,
  kLeft,
  kRight,
  kLeftEnd,
  kRightEnd,
  kSearchForward,
  kSearchBackward,
  kNextHit,
  kPreviousHit,
  kToggleHits,
  kForgetHits,
  kCase,
  kIgnoreCase,
  kFilter,
  kFollow,
  kFollowHit,
  kFollowRing,
  kStartup,
  kPartner,
  kPartnerBack,
  kCaller,
  kCallee,
  kNextSibling,
  kPreviousSibling,
  kNextSame,
  kPreviousSame,
  kNextException,
  kPreviousException,
  kLongest,
  kEnter,
  kOpen,
  kCloseNode,
  kOrder,
  kLimit,
  kGroup,
  kOnly,
  kWithout,
  kBack,
  kRedo,
  kSearchFunction,
  kMark,
  kMarkLast,
  kToMark,
  kTree,
  kHot,
  kThreads,
  kExceptions,
  kDetails,
  kPane,
  kEdit,
  kSave,
  kCopy,
  kPipe,
  kCommand,
  kNumbers,
  kWrap,
  kSinceStart,
  kFilterMode,
  kCallers,
  kTimeFormat,
  kReturns,
  kColumns,
  kDurations,
  kTimeline,
  kPointer,
  kAscii,
  kNextView,
  kInfo,
  kHelp,
  kRepaint,
  kSuspend,
  kClose,
  kQuit,
};

struct Binding {
  Action action;
  const char* name;  // in a configuration
  std::vector<Key> keys;
  const char* help;     // N: the count typed before the key
  const char* heading;  // begins a group; nullptr: as the one before
};

std::span<const Binding> AllBindings();
// Gives the key another meaning, for the rest of the run; `none`: no meaning. false: there is no such action.
bool Bind(Key key, std::string_view action);
// nullptr: the key has no meaning.
const Binding* FindBinding(Key key);

}  // namespace pytrace::reader::tui

#endif  // PYTRACE_READER_TUI_BINDINGS_H_
