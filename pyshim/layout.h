// Where the fields are that the public API does not give, one struct a version. Offsets are offsetof() compiled against
// that version's headers (64-bit GIL builds); detect.cc checks what the interpreter itself tells about them,
// self_test.h proves the rest before the first event. An interpreter without a struct here is not guessed at.
#ifndef PYTRACE_PYSHIM_LAYOUT_H_
#define PYTRACE_PYSHIM_LAYOUT_H_

namespace pytrace::py {

// CPython 3.11. Include/internal/pycore_frame.h (_PyInterpreterFrame), Include/cpython/code.h,
// Include/cpython/unicodeobject.h.
struct Cp311 {
  static constexpr int kMinor = 11;
  static constexpr int kCodeBasicsize = 184;  // PyCode_Type.tp_basicsize: offset of co_code_adaptive
  // PyCodeObject
  static constexpr int kCodeFlags = 48, kCodeArgcount = 56, kCodeKwonly = 64, kCodeFirstLine = 72;
  static constexpr int kCodeLocalNames = 96, kCodeLocalKinds = 104, kCodeFile = 112, kCodeName = 120,
                       kCodeQualname = 128, kCodeExtra = 176;
  // _PyInterpreterFrame
  static constexpr int kFrameGlobals = 8, kFrameCode = 32, kFrameOwner = 69, kFrameLocals = 72;
  // gi_frame_state lies before the frame inside its generator (Include/internal/pycore_frame.h: -1 is FRAME_SUSPENDED)
  static constexpr int kGeneratorState = -5;
  static constexpr int kFramePrevInstr = 56;
  static constexpr unsigned char kReturnGenerator = 75;  // opcode, Include/opcode.h
  // int: ob_size is the number of digits, with the sign; digits follow
  static constexpr bool kLongTag = false;
  static constexpr int kStrAscii = 48, kStrCompact = 72, kTupleItems = 24;
  // At the entry of the eval hook MAKE_CELL has not run: the slots of cell arguments hold the plain values, unless a
  // generator runs on.
  static constexpr bool kCellsAtEntry = false;
  // The hook also sees the call of a generator function, which only makes the generator.
  static constexpr bool kHookTellsCreation = true;
};

// CPython 3.12: PyLongObject has lv_tag, PyASCIIObject lost wstr, the frame is found through tstate->cframe (offset 56)
// -> current_frame (0).
struct Cp312 {
  static constexpr int kMinor = 12;
  static constexpr int kCodeBasicsize = 192;
  static constexpr int kCodeFlags = 48, kCodeArgcount = 52, kCodeKwonly = 60, kCodeFirstLine = 68;
  static constexpr int kCodeLocalNames = 96, kCodeLocalKinds = 104, kCodeFile = 112, kCodeName = 120,
                       kCodeQualname = 128, kCodeExtra = 184;
  static constexpr int kFrameGlobals = 24, kFrameCode = 0, kFrameOwner = 70, kFrameLocals = 72;
  static constexpr bool kLongTag = true;
  static constexpr int kStrAscii = 40, kStrCompact = 56, kTupleItems = 24;
  // PY_START fires at RESUME, after MAKE_CELL: slots of cell arguments hold cells.
  static constexpr bool kCellsAtEntry = true;
  static constexpr bool kHookTellsCreation = false;
  static const void* CurrentFrame(const void* tstate) {
    return *reinterpret_cast<const void* const*>(
        *reinterpret_cast<const char* const*>(static_cast<const char*>(tstate) + 56));
  }
};

// CPython 3.13: tstate->current_frame (offset 72).
struct Cp313 : Cp312 {
  static constexpr int kMinor = 13;
  static constexpr int kCodeBasicsize = 200;
  static constexpr int kCodeExtra = 192;
  static const void* CurrentFrame(const void* tstate) {
    return *reinterpret_cast<const void* const*>(static_cast<const char*>(tstate) + 72);
  }
};

inline constexpr int kOwnedByGenerator = 1;       // frame owner byte, 3.11 to 3.13 (enum _frameowner)
inline constexpr unsigned char kKindCell = 0x40;  // CO_FAST_CELL in co_localspluskinds

}  // namespace pytrace::py

#endif  // PYTRACE_PYSHIM_LAYOUT_H_
