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
  kFilters,
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
  kWrapDetails,
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
  kRange,
  kZoomIn,
  kZoomOut,
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

// Where an action means something: views, and what may have the keys inside one.
enum Where : unsigned {
  kInEvents = 1,
  kInTree = 2,
  kInHot = 4,
  kInExceptions = 8,
  kInThreads = 16,
  kInDetails = 32,
  kInStrip = 64,
  kInEvery = 1u << 31,  // whatever the view
};
unsigned WhereIs(Action action);
Where WhereIs(std::string_view view_name);  // kInEvery: there is nothing special about it

std::span<const Binding> AllBindings();
// Gives the key another meaning, for the rest of the run; `none`: no meaning. false: there is no such action.
bool Bind(Key key, std::string_view action);
// nullptr: the key has no meaning. What it means only there comes first.
const Binding* FindBinding(Key key, Where where = kInEvery);

}  // namespace pytrace::reader::tui

#endif  // PYTRACE_READER_TUI_BINDINGS_H_
