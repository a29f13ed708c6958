// CPython 3.12 and 3.13: the hook is sys.monitoring, the frame is looked up in the thread state.
#ifndef PYTRACE_PYSHIM_LAYOUT_CP312_H_
#define PYTRACE_PYSHIM_LAYOUT_CP312_H_

#include "pyshim/layout_cp311.h"

namespace pytrace::py {

// PyLongObject has lv_tag, PyASCIIObject lost wstr, the frame is found through tstate->cframe.
struct Cp312 {
  static constexpr int kMajor = 3, kMinor = 12;
  static constexpr int kCodeBasicsize = 192;
  static constexpr int kCodeFlags = 48, kCodeArgcount = 52, kCodeKwonly = 60, kCodeFirstLine = 68;
  static constexpr int kCodeLocalNames = 96, kCodeLocalKinds = 104, kCodeFile = 112, kCodeName = 120,
                       kCodeQualname = 128, kCodeExtra = 184;
  static constexpr int kFrameGlobals = 24, kFrameCode = 0, kFrameOwner = 70, kFrameLocals = 72;
  static constexpr bool kLongTag = true;
  static constexpr int kStrAscii = 40, kStrCompact = 56, kTupleItems = 24;
  static constexpr bool kHookTellsCreation = false;
  // PY_START fires at RESUME, after MAKE_CELL: slots of cell arguments hold cells.
  static constexpr bool kCellsAtEntry = true;
  static Object* Slot(Object* raw) { return raw; }
  static const Object* Code(const void* frame) { return At<const Object*>(frame, kFrameCode); }

  // The caller's. Between a function and C code that called it lies a frame of the interpreter's own (owner 3,
  // from 3.14 on also 4), which is no caller.
  static const void* Previous(const void* frame) { return Caller(frame, kFrameOwner); }

  // PyThreadState.cframe -> _PyCFrame.current_frame
  static const void* CurrentFrame(const void* tstate) { return At<const void*>(At<const void*>(tstate, 56), 0); }

 protected:
  static const void* Caller(const void* frame, int owner) {
    do {
      frame = At<const void*>(frame, 8);  // _PyInterpreterFrame.previous
    } while (frame != nullptr && At<uint8_t>(frame, owner) >= kOwnedByInterpreter);
    return frame;
  }
};

struct Cp313 : Cp312 {
  static constexpr int kMinor = 13;
  static constexpr int kCodeBasicsize = 200;
  static constexpr int kCodeExtra = 192;

  // PyThreadState.current_frame
  static const void* CurrentFrame(const void* tstate) { return At<const void*>(tstate, 72); }
};

}  // namespace pytrace::py

#endif  // PYTRACE_PYSHIM_LAYOUT_CP312_H_
