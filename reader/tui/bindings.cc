#include "reader/tui/bindings.h"

#include <algorithm>

namespace pytrace::reader::tui {

std::span<const Binding> AllBindings() {
  static const std::vector<Binding> bindings = {
      {Action::kDown, {'j', kDown, 'e', kEnter, Ctrl('n'), Ctrl('e')}, "N rows forward", "Moving"},
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
      {Action::kFilter, {'&', 'r'}, "show only what a filter matches; an empty one shows all", "Filtering"},
      {Action::kStartup, {'S'}, "show or hide start-up, imports and shut-down", nullptr},
      {Action::kFollow, {'F'}, "go to the end and stay there as the recording grows; ^C or moving up ends it", nullptr},
      {Action::kPartner, {'}'}, "from a call to its end", "Calls"},
      {Action::kPartnerBack, {'{'}, "from the end of a call to its start", nullptr},
      {Action::kCaller, {','}, "to the call from which this one was made", nullptr},
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
