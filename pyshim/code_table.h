// 2.7 keeps no word for others in its code objects, so theirs (code_word.h) stand in a table by address: open
// addressing, half empty at least, looked up once a call. All under the GIL. A code object that dies is forgotten
// (hook_profile.h stands before its tp_dealloc), so that a new one at its address starts at 0.
#ifndef PYTRACE_PYSHIM_CODE_TABLE_H_
#define PYTRACE_PYSHIM_CODE_TABLE_H_

#include "pyshim/object.h"

namespace pytrace::py {

class CodeTable {
 public:
  static uint64_t Word(const Object* code) {
    if (__builtin_expect(slots_ == nullptr, 0)) return 0;
    for (size_t i = Hash(code) & mask_;; i = (i + 1) & mask_) {
      if (__builtin_expect(slots_[i].code == code, 1)) return slots_[i].word;
      if (slots_[i].code == nullptr) return 0;
    }
  }
  static bool Set(const Object* code, uint64_t word);  // false: no memory
  static void Forget(const Object* code);

 private:
  struct Slot {
    const Object* code;
    uint64_t word;
  };
  static inline Slot* slots_ = nullptr;
  static inline size_t mask_ = 0, used_ = 0;

  static size_t Hash(const Object* code) {
    uint64_t bits = reinterpret_cast<uintptr_t>(code) >> 4;
    return bits ^ bits >> 11;
  }
  static Slot* Place(const Object* code);
  static bool Grow();
};

}  // namespace pytrace::py

#endif  // PYTRACE_PYSHIM_CODE_TABLE_H_
