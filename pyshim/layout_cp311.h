// CPython 3.11: frames are _PyInterpreterFrame (Include/internal/pycore_frame.h), Python calls Python without the C
// stack - unless an eval-frame function is set.
#ifndef PYTRACE_PYSHIM_LAYOUT_CP311_H_
#define PYTRACE_PYSHIM_LAYOUT_CP311_H_

#include "pyshim/object.h"

namespace pytrace::py {

inline constexpr int kOwnedByGenerator = 1,
                     kOwnedByInterpreter = 3;     // frame owner byte, from 3.11 on (enum _frameowner)
inline constexpr unsigned char kKindCell = 0x40;  // CO_FAST_CELL in co_localspluskinds, from 3.11 on

struct Cp311 {
  static constexpr int kMajor = 3, kMinor = 11;
  static constexpr int kCodeBasicsize = 184;  // PyCode_Type.tp_basicsize: offset of co_code_adaptive
  // PyCodeObject
  static constexpr int kCodeFlags = 48, kCodeArgcount = 56, kCodeKwonly = 64, kCodeFirstLine = 72;
  static constexpr int kCodeLocalNames = 96, kCodeLocalKinds = 104, kCodeFile = 112, kCodeName = 120,
                       kCodeQualname = 128, kCodeExtra = 176;
  // _PyInterpreterFrame
  static constexpr int kFrameGlobals = 8, kFrameCode = 32, kFramePrevious = 48, kFramePreviousInstruction = 56,
                       kFrameOwner = 69, kFrameLocals = 72;
  // int: ob_size is the number of digits, with the sign; digits follow
  static constexpr bool kLongTag = false;
  static constexpr int kStrAscii = 48, kStrCompact = 72, kTupleItems = 24;

  static constexpr bool kHookHasThreadState = true;
  // The hook also sees the call of a generator function, which only makes the generator.
  static constexpr bool kHookTellsCreation = true;
  static Object* Slot(Object* raw) { return raw; }
  static constexpr bool kUnhookedNeedsNoStack = true;
  // At the entry of the eval hook MAKE_CELL has not run: the slots of cell arguments hold the plain values, unless a
  // generator runs on.
  static constexpr bool kCellsAtEntry = false;

  static const void* Previous(const void* frame) { return At<const void*>(frame, kFramePrevious); }
  // At the entry of the eval hook the frame is not linked yet (_PyEval_EvalFrameDefault does it): PyThreadState.cframe
  // -> _PyCFrame.current_frame.
  static const void* Caller(const void* tstate, const void*) { return At<const void*>(At<const void*>(tstate, 56), 8); }
  static bool IsRun(const void* frame) { return At<uint8_t>(frame, kFrameOwner) == kOwnedByGenerator; }
  // A generator that has not run yet stands on RETURN_GENERATOR (Python/ceval.c copies the frame there), later on a
  // yield.
  static bool FirstRun(const void* frame) {
    return *At<const uint8_t*>(frame, kFramePreviousInstruction) == kReturnGenerator;
  }
  // gi_frame_state lies before the frame inside its generator; -1 is FRAME_SUSPENDED.
  static bool Yielded(const void* frame) { return At<int8_t>(frame, -5) == -1; }

 private:
  static constexpr uint8_t kReturnGenerator = 75;  // opcode, Include/opcode.h
};

// A user may pass a cell as an argument, so a cell is only looked into where the interpreter is sure to have put one.
template <class L>
requires(L::kMinor >= 11) inline Object* CellArgument(Object* const* slots, uint32_t slot, const Object* code,
                                                      bool generator, const Object* cell_type) {
  Object* value = L::Slot(slots[slot]);
  const Object* kinds = At<const Object*>(code, L::kCodeLocalKinds);
  bool is_cell = (L::kCellsAtEntry || generator) && (At<uint8_t>(kinds, kBytesData + slot) & kKindCell);
  if (!is_cell || value == nullptr || TypeOf(value) != cell_type) return value;
  return At<Object*>(value, kCellRef);
}

template <class L>
requires(L::kMinor >= 11) inline bool HasCellArguments(const Object* code, uint32_t count) {
  const Object* kinds = At<const Object*>(code, L::kCodeLocalKinds);
  for (uint32_t i = 0; i < count; ++i) {
    if (At<uint8_t>(kinds, kBytesData + i) & kKindCell) return true;
  }
  return false;
}

}  // namespace pytrace::py

#endif  // PYTRACE_PYSHIM_LAYOUT_CP311_H_
