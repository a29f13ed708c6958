// Interpreters that come later, by dlopen: into vim, gdb, a web server's module. Also those loaded RTLD_LOCAL, whose
// symbols we cannot see from here.
#ifndef PYTRACE_PRELOAD_LATE_INTERPRETER_H_
#define PYTRACE_PRELOAD_LATE_INTERPRETER_H_

namespace pytrace {

// From now on the doors that an interpreter passes while it initialises look at who calls. Only in processes without an
// interpreter at start.
void ExpectInterpreter();

}  // namespace pytrace

#endif  // PYTRACE_PRELOAD_LATE_INTERPRETER_H_
