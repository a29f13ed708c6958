// Puts a function of ours in the place of one of the interpreter's, for all its callers: a jump over its first
// instructions. The whole function is replaced, never a part of it, so nothing of its code is read or moved.
#ifndef PYTRACE_PYSHIM_REPLACE_FUNCTION_H_
#define PYTRACE_PYSHIM_REPLACE_FUNCTION_H_

#include <cstddef>

namespace pytrace::py {

inline constexpr size_t kJumpBytes = 20;
struct ReplacedFunction {
  void* function = nullptr;  // nullptr: nothing is replaced
  unsigned char code[kJumpBytes];
};

// False: the system does not let code be changed (SELinux, MemoryDenyWriteExecute), the function is shorter than the
// jump, or this processor is not known; nothing has changed then. `function`: exported, and no thread may be in it.
bool ReplaceFunction(void* function, const void* replacement, ReplacedFunction* replaced);
void PutBack(ReplacedFunction* replaced);

}  // namespace pytrace::py

#endif  // PYTRACE_PYSHIM_REPLACE_FUNCTION_H_
