// Runs a few lines of our own in an interpreter that has hardly begun, and leaves nothing of them behind.
#ifndef PYTRACE_PYSHIM_RUN_SOURCE_H_
#define PYTRACE_PYSHIM_RUN_SOURCE_H_

#include "pyshim/api.h"

namespace pytrace::py {

// Under the GIL. `look(globals)`, a dict, sees what the lines have defined. False: they raised, which is forgotten.
template <class Look>
bool RunSource(const Api& api, const char* source, Look look) {
  Object* globals = api.DictNew();
  Object* code = api.CompileString(source, "<pytrace>", 257);  // Py_file_input
  Object* result = nullptr;
  if (globals != nullptr && code != nullptr) {
    api.DictSetItemString(globals, "__builtins__", api.EvalGetBuiltins());
    result = api.EvalCode(code, globals, globals);
  }
  bool ok = result != nullptr;
  if (ok) {
    look(globals);
  } else {
    api.ErrClear();
  }
  if (globals != nullptr) api.DictClear(globals);  // its functions refer to it
  for (Object* o : {result, code, globals}) {
    if (o != nullptr) api.DecRef(o);
  }
  return ok;
}

}  // namespace pytrace::py

#endif  // PYTRACE_PYSHIM_RUN_SOURCE_H_
