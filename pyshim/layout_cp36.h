// CPython 3.6 to 3.10: the frame is a PyFrameObject (Include/frameobject.h, 3.10: Include/cpython/frameobject.h), the
// hook is PEP 523's eval-frame function, and every Python call goes through the C stack with and without it.
#ifndef PYTRACE_PYSHIM_LAYOUT_CP36_H_
#define PYTRACE_PYSHIM_LAYOUT_CP36_H_

#include "pyshim/object.h"

namespace pytrace::py {

struct Cp36 {
  static constexpr int kMajor = 3, kMinor = 6;
  static constexpr int kCodeBasicsize = 144;
  // PyCodeObject, Include/code.h
  static constexpr int kCodeArgcount = 16, kCodeKwonly = 20, kCodeNlocals = 24, kCodeFlags = 32, kCodeFirstLine = 36;
  static constexpr int kCodeLocalNames = 64, kCodeCellNames = 80, kCodeCellToArg = 88, kCodeFile = 96, kCodeName = 104,
                       kCodeQualname = kCodeName;
  static constexpr int kCodeExtra = 136;
  // PyFrameObject
  static constexpr int kFrameBack = 24, kFrameCode = 32, kFrameGlobals = 48, kFrameStackTop = 72,
                       kFrameLastInstruction = 120, kFrameLocals = 376;
  static constexpr bool kLongTag = false;
  static constexpr int kStrAscii = 48, kStrCompact = 72, kTupleItems = 24;

  // _PyFrameEvalFunction has no thread state before 3.9, and the field in PyInterpreterState no setter.
  static constexpr bool kHookHasThreadState = false;
  static constexpr int kThreadInterpreter = 16;  // PyThreadState.interp
  static constexpr bool kHookTellsCreation = true;
  static Object* Slot(Object* raw) { return raw; }
  static constexpr bool kUnhookedNeedsNoStack = false;
  using CellIndex = uint8_t;  // of co_cell2arg; Py_ssize_t from 3.7 on

  // The call of a generator function does not come to the hook: every frame of its code is a run.
  static bool IsRun(const void*) { return true; }
  static bool FirstRun(const void* frame) { return At<int>(frame, kFrameLastInstruction) == -1; }
  // The caller's: f_back. Also of a generator that runs.
  static const void* Previous(const void* frame) { return At<const void*>(frame, kFrameBack); }
  // The same at the entry of the hook, of the frame that it is given.
  static const void* Caller(const void*, const void* frame) { return Previous(frame); }
  // A frame that is done has no value stack any more.
  static bool Yielded(const void* frame) { return At<const void*>(frame, kFrameStackTop) != nullptr; }
};

struct Cp37 : Cp36 {
  static constexpr int kMinor = 7;
  static constexpr int kFrameLastInstruction = 104, kFrameLocals = 360;  // the saved exception left the frame
  using CellIndex = Ssize;
  static bool FirstRun(const void* frame) { return At<int>(frame, kFrameLastInstruction) == -1; }
};

// Positional-only arguments.
struct Cp38 : Cp37 {
  static constexpr int kMinor = 8;
  static constexpr int kCodeBasicsize = 176;
  static constexpr int kCodeKwonly = 24, kCodeNlocals = 28, kCodeFlags = 36, kCodeFirstLine = 40;
  static constexpr int kCodeLocalNames = 72, kCodeCellNames = 88, kCodeCellToArg = 96, kCodeFile = 104, kCodeName = 112,
                       kCodeQualname = kCodeName;
  static constexpr int kCodeExtra = 144;
};

struct Cp39 : Cp38 {
  static constexpr int kMinor = 9;
  static constexpr bool kHookHasThreadState = true;
};

// f_state tells how a frame ended (PyFrameState, -1: FRAME_SUSPENDED); f_stacktop is gone.
struct Cp310 : Cp39 {
  static constexpr int kMinor = 10;
  static constexpr int kFrameLastInstruction = 96, kFrameState = 108, kFrameLocals = 352;
  static bool FirstRun(const void* frame) { return At<int>(frame, kFrameLastInstruction) == -1; }
  static bool Yielded(const void* frame) { return At<int8_t>(frame, kFrameState) == -1; }
};

// Arguments that are cells: the interpreter has moved the value out of its slot into the cell that co_cell2arg maps to
// the slot.
template <class L>
requires(L::kMajor == 3 && L::kMinor <= 10) inline Object* CellArgument(Object* const* slots, uint32_t slot,
                                                                        const Object* code, bool, const Object*) {
  if (slots[slot] != nullptr) return slots[slot];
  auto* to_arg = At<const typename L::CellIndex*>(code, L::kCodeCellToArg);
  Ssize cells = At<Ssize>(At<const Object*>(code, L::kCodeCellNames), kVarSize);
  for (Ssize c = 0; to_arg != nullptr && c < cells; ++c) {
    if (static_cast<Ssize>(to_arg[c]) != static_cast<Ssize>(slot)) continue;
    const Object* cell = slots[At<int>(code, L::kCodeNlocals) + c];
    return cell != nullptr ? At<Object*>(cell, kCellRef) : nullptr;
  }
  return nullptr;
}

template <class L>
requires(L::kMajor == 3 && L::kMinor <= 10) inline bool HasCellArguments(const Object* code, uint32_t) {
  return At<const void*>(code, L::kCodeCellToArg) != nullptr;
}

}  // namespace pytrace::py

#endif  // PYTRACE_PYSHIM_LAYOUT_CP36_H_
