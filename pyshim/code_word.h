// What we know of a code object, in the one private word that CPython keeps for us in it (co_extra): found with two
// loads on every call. 2.7 has none, there a table has it.
//
//   63      32 31     16 15    6  5   4   3   2   1   0
//   +---------+---------+-------+---+---+---+---+---+---+
//   | id      | nargs   | epoch | R | C | G | S | N | F |
//   +---------+---------+-------+---+---+---+---+---+---+
//
// A word of 0 or of another epoch (the process has forked since) means: not defined, ask DefineFunction. CPython frees
// the word with the code object, so that a new one at the same address starts at 0.
#ifndef PYTRACE_PYSHIM_CODE_WORD_H_
#define PYTRACE_PYSHIM_CODE_WORD_H_

#include "pyshim/api.h"
#include "pyshim/code_table.h"
#include "pyshim/object.h"

namespace pytrace::py {

struct CodeWord {
  static constexpr uint64_t kFiltered = 1;  // not to be recorded
  static constexpr uint64_t kNoTrace = 2;   // @notrace: not to be recorded, nor anything it calls
  static constexpr uint64_t kSpecial = 4;   // has work of its own at each call, see call_path
  static constexpr uint64_t kGenerator =
      8;  // generator, coroutine or async generator, where the hook must tell creation from a run
  static constexpr uint64_t kShares = kGenerator;  // where it need not: a special one that hands functions over
  static constexpr uint64_t kCells = 16;           // some argument is a cell variable
  static constexpr uint64_t kReorder =
      32;  // keyword-only arguments and *args: slots are not in the order of the signature
  static constexpr int kEpochShift = 6, kArgsShift = 16, kIdShift = 32;
  static constexpr uint64_t kEpochMask = uint64_t{1023} << kEpochShift;
  // Bits that must be as in `expected` (just the epoch) for the short way.
  static constexpr uint64_t kShortWay = kFiltered | kNoTrace | kSpecial | kGenerator | kCells | kReorder | kEpochMask;

  static uint32_t Args(uint64_t word) { return static_cast<uint32_t>(word >> kArgsShift & 0xffff); }
  static uint32_t Id(uint64_t word) { return static_cast<uint32_t>(word >> kIdShift); }
};

// Objects/codeobject.c, _PyCodeObjectExtra: the words follow the size, in 3.6 they lie behind a pointer.
struct CodeExtra {
  Ssize size;
  uint64_t words[1];
};

template <class L>
inline uint64_t LoadCodeWord(const Object* code, Ssize index) {
  if constexpr (L::kMajor == 2) {
    return CodeTable::Word(code);
  } else {
    const CodeExtra* extra = At<const CodeExtra*>(code, L::kCodeExtra);
    if (__builtin_expect(extra == nullptr || extra->size <= index, 0)) return 0;
    if constexpr (L::kMinor == 6) return reinterpret_cast<const uint64_t*>(extra->words[0])[index];
    return extra->words[index];
  }
}

// Sets the word; false: no memory. CPython makes room for the words of all users at once and, when the code object
// dies, calls the free function of each, even for a word that was never set: some take that badly. So an array that
// grew for ours is cut to ours. Other users get theirs when they set one, as without us (Objects/codeobject.c).
template <class L>
inline bool StoreCodeWord(const Api& api, Object* code, Ssize index, uint64_t word) {
  if constexpr (L::kMajor == 2) return CodeTable::Set(code, word);
  const CodeExtra* before = At<const CodeExtra*>(code, L::kCodeExtra);
  bool grows = before == nullptr || before->size <= index;
  if (api.CodeSetExtra(code, index, reinterpret_cast<void*>(word)) != 0) {
    api.ErrClear();
    return false;
  }
  if (grows) At<CodeExtra*>(code, L::kCodeExtra)->size = index + 1;
  return true;
}

}  // namespace pytrace::py

#endif  // PYTRACE_PYSHIM_CODE_WORD_H_
