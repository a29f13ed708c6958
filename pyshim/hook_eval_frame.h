// Hook of 3.6 to 3.11: the eval-frame function of PEP 523. Every frame of Python code runs inside one call of Hook, so
// a call's serial lives in a local variable and is right whatever the frames below do: unwinding, generators, greenlets
// that swap the C stack.
//
// `Path` is preload's call path; this file knows when a call begins and ends, Path what is written.
#ifndef PYTRACE_PYSHIM_HOOK_EVAL_FRAME_H_
#define PYTRACE_PYSHIM_HOOK_EVAL_FRAME_H_

#include <type_traits>

#include "pyshim/api.h"
#include "pyshim/code_word.h"
#include "pyshim/events.h"
#include "pyshim/layout.h"

namespace pytrace::py {

template <class L, class Path>
class EvalFrameHook {
 public:
  // Under the GIL, once an interpreter. nullptr, or what went wrong.
  static const char* Install(const Api& api) {
    api_ = &api;
    eval_default_ = reinterpret_cast<HookFunction>(api.eval_frame_default);
    if (api.eval_frame_default == nullptr) return "no eval-frame function";
    return Set(&Hook) ? nullptr : "no way to set the eval-frame function";
  }
  static void Remove(const Api&) { Set(reinterpret_cast<HookFunction>(api_->eval_frame_default)); }
  // Whether this interpreter has the hook, where that can be seen: up to 3.8.
  static bool IsSet(const Api& api) {
    if constexpr (L::kHookHasThreadState) {
      return false;
    } else {
      void** field = FindField(At<void*>(api.ThreadStateGet(), L::kThreadInterpreter));
      return field != nullptr && *field == reinterpret_cast<void*>(static_cast<HookFunction>(&Hook));
    }
  }

 private:
  // _PyFrameEvalFunction: (thread state, frame, throwflag) from 3.9 on, (frame, throwflag) before.
  using HookFunction =
      std::conditional_t<L::kHookHasThreadState, Object* (*)(void*, void*, int), Object* (*)(void*, int)>;
  static inline const Api* api_;
  static inline HookFunction eval_default_;

  static Object* RunDefault(void* tstate, void* frame, int throwflag) {
    if constexpr (L::kHookHasThreadState) {
      return eval_default_(tstate, frame, throwflag);
    } else {
      return eval_default_(frame, throwflag);
    }
  }

  static bool Set(HookFunction function) {
    if constexpr (L::kHookHasThreadState) {
      if (api_->InterpreterGet == nullptr || api_->SetEvalFrameFunc == nullptr) return false;
      api_->SetEvalFrameFunc(api_->InterpreterGet(), reinterpret_cast<void*>(function));
      return true;
    } else {
      void** field = FindField(At<void*>(api_->ThreadStateGet(), L::kThreadInterpreter));
      if (field != nullptr) *field = reinterpret_cast<void*>(function);
      return field != nullptr;
    }
  }

  // Up to 3.8 the function stands in PyInterpreterState, at an offset that differs between builds, and has no setter:
  // it is the word that equals the default (or, once set, our hook). 3.6: 112, 3.7: 464, 3.8: 568.
  static void** FindField(void* interpreter) {
    constexpr int kFirst = 96, kLast = 640;
    for (int offset = kFirst; interpreter != nullptr && offset <= kLast; offset += 8) {
      void** field = &At<void*>(interpreter, offset);
      if (*field == api_->eval_frame_default || *field == reinterpret_cast<void*>(static_cast<HookFunction>(&Hook)))
        return field;
    }
    return nullptr;
  }

  static Object* Hook(void* tstate, void* frame, int throwflag) { return Run(tstate, frame, throwflag); }
  static Object* Hook(void* frame, int throwflag) { return Run(nullptr, frame, throwflag); }

