// Functions that are handed to another interpreter. From 3.14 on only code objects without co_extra can be
// (_PyCode_CheckNoInternalState), and our words lie there.
#ifndef PYTRACE_PRELOAD_SHARE_H_
#define PYTRACE_PRELOAD_SHARE_H_

#include <string.h>

#include "pyshim/layout.h"

namespace pytrace {

// The standard library's functions that hand over what they are called with.
inline bool HandsOver(const char* module, size_t size) {
  constexpr char kInterpreters[] = "concurrent.interpreters", kQueues[] = "concurrent.interpreters._queues";
  return (size == sizeof(kInterpreters) - 1 && memcmp(module, kInterpreters, size) == 0) ||
         (size == sizeof(kQueues) - 1 && memcmp(module, kQueues, size) == 0);
}

// Takes our words off the functions among the arguments of such a call, which begins. Their next call defines them
// anew.
template <class L>
void TakeWordsOff(const py::Object* code, const void* frame);

}  // namespace pytrace

#endif  // PYTRACE_PRELOAD_SHARE_H_
