// dlsym under its oldest version, so that one binary loads from glibc 2.17 on: since 2.34 the linker would bind it to a
// version that older systems lack.
#ifndef PYTRACE_PYSHIM_LIBC_H_
#define PYTRACE_PYSHIM_LIBC_H_

#include <dlfcn.h>

#if defined(__x86_64__)
__asm__(".symver dlsym,dlsym@GLIBC_2.2.5");
__asm__(".symver dladdr,dladdr@GLIBC_2.2.5");
__asm__(".symver dladdr1,dladdr1@GLIBC_2.3.3");
#elif defined(__aarch64__)
__asm__(".symver dlsym,dlsym@GLIBC_2.17");
__asm__(".symver dladdr,dladdr@GLIBC_2.17");
__asm__(".symver dladdr1,dladdr1@GLIBC_2.17");
#endif

namespace pytrace {

inline void* FindSymbol(void* handle, const char* name) { return dlsym(handle, name); }

}  // namespace pytrace

#endif  // PYTRACE_PYSHIM_LIBC_H_
