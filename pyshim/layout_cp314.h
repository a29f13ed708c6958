// CPython 3.14 and 3.15: as 3.13, but what lies in a frame is a tagged reference (_PyStackRef,
// Include/internal/pycore_stackref.h) and tuples keep their hash.
#ifndef PYTRACE_PYSHIM_LAYOUT_CP314_H_
#define PYTRACE_PYSHIM_LAYOUT_CP314_H_

#include "pyshim/layout_cp312.h"

namespace pytrace::py {

struct Cp314 : Cp313 {
  static constexpr int kMinor = 14;
  static constexpr int kCodeBasicsize = 208;
  static constexpr int kCodeExtra = 200;
  static constexpr int kFrameOwner = 74, kFrameLocals = 80;
  static const void* Previous(const void* frame) { return Caller(frame, kFrameOwner); }
  static constexpr int kTupleItems = 32;
  // Only code without co_extra goes to another interpreter (_PyCode_CheckNoInternalState).
  static constexpr bool kSharesBareCode = true;

  // GIL builds: both low bits set is a tagged int (no argument is one), 1 alone is NULL, else bit 0 says that the frame
  // does not own the reference.
  static Object* Slot(Object* raw) {
    uintptr_t bits = reinterpret_cast<uintptr_t>(raw);
    if ((bits & 3) == 3 || bits == 1) return nullptr;
    return reinterpret_cast<Object*>(bits & ~uintptr_t{3});
  }
  static const Object* Code(const void* frame) {
    return reinterpret_cast<const Object*>(At<uintptr_t>(frame, kFrameCode) & ~uintptr_t{3});
  }
};

struct Cp315 : Cp314 {
  static constexpr int kMinor = 15;
};

}  // namespace pytrace::py

#endif  // PYTRACE_PYSHIM_LAYOUT_CP314_H_
