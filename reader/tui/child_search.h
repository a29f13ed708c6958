// Looks for the first or the longest of the calls that a call made, block by block.
#ifndef PYTRACE_READER_TUI_CHILD_SEARCH_H_
#define PYTRACE_READER_TUI_CHILD_SEARCH_H_

#include <cstdint>

#include "reader/call_source.h"
#include "reader/call_walk.h"
#include "reader/tui/view.h"

namespace pytrace::reader::tui {

class ChildSearch {
 public:
  ChildSearch(Window* window, const CallFacts& call, bool longest);
  bool Work(Deadline deadline);  // whether anything is left
  // id 0: none was found so far.
  const CallFacts& found() const { return found_; }
  int percent() const;

 private:
  ChildSearch(Window* window, const CallFacts& call, bool longest, size_t first, size_t end);

  CallFacts call_, found_;
  bool longest_;
  size_t first_, end_;  // blocks
  CallWalk walk_;
};

}  // namespace pytrace::reader::tui

#endif  // PYTRACE_READER_TUI_CHILD_SEARCH_H_
