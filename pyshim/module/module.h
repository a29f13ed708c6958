// The module `pytrace` of a traced process: builtin, so that nothing needs to be installed.
//
//   notrace(function)     the function and everything it calls is not recorded; returns the same object, so a call
//   costs no wrapper log(text, level=20)   a record of its own in the trace
#ifndef PYTRACE_PYSHIM_MODULE_MODULE_H_
#define PYTRACE_PYSHIM_MODULE_MODULE_H_

#include "pyshim/api.h"

namespace pytrace::py {

// What the module needs of whoever records.
struct ModuleHost {
  const Api* api;
  void (*no_trace)(Object* code);                         // marks a code object
  void (*log)(const char* text, Ssize size, long level);  // writes the record
};
extern ModuleHost module_host;

Object* InitModule();

// Whether this interpreter has been hooked, kept in a dictionary of the interpreter that Python code does not see.
bool AlreadyHere(const Api& api);
void MarkHere(const Api& api);

}  // namespace pytrace::py

#endif  // PYTRACE_PYSHIM_MODULE_MODULE_H_
