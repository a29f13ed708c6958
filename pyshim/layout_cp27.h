// CPython 2.7: PyFrameObject (Include/frameobject.h), the profile function of PyThreadState (Include/pystate.h), str of
// bytes and unicode of Py_UNICODE, int beside long, classes that are no types (Include/classobject.h).
//
// hook_profile.h checks the fields of PyThreadState at install, by the public calls.
#ifndef PYTRACE_PYSHIM_LAYOUT_CP27_H_
#define PYTRACE_PYSHIM_LAYOUT_CP27_H_

#include "pyshim/object.h"

namespace pytrace::py {

struct Cp27 {
  static constexpr int kMajor = 2, kMinor = 7;
  static constexpr int kCodeBasicsize = 128;
  // PyCodeObject, Include/code.h. No keyword-only arguments, no qualified names, no co_extra (code_table.h instead).
  static constexpr int kCodeArgcount = 16, kCodeKwonly = -1, kCodeFlags = 28, kCodeLocalNames = 56, kCodeFile = 80,
                       kCodeName = 88, kCodeQualname = kCodeName, kCodeFirstLine = 96;
  // PyFrameObject
  static constexpr int kFrameBack = 24, kFrameCode = 32, kFrameGlobals = 48, kFrameStackTop = 72, kFrameThread = 112,
                       kFrameLastInstruction = 120, kFrameLocals = 376;
  // PyThreadState, PyInterpreterState
  static constexpr int kThreadNext = 0, kThreadInterpreter = 8, kThreadUseTracing = 32, kThreadProfileFunction = 40,
                       kThreadProfileObject = 56, kThreadGilCounter = 132, kThreadIdent = 144;
  static constexpr int kInterpreterThreads = 8;
  static constexpr bool kLongTag = false;
  static constexpr int kTupleItems = 24;
  static constexpr int kStrAscii = 0, kStrCompact = 0, kCodeExtra = 0;  // of 3.x alone, never read here

  static constexpr bool kHookTellsCreation = true;
  static constexpr bool kUnhookedNeedsNoStack = false;
  static Object* Slot(Object* raw) { return raw; }
  static const void* Previous(const void* frame) { return At<const void*>(frame, kFrameBack); }
  static bool FirstRun(const void* frame) { return At<int>(frame, kFrameLastInstruction) == -1; }
  // The value stack is put away into the frame by a yield only.
  static bool Yielded(const void* frame) { return At<const void*>(frame, kFrameStackTop) != nullptr; }
};

// Objects of 2.7 that differ (Include/*object.h).
inline constexpr int kIntValue27 = 16;                      // PyIntObject.ob_ival, a long
inline constexpr int kStringData27 = 36;                    // PyStringObject.ob_sval
inline constexpr int kUnicodeData27 = 24;                   // PyUnicodeObject.str, a pointer; the length as in 3.x
inline constexpr int kDictUsed27 = 24;                      // PyDictObject.ma_used
inline constexpr int kInstanceClass27 = 16;                 // PyInstanceObject.in_class
inline constexpr int kClassDict27 = 24, kClassName27 = 32;  // PyClassObject.cl_dict, cl_name
inline constexpr int kCFunctionMethod27 = 16;               // PyCFunctionObject.m_ml

// A call leaves an argument in its slot when it copies it into a cell.
template <class L>
requires(L::kMajor == 2) inline Object* CellArgument(Object* const* slots, uint32_t slot, const Object*, bool,
                                                     const Object*) {
  return slots[slot];
}
template <class L>
requires(L::kMajor == 2) inline bool HasCellArguments(const Object*, uint32_t) { return false; }

}  // namespace pytrace::py

#endif  // PYTRACE_PYSHIM_LAYOUT_CP27_H_
