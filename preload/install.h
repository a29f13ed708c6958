// From "there is an interpreter in this process" to "its calls are recorded".
#ifndef PYTRACE_PRELOAD_INSTALL_H_
#define PYTRACE_PRELOAD_INSTALL_H_

namespace pytrace {

// `handle`: where the interpreter's symbols are. Before it initialises: wraps the init functions of early builtin
// modules, so that Install runs under the GIL while each interpreter starts, and makes `import pytrace` work.
void FoundInterpreter(void* handle);

}  // namespace pytrace

#endif  // PYTRACE_PRELOAD_INSTALL_H_
