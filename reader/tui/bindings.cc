#include "reader/tui/bindings.h"

#include <algorithm>

namespace pytrace::reader::tui {

std::span<const Binding> AllBindings() {
  static const std::vector<Binding> bindings = {
      {Action::kDown, {'j', kDown, 'e', Ctrl('n'), Ctrl('e')}, "N rows forward", "Moving"},
      {Action::kUp, {'k', kUp, 'y', Ctrl('p'), Ctrl('y'), Ctrl('k')}, "N rows back", nullptr},
      {Action::kPageDown, {' ', 'f', kPageDown, Ctrl('f'), Ctrl('v'), 'z'}, "a page (N rows) forward", nullptr},
      {Action::kPageUp, {'b', kPageUp, Ctrl('b'), 'v' + kAlt, 'w'}, "a page (N rows) back", nullptr},
      {Action::kHalfDown, {'d', Ctrl('d')}, "half a page forward; N sets how much", nullptr},
      {Action::kHalfUp, {'u', Ctrl('u')}, "half a page back; N sets how much", nullptr},
      {Action::kFirst, {'g', '<', kHome}, "the first row, or row N", nullptr},
      {Action::kLast, {'G', '>', kEnd}, "the last row, or row N", nullptr},
      {Action::kPercent, {'p', '%'}, "N percent into the recording", nullptr},
      {Action::kRight, {kRight, ')' + kAlt}, "half a screen (N columns) to the right", nullptr},
      {Action::kLeft, {kLeft, '(' + kAlt}, "half a screen (N columns) to the left", nullptr},
      {Action::kRightEnd, {kCtrlRight}, "to the end of the longest row", nullptr},
      {Action::kLeftEnd, {kCtrlLeft}, "to the first column", nullptr},
      {Action::kSearchForward, {'/'}, "search forward for the Nth match of a regular expression", "Searching"},
      {Action::kSearchBackward, {'?'}, "search backward", nullptr},
      {Action::kNextHit, {'n'}, "the Nth next match", nullptr},
      {Action::kPreviousHit, {'N'}, "the Nth previous match", nullptr},
      {Action::kToggleHits, {'u' + kAlt}, "show matches or do not", nullptr},
      {Action::kSearchFunction, {'*'}, "search for the function of the row", nullptr},
      {Action::kNextException, {'x'}, "the Nth next exception", nullptr},
      {Action::kPreviousException, {'X'}, "the Nth previous exception", nullptr},
      {Action::kNextSame, {'a'}, "the Nth next call of the same function", nullptr},
      {Action::kPreviousSame, {'A'}, "the Nth previous call of the same function", nullptr},
      {Action::kMark, {'m'}, "set a mark: m and a letter", nullptr},
      {Action::kToMark, {'\''}, "to a mark: ' and its letter; '' to where you were", nullptr},
      {Action::kFilter, {'&', 'r'}, "show only what a filter matches; an empty one shows all", "Filtering"},
      {Action::kOnly, {'+'}, "and only the function (thread) of the row", nullptr},
      {Action::kWithout, {'\\'}, "and without the function (thread) of the row", nullptr},
      {Action::kBack, {kBackspace}, "the filter before", nullptr},
      {Action::kStartup, {'S'}, "show or hide start-up, imports and shut-down", nullptr},
      {Action::kFollow, {'F'}, "go to the end and stay there as the recording grows; ^C or moving up ends it", nullptr},
      {Action::kPartner, {'}'}, "from a call to its end", "Calls"},
      {Action::kPartnerBack, {'{'}, "from the end of a call to its start", nullptr},
      {Action::kCaller, {','}, "to the call from which this one was made", nullptr},
      {Action::kCallee, {'.'}, "to the first call that it made", nullptr},
      {Action::kNextSibling, {']'}, "the next event of the thread; in the tree the next call beside it", nullptr},
      {Action::kPreviousSibling, {'['}, "the one before", nullptr},
      {Action::kLongest, {'l'}, "to the longest call that it made", nullptr},
      {Action::kEnter,
       {kEnter},
       "details of the event; open or close a call; the events of a function or thread",
       "Views"},
      {Action::kDetails, {'i'}, "all arguments, result, statistics and source of the row, or not", nullptr},
      {Action::kPane, {kTab}, "scroll the details instead; back", nullptr},
      {Action::kEdit, {'v'}, "open its source in $VISUAL or $EDITOR", nullptr},
      {Action::kTree, {'t'}, "the tree of calls, at this one; from there the event", nullptr},
      {Action::kHot, {'o'}, "hot functions, with callers and callees", nullptr},
      {Action::kThreads, {'T'}, "processes and threads", nullptr},
      {Action::kOpen, {')'}, "tree: open N levels", nullptr},
      {Action::kCloseNode, {'('}, "tree: close", nullptr},
      {Action::kOrder, {'O'}, "tables and tree: another order", nullptr},
      {Action::kLimit, {'L'}, "tree: hide what is below N percent of its caller", nullptr},
      {Action::kGroup, {Dash('g')}, "tree: merge the same calls; hot functions: by module, file", nullptr},
      {Action::kInfo, {'=', Ctrl('g')}, "what this recording is", "Others"},
      {Action::kHelp, {'h', 'H', kF1}, "this help", nullptr},
      {Action::kRepaint, {Ctrl('l'), Ctrl('r'), 'R'}, "paint the screen anew", nullptr},
      {Action::kSuspend, {kCtrlZ}, "suspend", nullptr},
      {Action::kClose, {'q'}, "leave this view; leave the reader", nullptr},
      {Action::kQuit, {'Q'}, "leave the reader", nullptr},
  };
  return bindings;
}

const Binding* FindBinding(Key key) {
  for (const Binding& binding : AllBindings()) {
    if (std::find(binding.keys.begin(), binding.keys.end(), key) != binding.keys.end()) return &binding;
  }
  return nullptr;
}

}  // namespace pytrace::reader::tui
