#include "reader/tui/bindings.h"

#include <algorithm>

namespace pytrace::reader::tui {
namespace {

std::vector<Binding>& Table() {
  static std::vector<Binding> bindings = {
      {Action::kDown, "down", {'j', kDown, 'e', Ctrl('n'), Ctrl('e')}, "N rows forward", "Moving"},
      {Action::kUp, "up", {'k', kUp, 'y', Ctrl('p'), Ctrl('y'), Ctrl('k')}, "N rows back", nullptr},
      {Action::kPageDown, "page-down", {' ', 'f', kPageDown, Ctrl('f'), Ctrl('v')}, "a page (N rows) forward", nullptr},
      {Action::kPageUp, "page-up", {'b', kPageUp, Ctrl('b'), 'v' + kAlt}, "a page (N rows) back", nullptr},
      {Action::kWindowDown, "window-down", {'z'}, "a page forward; N sets how many rows a page has", nullptr},
      {Action::kWindowUp, "window-up", {'w'}, "a page back; N sets how many rows a page has", nullptr},
      {Action::kHalfDown, "half-down", {'d', Ctrl('d')}, "half a page forward; N sets how much", nullptr},
      {Action::kHalfUp, "half-up", {'u', Ctrl('u')}, "half a page back; N sets how much", nullptr},
      {Action::kFirst, "first", {'g', '<', kHome}, "the first row, or row N", nullptr},
      {Action::kLast, "last", {'G', '>', kEnd}, "the last row, or row N", nullptr},
      {Action::kPercent, "percent", {'p', '%'}, "N percent into the recording", nullptr},
      {Action::kRight, "right", {kRight, ')' + kAlt}, "half a screen (N columns) to the right", nullptr},
      {Action::kLeft, "left", {kLeft, '(' + kAlt}, "half a screen (N columns) to the left", nullptr},
      {Action::kRightEnd, "right-end", {kCtrlRight}, "to the end of the longest row", nullptr},
      {Action::kLeftEnd, "left-end", {kCtrlLeft}, "to the first column", nullptr},
      {Action::kSearchForward,
       "search-forward",
       {'/'},
       "search forward for the Nth match of a regular expression",
       "Searching"},
      {Action::kSearchBackward, "search-backward", {'?'}, "search backward", nullptr},
      {Action::kNextHit, "next-hit", {'n'}, "the Nth next match", nullptr},
      {Action::kPreviousHit, "previous-hit", {'N'}, "the Nth previous match", nullptr},
      {Action::kToggleHits, "toggle-hits", {'u' + kAlt}, "show matches or do not", nullptr},
      {Action::kForgetHits, "forget-hits", {'U' + kAlt}, "forget the pattern", nullptr},
      {Action::kCase, "case", {Dash('i')}, "searches: smart case, ignore case, heed case", nullptr},
      {Action::kIgnoreCase, "ignore-case", {Dash('I')}, "searches: ignore case, or smart case", nullptr},
      {Action::kSearchFunction, "search-function", {'*'}, "search for the function of the row", nullptr},
      {Action::kNextException, "next-exception", {'x'}, "the Nth next exception", nullptr},
      {Action::kPreviousException, "previous-exception", {'X'}, "the Nth previous exception", nullptr},
      {Action::kNextSame, "next-same", {'a'}, "the Nth next call of the same function", nullptr},
      {Action::kPreviousSame, "previous-same", {'A'}, "the Nth previous call of the same function", nullptr},
      {Action::kMark, "mark", {'m'}, "set a mark: m and a letter", nullptr},
      {Action::kMarkLast, "mark-last", {'M'}, "the same for the last row of the screen", nullptr},
      {Action::kToMark, "to-mark", {'\''}, "to a mark: ' and its letter; '' to where you were", nullptr},
      {Action::kFilter, "filter", {'&', 'r'}, "show only what a filter matches; an empty one shows all", "Filtering"},
      {Action::kOnly,
       "only",
       {'+'},
       "and only the field with the cursor, else the function (thread) of the row",
       nullptr},
      {Action::kWithout, "without", {'\\'}, "and without it", nullptr},
      {Action::kBack, "back", {kBackspace}, "the filter before", nullptr},
      {Action::kRedo, "redo", {kBackspace + kAlt}, "the filter that Backspace undid", nullptr},
      {Action::kFilters,
       "filters",
       {'P'},
       "the parts of the filter: Enter switches one off and on, v edits, \\ removes, + leaves only it",
       nullptr},
      {Action::kFilterMode,
       "filter-mode",
       {Dash('f')},
       "what does not match: hidden; dim; dim, and only N rows around a match",
       nullptr},
      {Action::kCallers,
       "callers",
       {Dash('p')},
       "tree: the callers of what the filter matches, dim, or only what it matches",
       nullptr},
      {Action::kStartup, "startup", {'S'}, "show or hide start-up, imports and shut-down", nullptr},
      {Action::kFollow,
       "follow",
       {'F'},
       "go to the end and stay there as the recording grows; ^C or moving up ends it",
       nullptr},
      {Action::kFollowHit,
       "follow-hit",
       {'F' + kAlt},
       "the same until a new row matches the pattern; rings then",
       nullptr},
      {Action::kFollowRing, "follow-ring", {'f' + kAlt}, "the same, and go on; rings at each match", nullptr},
      {Action::kPartner, "partner", {'}'}, "from a call to its end", "Calls"},
      {Action::kPartnerBack, "partner-back", {'{'}, "from the end of a call to its start", nullptr},
      {Action::kCaller, "caller", {','}, "to the call from which this one was made", nullptr},
      {Action::kCallee, "callee", {'.'}, "to the first call that it made", nullptr},
      {Action::kNextSibling,
       "next-sibling",
       {']'},
       "the next event of the thread; in the tree the next call beside it",
       nullptr},
      {Action::kPreviousSibling, "previous-sibling", {'['}, "the one before", nullptr},
      {Action::kLongest, "longest", {'l'}, "to the longest call that it made", nullptr},
      {Action::kEnter,
       "enter",
       {kEnter},
       "details of the event; open or close a call; the events of a function or thread",
       "Views"},
      {Action::kDetails, "details", {'i'}, "all arguments, result, statistics and source of the row, or not", nullptr},
      {Action::kPane,
       "pane",
       {kTab},
       "a cursor in the strip of time or the details, or on the next field of the row; N: on its Nth field",
       nullptr},
      {Action::kWrapDetails, "wrap-details", {'w'}, "in the details: long values in lines, or a line each", nullptr},
      {Action::kEdit, "edit", {'v'}, "open its source in $VISUAL or $EDITOR", nullptr},
      {Action::kTree, "tree", {'t'}, "the tree of calls, at this one; from there the event", nullptr},
      {Action::kHot, "hot", {'o'}, "hot functions, with callers and callees", nullptr},
      {Action::kExceptions, "exceptions", {'E'}, "where exceptions began, those that got farthest first", nullptr},
      {Action::kThreads, "threads", {'T'}, "processes and threads", nullptr},
      {Action::kOpen, "open", {')'}, "tree: open N levels", nullptr},
      {Action::kCloseNode, "close-node", {'('}, "tree: close", nullptr},
      {Action::kOrder,
       "order",
       {'O'},
       "tables and tree: another order; N: by column N, again: the other way round",
       nullptr},
      {Action::kLimit, "limit", {'L'}, "tree, hot functions: hide what is below N percent", nullptr},
      {Action::kGroup,
       "group",
       {Dash('g')},
       "tree: merge the same calls; hot functions: by module, file, thread",
       nullptr},
      {Action::kTimeline,
       "timeline",
       {Dash('z')},
       "show or hide the strip: how events lie in time; Tab goes there",
       "Showing"},
      {Action::kRange, "range", {' '}, "in the strip: begin a range, or drop it", nullptr},
      {Action::kZoomIn, "zoom-in", {'z'}, "in the strip: only the range, or what is near the cursor", nullptr},
      {Action::kZoomOut, "zoom-out", {'Z'}, "in the strip: out of that again", nullptr},
      {Action::kTimeFormat,
       "time-format",
       {Dash('t')},
       "times of day, since the start, since the row before, since the last mark; with the date",
       nullptr},
      {Action::kSinceStart,
       "since-start",
       {Dash('T')},
       "show or hide times since the start, beside those of day",
       nullptr},
      {Action::kWrap, "wrap", {Dash('S')}, "long rows go on in the next line, or are cut", nullptr},
      {Action::kNumbers, "numbers", {Dash('N')}, "show or hide the numbers of calls", nullptr},
      {Action::kColumns, "columns", {Dash('c')}, "show or hide thread and module", nullptr},
      {Action::kDurations, "durations", {Dash('d')}, "show or hide durations", nullptr},
      {Action::kReturns,
       "returns",
       {Dash('r')},
       "ends as func = type: value, or as the first pytrace had them",
       nullptr},
      {Action::kAscii, "ascii", {Dash('a')}, "draw with ASCII only, or not", nullptr},
      {Action::kPointer, "mouse", {Dash('m')}, "wheel, click on rows, headers and the bar: on or off", nullptr},
      {Action::kSave,
       "save",
       {'s'},
       "write the events that are shown to a file: .txt .csv .tsv .jsonl .json (Perfetto) .html",
       "Others"},
      {Action::kCopy, "copy", {'C'}, "copy the field with the cursor, else the row", nullptr},
      {Action::kPipe, "pipe", {'|'}, "give the events that are shown to a shell command", nullptr},
      {Action::kCommand, "command", {':'}, "a command: time zoom goto filter set save print sql q", nullptr},
      {Action::kNextView, "next-view", {kShiftTab}, "the field before; without a cursor the next view", nullptr},
      {Action::kInfo, "info", {'=', Ctrl('g')}, "what this recording is", nullptr},
      {Action::kHelp, "help", {'h', 'H', kF1}, "this help", nullptr},
      {Action::kRepaint, "repaint", {Ctrl('l'), Ctrl('r'), 'R'}, "paint the screen anew", nullptr},
      {Action::kSuspend, "suspend", {kCtrlZ}, "suspend", nullptr},
      {Action::kClose, "close", {'q'}, "leave this view; leave the reader", nullptr},
      {Action::kQuit, "quit", {'Q', Twice('Z')}, "leave the reader", nullptr},
  };
  return bindings;
}

}  // namespace

std::span<const Binding> AllBindings() { return Table(); }

bool Bind(Key key, std::string_view action) {
  std::vector<Binding>& table = Table();
  bool none = action == "none";
  auto to = std::find_if(table.begin(), table.end(), [&](const Binding& binding) { return action == binding.name; });
  if (to == table.end() && !none) return false;
  for (Binding& binding : table) std::erase(binding.keys, key);
  if (!none) to->keys.push_back(key);
  return true;
}

unsigned WhereIs(Action action) {
  switch (action) {
    case Action::kToggleHits:
    case Action::kForgetHits:
    case Action::kNextException:
    case Action::kPreviousException:
    case Action::kNextSame:
    case Action::kPreviousSame:
    case Action::kMark:
    case Action::kMarkLast:
    case Action::kToMark:
    case Action::kFilterMode:
    case Action::kFollow:
    case Action::kFollowHit:
    case Action::kFollowRing:
    case Action::kPartner:
    case Action::kPartnerBack:
    case Action::kRightEnd:
    case Action::kTimeline:
    case Action::kTimeFormat:
    case Action::kSinceStart:
    case Action::kWrap:
    case Action::kNumbers:
    case Action::kColumns:
    case Action::kDurations:
    case Action::kReturns:
      return kInEvents;
    case Action::kCaller:
    case Action::kCallee:
    case Action::kNextSibling:
    case Action::kPreviousSibling:
      return kInEvents | kInTree;
    case Action::kLongest:
      return kInEvents | kInTree | kInHot;
    case Action::kOpen:
    case Action::kCloseNode:
    case Action::kCallers:
      return kInTree;
    case Action::kLimit:
    case Action::kGroup:
      return kInTree | kInHot;
    case Action::kOrder:
      return kInTree | kInHot | kInThreads;
    case Action::kWrapDetails:
      return kInDetails;
    case Action::kRange:
    case Action::kZoomIn:
    case Action::kZoomOut:
      return kInStrip;
    default:
      return kInEvery;
  }
}

Where WhereIs(std::string_view view_name) {
  return view_name == "events"          ? kInEvents
         : view_name == "tree"          ? kInTree
         : view_name == "hot functions" ? kInHot
         : view_name == "exceptions"    ? kInExceptions
         : view_name == "threads"       ? kInThreads
                                        : kInEvery;
}

const Binding* FindBinding(Key key, Where where) {
  const Binding* found = nullptr;
  for (const Binding& binding : AllBindings()) {
    if (std::find(binding.keys.begin(), binding.keys.end(), key) == binding.keys.end()) continue;
    unsigned places = WhereIs(binding.action);
    if (places == where) return &binding;
    bool elsewhere = places == kInDetails || places == kInStrip;  // there its keys are others than the view's
    if (found == nullptr && !elsewhere) found = &binding;
  }
  return found;
}

}  // namespace pytrace::reader::tui
