// Which interpreter is this process? Exact or "unsupported", never "nearest".
#ifndef PYTRACE_PYSHIM_DETECT_H_
#define PYTRACE_PYSHIM_DETECT_H_

#include "pyshim/api.h"

namespace pytrace::py {

struct Version {
  int major = 0, minor = 0;
  char text[32];  // "3.11.2"
  bool free_threaded = false;
};

Version ReadVersion(const Api& api);

// Checks what the interpreter tells about itself against layout L: the size of code objects and the offsets in
// PyCode_Type.tp_members. Reads static data of the interpreter only. nullptr, or which fact differs.
template <class L>
const char* CheckLayout(const Api& api);

}  // namespace pytrace::py

#endif  // PYTRACE_PYSHIM_DETECT_H_
