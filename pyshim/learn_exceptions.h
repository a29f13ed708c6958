// Measures where 2.7 keeps the exception of an event: see fetched_exception.h.
#ifndef PYTRACE_PYSHIM_LEARN_EXCEPTIONS_H_
#define PYTRACE_PYSHIM_LEARN_EXCEPTIONS_H_

#include "pyshim/api.h"
#include "pyshim/fetched_exception.h"

namespace pytrace::py {

// Runs a little code of our own, with a profile function of its own. `thrown`: at the start of a call, `raised`: at its
// end. What cannot be found stays unknown. Under the GIL, no profile function set.
void LearnExceptions(const Api& api, FetchedException* thrown, FetchedException* raised);

}  // namespace pytrace::py

#endif  // PYTRACE_PYSHIM_LEARN_EXCEPTIONS_H_
