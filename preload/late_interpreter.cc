// libpython calls setlocale and pthread_key_create through its own PLT while it initialises (2.7: only setlocale),
// before it reads PyImport_Inittab, and a preloaded library comes first in everybody's search, RTLD_LOCAL or not. So
// there is no need to stand in the way of dlopen, where the caller's RUNPATH would be ours.
#include "preload/late_interpreter.h"

#include <locale.h>
#include <pthread.h>

#include <atomic>

#include "preload/install.h"
#include "pyshim/libc.h"

#if defined(__x86_64__)
__asm__(".symver dlopen,dlopen@GLIBC_2.2.5");
__asm__(".symver dlclose,dlclose@GLIBC_2.2.5");
#elif defined(__aarch64__)
__asm__(".symver dlopen,dlopen@GLIBC_2.17");
__asm__(".symver dlclose,dlclose@GLIBC_2.17");
#endif

namespace pytrace {
namespace {

std::atomic<bool> expecting{false};
std::atomic<const void*> last_caller{nullptr};  // load address of the last library that turned out to be no interpreter

void LookAt(const void* address) {
  Dl_info caller;
  if (dladdr(address, &caller) == 0 || caller.dli_fname == nullptr) return;
  if (last_caller.exchange(caller.dli_fbase, std::memory_order_relaxed) == caller.dli_fbase) return;
  void* handle = dlopen(caller.dli_fname, RTLD_LAZY | RTLD_NOLOAD);
  if (handle == nullptr) return;  // the executable itself, among others
  if (FindSymbol(handle, "PyImport_Inittab") == nullptr) {
    dlclose(handle);
    return;
  }
  // The handle stays: the interpreter must not be unloaded under our hook.
  if (expecting.exchange(false, std::memory_order_relaxed)) FoundInterpreter(handle);
}

inline void Look(const void* address) {
  if (__builtin_expect(expecting.load(std::memory_order_relaxed), 0)) LookAt(address);
}

template <class Function>
Function Real(std::atomic<Function>& found, const char* name) {
  Function function = found.load(std::memory_order_relaxed);
  if (function == nullptr) {
    function = reinterpret_cast<Function>(FindSymbol(RTLD_NEXT, name));
    found.store(function, std::memory_order_relaxed);
  }
  return function;
}

}  // namespace

void ExpectInterpreter() { expecting.store(true, std::memory_order_relaxed); }

}  // namespace pytrace

#define DOOR extern "C" __attribute__((visibility("default")))

DOOR char* setlocale(int category, const char* locale) noexcept {
  static std::atomic<char* (*)(int, const char*)> real;
  pytrace::Look(__builtin_return_address(0));
  auto function = pytrace::Real(real, "setlocale");
  return function != nullptr ? function(category, locale) : nullptr;
}

DOOR int pthread_key_create(pthread_key_t* key, void (*destructor)(void*)) noexcept {
  static std::atomic<int (*)(pthread_key_t*, void (*)(void*))> real;
  pytrace::Look(__builtin_return_address(0));
  auto function = pytrace::Real(real, "pthread_key_create");
  return function != nullptr ? function(key, destructor) : 11;  // EAGAIN: no pthreads in this process
}
