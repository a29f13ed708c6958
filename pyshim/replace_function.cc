#include "pyshim/replace_function.h"

#include <link.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>

#include "pyshim/libc.h"

namespace pytrace::py {
namespace {

// Jumps to the address that follows it; 0: none is known for this processor.
#if defined(__x86_64__)
constexpr unsigned char kJump[] = {0xf3, 0x0f, 0x1e, 0xfa, 0xff, 0x25, 0, 0, 0, 0};  // endbr64; jmp *0(%rip)
#elif defined(__aarch64__)
constexpr unsigned char kJump[] = {0x51, 0, 0, 0x58, 0x20, 0x02, 0x1f, 0xd6};  // ldr x17, #8; br x17
#else
constexpr unsigned char kJump[] = {0};
#endif
static_assert(sizeof(kJump) + sizeof(void*) <= kJumpBytes);

// Both rights at once: where one of them would be refused, nothing has been done yet.
bool Write(void* function, const unsigned char* code) {
  uintptr_t page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  uintptr_t at = reinterpret_cast<uintptr_t>(function), begin = at & ~(page - 1);
  size_t bytes = ((at + kJumpBytes + page - 1) & ~(page - 1)) - begin;
  void* pages = reinterpret_cast<void*>(begin);
  if (mprotect(pages, bytes, PROT_READ | PROT_WRITE | PROT_EXEC) != 0) return false;
  memcpy(function, code, kJumpBytes);
  __builtin___clear_cache(static_cast<char*>(function), static_cast<char*>(function) + kJumpBytes);
  mprotect(pages, bytes, PROT_READ | PROT_EXEC);
  return true;
}

// How long its symbol says the function is: whole-program optimisation may leave two instructions of it.
size_t Length(const void* function) {
  Dl_info info;
  void* symbol = nullptr;
  if (dladdr1(function, &info, &symbol, RTLD_DL_SYMENT) == 0 || symbol == nullptr) return 0;
  return info.dli_saddr == function ? static_cast<const ElfW(Sym)*>(symbol)->st_size : 0;
}

}  // namespace

bool ReplaceFunction(void* function, const void* replacement, ReplacedFunction* replaced) {
  if (function == nullptr || sizeof(kJump) == 1 || Length(function) < kJumpBytes) return false;
  unsigned char code[kJumpBytes];
  memcpy(code, function, kJumpBytes);
  memcpy(replaced->code, code, kJumpBytes);
  memcpy(code, kJump, sizeof(kJump));
  memcpy(code + sizeof(kJump), &replacement, sizeof(replacement));
  if (!Write(function, code)) return false;
  replaced->function = function;
  return true;
}

void PutBack(ReplacedFunction* replaced) {
  if (replaced->function != nullptr && Write(replaced->function, replaced->code)) replaced->function = nullptr;
}

}  // namespace pytrace::py
