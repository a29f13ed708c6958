// Where the fields are that the public API does not give, one struct a version, one file a family. Offsets are
// offsetof() compiled against that version's headers (64-bit GIL builds); detect.cc checks what the interpreter itself
// tells about them, the self-test proves the rest before the first event. An interpreter without a struct is not
// guessed at.
#ifndef PYTRACE_PYSHIM_LAYOUT_H_
#define PYTRACE_PYSHIM_LAYOUT_H_

#include "pyshim/layout_cp27.h"
#include "pyshim/layout_cp311.h"
#include "pyshim/layout_cp312.h"
#include "pyshim/layout_cp314.h"
#include "pyshim/layout_cp36.h"

// Everything that is instantiated once a version: X(struct).
#define PYTRACE_FOR_EACH_LAYOUT(X) \
  X(Cp27) X(Cp36) X(Cp37) X(Cp38) X(Cp39) X(Cp310) X(Cp311) X(Cp312) X(Cp313) X(Cp314) X(Cp315)

#endif  // PYTRACE_PYSHIM_LAYOUT_H_
