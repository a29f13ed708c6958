// 3.11.0 to 3.11.3 enter a __getitem__ that is written in Python without the eval-frame function, once the instruction
// of `container[key]` has been specialised for it (BINARY_SUBSCR_GETITEM): most of its calls would not be seen, and
// what they call would have another caller. Later ones look for the function first (gh-104405; no other instruction
// of 3.11 is like that).
#ifndef PYTRACE_PYSHIM_INLINED_GETITEM_H_
#define PYTRACE_PYSHIM_INLINED_GETITEM_H_

#include "pyshim/api.h"

namespace pytrace::py {

// Sees to it that the instruction is specialised for no function from now on. Under the GIL, before the eval-frame
// function is set. "", also where there is nothing to do; else what is missing in the recording because of that.
const char* StopInlinedGetItem(const Api& api);

}  // namespace pytrace::py

#endif  // PYTRACE_PYSHIM_INLINED_GETITEM_H_
