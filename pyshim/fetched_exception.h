// The exception that is under way while 2.7 reports the end of a call. Before it calls a profile function,
// call_trace_protected (Python/ceval.c) takes the exception out of the thread state, and the function is not told which
// it was. It lies in local variables of C frames above ours then:
//
//     PyEval_EvalFrameEx -> call_trace_protected { type, value, traceback } -> call_trace -> the profile function
//
// How far above is a constant of the build: C frames do not change their size, and each event has one place in the
// source that reports it. It is measured, with exceptions that are known: a place counts if it held the right pointer
// every time. What is read later is read only if the call came from where the measured ones came from.
#ifndef PYTRACE_PYSHIM_FETCHED_EXCEPTION_H_
#define PYTRACE_PYSHIM_FETCHED_EXCEPTION_H_

#include "pyshim/object.h"

namespace pytrace::py {

// Of the profile function itself: where its caller's frame begins, and where it returns to.
struct CalledFrom {
  Object* const* frame;
  const void* address;
};
#define PYTRACE_CALLED_FROM \
  CalledFrom { static_cast<Object* const*>(__builtin_dwarf_cfa()), __builtin_return_address(0) }

class FetchedException {
 public:
  // The exception is `type` with `value`, which may be nullptr as in the interpreter; both nullptr: there is none.
  void Learn(CalledFrom from, const Object* type, const Object* value) {
    if (samples_++ == 0) from_ = from.address;
    if (from.address != from_) samples_ = kSpoilt;
    for (int i = 0; i < kWords; ++i) {
      not_type_[i] |= from.frame[i] != type;
      not_value_[i] |= from.frame[i] != value;
    }
  }
  void Learned() {
    for (int i = 0; i < kWords && samples_ < kSpoilt; ++i) {
      if (!not_type_[i] && type_ < 0) type_ = i;
      if (!not_value_[i] && value_ < 0) value_ = i;
    }
    known_ = samples_ >= kLeast && type_ >= 0 && value_ >= 0;
  }
  // False: not known. *type nullptr: there is none.
  bool Read(CalledFrom from, Object** type, Object** value) const {
    if (!known_ || from.address != from_) return false;
    *type = from.frame[type_];
    *value = from.frame[value_];
    return true;
  }
  bool known() const { return known_; }

 private:
  static constexpr int kWords = 64;  // the two C frames, and a part of the third
  static constexpr int kLeast = 4, kSpoilt = 1 << 20;
  const void* from_ = nullptr;
  bool not_type_[kWords] = {}, not_value_[kWords] = {};
  int samples_ = 0, type_ = -1, value_ = -1;
  bool known_ = false;
};

}  // namespace pytrace::py

#endif  // PYTRACE_PYSHIM_FETCHED_EXCEPTION_H_