  // The frame of this function lies on the C stack once for every active Python call: keep it small (32 bytes; what
  // lives across a call costs eight), keep the rare ways out of line.
  static inline __attribute__((always_inline)) Object* Run(void* tstate, void* frame, int throwflag) {
    Object* code = At<Object*>(frame, L::kFrameCode);
    uint64_t word = Path::Word(code);
    auto& thread = Path::Thread();
    if (__builtin_expect(!Path::ShortWay(word) || Path::Suppressed(thread), 0)) {
      if (Path::JustFiltered(word)) return RunDefault(tstate, frame, throwflag);
      return LongWay(tstate, frame, throwflag, code, word);
    }
    if (__builtin_expect(Path::StackLow(thread), 0)) return WithoutHook(tstate, frame, throwflag);
    auto entered = Path::EnterPlainHere(word, code, frame);
    uint64_t call = entered.call, parent = entered.parent;
#if defined(__x86_64__)
    // What is handed on stands where it must before the two results look for registers to live in: they get the same.
    asm("" : "+D"(tstate), "+S"(frame), "+a"(call), "+d"(parent));
#endif
    Object* result = RunDefault(tstate, frame, 0);  // only into a generator anything is thrown
    if (__builtin_expect(call != 0, 1)) {
      if (__builtin_expect(result != nullptr, 1)) {
        Path::LeaveReturnedHere(call, parent, result);
      } else {
        Path::LeaveRaisedHere(call, parent);
      }
    }
    return result;
  }

  // First sight of a function, filtered, suppressed, special ones, generators.
  __attribute__((noinline)) static Object* LongWay(void* tstate, void* frame, int throwflag, Object* code,
                                                   uint64_t word) {
    auto& thread = Path::Thread();
    if (__builtin_expect(Path::Strands(), 0))
      Path::FindStrand(thread, frame, L::Caller(tstate, frame), Path::NewestFrame(thread));
    if (Path::Suppressed(thread)) return RunDefault(tstate, frame, throwflag);
    if (!Path::Defined(word)) {
      word = Path::Define(thread, code, frame);
      if (word == 0) return RunDefault(tstate, frame, throwflag);
    }
    if (word & CodeWord::kFiltered) return RunDefault(tstate, frame, throwflag);
    if (Path::StackLow(thread)) return WithoutHook(tstate, frame, throwflag);
    auto* strand = Path::RunningStrand(thread);
    if (word & CodeWord::kNoTrace) {
      Path::Suppress(thread);
      Object* result = RunDefault(tstate, frame, throwflag);
      Path::ReturnTo(thread, strand);
      Path::Unsuppress(thread);
      return result;
    }
    bool generator = word & CodeWord::kGenerator;
    if (generator && !L::IsRun(frame)) {
      // The call of a generator function only makes the generator (RETURN_GENERATOR); its first run is the call.
      return RunDefault(tstate, frame, throwflag);
    }
    Start start = !generator || (L::FirstRun(frame) && !throwflag) ? Start::kCall
                  : throwflag                                      ? Start::kThrow
                                                                   : Start::kResume;
    if ((word & CodeWord::kSpecial) && !generator) Path::Special(thread, word, code, frame);
    uint64_t parent = Path::Newest(thread);
    const void* caller = Path::NewestFrame(thread);
    uint64_t call =
        Path::EnterAny(thread, word, code, frame, start, generator ? reinterpret_cast<uintptr_t>(frame) : 0);
    if ((word & CodeWord::kSpecial) && generator && start == Start::kCall && call != 0)
      Path::CoroutineBegan(thread, frame, L::Caller(tstate, frame));
    Path::SetNewestFrame(thread, frame);
    Object* result = RunDefault(tstate, frame, throwflag);
    if (strand != nullptr) {
      Path::ReturnTo(thread, strand);
      Path::SetNewestFrame(thread, caller);
    }
    if (call == 0) return result;
    if (result == nullptr) {
      Path::LeaveRaised(thread, call, parent);
    } else {
      // The frame of a generator is part of it, and our caller holds the generator: it may be read. A plain frame is
      // gone by now.
      bool yielded = generator && L::Yielded(frame);
      Path::LeaveRun(thread, call, parent, yielded, result);
    }
    return result;
  }

  // 3.11 calls itself through the C stack for every frame as soon as a hook is set, where unhooked it needs none: deep
  // recursion would crash. So below half of the stack the interpreter goes on without hook; what is called down there
  // is not seen, and said to be missing.
  __attribute__((noinline)) static Object* WithoutHook(void* tstate, void* frame, int throwflag) {
    Path::GapBegins(Path::Thread());
    Remove(*api_);
    Object* result = RunDefault(tstate, frame, throwflag);
    Set(&Hook);
    return result;
  }
};

}  // namespace pytrace::py

#endif  // PYTRACE_PYSHIM_HOOK_EVAL_FRAME_H_
