// Hook of 3.11: the eval-frame function of PEP 523. Every frame of Python code runs inside one call of Hook, so a
// call's serial lives in a local variable and is right whatever the frames below do: unwinding, generators, greenlets
// that swap the C stack.
//
// `Path` is preload's call path; this file knows when a call begins and ends, Path what is written.
#ifndef PYTRACE_PYSHIM_HOOK_EVAL_FRAME_H_
#define PYTRACE_PYSHIM_HOOK_EVAL_FRAME_H_

#include "pyshim/api.h"
#include "pyshim/code_word.h"
#include "pyshim/events.h"
#include "pyshim/layout.h"

namespace pytrace::py {

template <class L, class Path>
class EvalFrameHook {
 public:
  // Under the GIL, once an interpreter.
  static void Install(const Api& api) {
    eval_default_ = reinterpret_cast<EvalFunction>(api.eval_frame_default);
    set_eval_ = api.SetEvalFrameFunc;
    interpreter_get_ = api.InterpreterGet;
    api.SetEvalFrameFunc(api.InterpreterGet(), reinterpret_cast<void*>(&Hook));
  }
  static void Remove(const Api& api) { api.SetEvalFrameFunc(api.InterpreterGet(), api.eval_frame_default); }

 private:
  using EvalFunction = Object* (*)(void* tstate, void* frame, int throwflag);
  static inline EvalFunction eval_default_;
  static inline void (*set_eval_)(void*, void*);
  static inline void* (*interpreter_get_)();

  // The frame of this function lies on the C stack once for every active Python call: keep it small, keep the rare ways
  // out of line.
  static Object* Hook(void* tstate, void* frame, int throwflag) {
    Object* code = At<Object*>(frame, L::kFrameCode);
    uint64_t word = Path::Word(code);
    auto& thread = Path::Thread();
    if (__builtin_expect(!Path::ShortWay(word) || Path::Suppressed(thread), 0))
      return LongWay(tstate, frame, throwflag, code, word);
    if (__builtin_expect(Path::StackLow(thread), 0)) return WithoutHook(tstate, frame, throwflag);
    uint64_t parent = Path::Newest(thread);
    uint64_t call = Path::Enter(thread, word, code, frame, Start::kCall, 0);
    Object* result = eval_default_(tstate, frame, throwflag);
    if (__builtin_expect(call != 0, 1)) {
      if (__builtin_expect(result != nullptr, 1)) {
        Path::Leave(thread, call, parent, Outcome::kReturn, result);
      } else {
        Path::LeaveRaised(thread, call, parent);
      }
    }
    return result;
  }

  // First sight of a function, filtered, suppressed, special ones, generators.
  __attribute__((noinline)) static Object* LongWay(void* tstate, void* frame, int throwflag, Object* code,
                                                   uint64_t word) {
    auto& thread = Path::Thread();
    if (Path::Suppressed(thread)) return eval_default_(tstate, frame, throwflag);
    if (!Path::Defined(word)) {
      word = Path::Define(thread, code, frame);
      if (word == 0) return eval_default_(tstate, frame, throwflag);
    }
    if (word & CodeWord::kFiltered) return eval_default_(tstate, frame, throwflag);
    if (Path::StackLow(thread)) return WithoutHook(tstate, frame, throwflag);
    if (word & CodeWord::kNoTrace) {
      Path::Suppress(thread);
      Object* result = eval_default_(tstate, frame, throwflag);
      Path::Unsuppress(thread);
      return result;
    }
    if (word & CodeWord::kSpecial) Path::Special(thread, code, frame);
    bool generator = word & CodeWord::kGenerator;
    if (generator && At<uint8_t>(frame, L::kFrameOwner) != kOwnedByGenerator) {
      // The call of a generator function only makes the generator (RETURN_GENERATOR); its first run is the call.
      return eval_default_(tstate, frame, throwflag);
    }
    Start start = !generator || FirstRun(frame, throwflag) ? Start::kCall : throwflag ? Start::kThrow : Start::kResume;
    uint64_t parent = Path::Newest(thread);
    uint64_t call = Path::Enter(thread, word, code, frame, start, generator ? reinterpret_cast<uintptr_t>(frame) : 0);
    Object* result = eval_default_(tstate, frame, throwflag);
    if (call == 0) return result;
    if (result == nullptr) {
      Path::LeaveRaised(thread, call, parent);
    } else {
      // The frame of a generator is part of it, and our caller holds the generator: it may be read. A plain frame is
      // gone by now.
      bool yielded = generator && At<int8_t>(frame, L::kGeneratorState) == kSuspended;
      Path::Leave(thread, call, parent, yielded ? Outcome::kYield : Outcome::kReturn, result);
    }
    return result;
  }

  // A generator that has not run yet stands on RETURN_GENERATOR (Python/ceval.c copies the frame there), later on a
  // yield.
  static bool FirstRun(void* frame, int throwflag) {
    const uint8_t* instruction = At<const uint8_t*>(frame, L::kFramePrevInstr);
    return !throwflag && *instruction == L::kReturnGenerator;
  }

  // 3.11 calls itself through the C stack for every frame as soon as a hook is set, where unhooked it needs none: deep
  // recursion would crash. So below half of the stack the interpreter goes on without hook; what is called down there
  // is not seen, and said to be missing.
  __attribute__((noinline)) static Object* WithoutHook(void* tstate, void* frame, int throwflag) {
    void* interpreter = interpreter_get_();
    Path::GapBegins(Path::Thread());
    set_eval_(interpreter, reinterpret_cast<void*>(eval_default_));
    Object* result = eval_default_(tstate, frame, throwflag);
    set_eval_(interpreter, reinterpret_cast<void*>(&Hook));
    return result;
  }

  static constexpr int8_t kSuspended = -1;  // FRAME_SUSPENDED, Include/internal/pycore_frame.h of 3.11
};

}  // namespace pytrace::py

#endif  // PYTRACE_PYSHIM_HOOK_EVAL_FRAME_H_
