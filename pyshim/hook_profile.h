// Hook of 2.7: the profile function. Start and end of a call are two events, so calls stand on the shadow stack as with
// monitoring. What is missing in that API is made by profile_slot.h (it is one thread's, and the program may want its
// own) and fetched_exception.h (the exception by which a call ends).
#ifndef PYTRACE_PYSHIM_HOOK_PROFILE_H_
#define PYTRACE_PYSHIM_HOOK_PROFILE_H_

#include "pyshim/api.h"
#include "pyshim/code_table.h"
#include "pyshim/code_word.h"
#include "pyshim/events.h"
#include "pyshim/layout.h"
#include "pyshim/learn_exceptions.h"
#include "pyshim/profile_slot.h"

namespace pytrace::py {

template <class L, class Path>
class ProfileHook {
 public:
  // Under the GIL, once. nullptr, or what went wrong.
  static const char* Install(const Api& api) {
    if (const char* wrong = Slot::Check(api)) return wrong;
    LearnExceptions(api, &thrown_, &raised_);
    code_dealloc_ = StandBefore(api.code_type, &CodeDies);
    class_dealloc_ = StandBefore(api.class_type, &ClassDies);
    Slot::Take(api);
    return nullptr;
  }

  static void Remove(const Api& api) {
    At<Destructor>(api.code_type, kTypeDealloc) = code_dealloc_;
    At<Destructor>(api.class_type, kTypeDealloc) = class_dealloc_;
    Slot::GiveBack(api);
  }

  // One hook serves all interpreters: whatever a thread state is of. That of an interpreter that starts is reached
  // here.
  static bool IsSet(const Api& api) {
    Slot::ReachInterpreter(api);
    return true;
  }
  // What does not work here, or "".
  static const char* Restriction() {
    if (!Slot::IsKept()) return "a profiler of the program takes the place of the recording";
    return raised_.known() ? "" : "exceptions are recorded without their values";
  }

 private:
  using Destructor = void (*)(Object*);
  enum What { kCall = 0, kReturn = 3, kCCall = 4 };  // PyTrace_*, Include/pystate.h; the others end a C call

  static inline FetchedException thrown_, raised_;
  static inline Destructor code_dealloc_, class_dealloc_;

  static Destructor StandBefore(Object* type, Destructor ours) {
    Destructor& dealloc = At<Destructor>(type, kTypeDealloc);
    Destructor before = dealloc;
    dealloc = ours;
    return before;
  }
  static void CodeDies(Object* code) {
    CodeTable::Forget(code);
    code_dealloc_(code);
  }
  static void ClassDies(Object* type) {
    Path::ForgetClass(type);
    class_dealloc_(type);
  }

  static int OnEvent(Object* object, void* frame, int what, Object* arg) {
    const void* tstate = At<void*>(frame, L::kFrameThread);
    void* head = At<void*>(At<void*>(tstate, L::kThreadInterpreter), L::kInterpreterThreads);
    if (__builtin_expect(head != Slot::newest, 0)) Slot::ReachThreads(head);
    if (what == kCall) {
      // Theirs first: when it fails the call does not take place.
      if (__builtin_expect(Slot::theirs.function != nullptr, 0) && Tell(object, frame, what, arg)) return -1;
      Begin(frame, PYTRACE_CALLED_FROM);
      return 0;
    }
    if (what == kReturn) {
      if (__builtin_expect(arg != nullptr, 1))
        End(frame, arg);
      else
        EndRaised(frame, PYTRACE_CALLED_FROM);
      return __builtin_expect(Slot::theirs.function != nullptr, 0) ? Tell(object, frame, what, arg) : 0;
    }
    if (what == kCCall) {
      Slot::theirs.Begins(Slot::theirs.function != nullptr);
      if (__builtin_expect(Slot::theirs.function == nullptr, 1) || Tell(object, frame, what, arg) == 0) return 0;
      Slot::theirs.Ends();  // it does not take place
      return -1;
    }
    bool told = Slot::theirs.Ends();
    return __builtin_expect(Slot::theirs.function != nullptr, 0) && told ? Tell(object, frame, what, arg) : 0;
  }

  using Slot = ProfileSlot<L, &ProfileHook::OnEvent>;

  static __attribute__((noinline)) int Tell(Object* object, void* frame, int what, Object* arg) {
    // A thread can have thread states of several interpreters.
    if (Slot::theirs.tstate != At<void*>(frame, L::kFrameThread)) return 0;
    return Slot::theirs.function(object, frame, what, arg);
  }

  static inline void Begin(const void* frame, CalledFrom from) {
    Object* code = At<Object*>(frame, L::kFrameCode);
    uint64_t word = Path::Word(code);
    auto& thread = Path::Thread();
    if (__builtin_expect(!Path::ShortWay(word) || Path::Suppressed(thread), 0))
      return BeginLongWay(thread, code, word, frame, from);
    Path::Push(thread, frame, Path::EnterPlain(thread, word, code, frame));
  }

  // First sight of a function, filtered, suppressed, special ones, generators.
  static __attribute__((noinline)) void BeginLongWay(auto& thread, Object* code, uint64_t word, const void* frame,
                                                     CalledFrom from) {
    if (__builtin_expect(Path::Strands(), 0))
      Path::FindStrand(thread, frame, L::Previous(frame), Path::TopFrame(thread));
    if (!Path::Defined(word)) {
      if (Path::Suppressed(thread) && !(word & CodeWord::kNoTrace)) return;
      word = Path::Define(thread, code, frame);
    }
    if (word == 0 || word & CodeWord::kFiltered) return;
    if (word & CodeWord::kNoTrace) return Path::Suppress(thread);
    if (Path::Suppressed(thread)) return;
    if (word & CodeWord::kSpecial) Path::Special(thread, word, code, frame);
    bool generator = word & CodeWord::kGenerator;
    Start start = Start::kCall;
    if (generator) {
      Object *type, *value;
      bool thrown = thrown_.Read(from, &type, &value) && type != nullptr;
      start = thrown ? Start::kThrow : L::FirstRun(frame) ? Start::kCall : Start::kResume;
    }
    Path::Push(thread, frame,
               Path::EnterAny(thread, word, code, frame, start, generator ? reinterpret_cast<uintptr_t>(frame) : 0));
  }

  static inline void End(const void* frame, Object* value) {
    auto& thread = Path::Thread();
    Outcome outcome = __builtin_expect(L::Yielded(frame), 0) ? HowYielded(frame) : Outcome::kReturn;
    if (__builtin_expect(Path::TopFrame(thread) == frame, 1)) return Path::LeaveTop(thread, outcome, value);
    if (Uncover(thread, frame)) Path::LeaveTopOfStrand(thread, outcome, value);
  }
  // A frame that C code made up to report a call of its own (Cython) was never run, and looks the same.
  static Outcome HowYielded(const void* frame) {
    bool generator = At<uint32_t>(At<Object*>(frame, L::kFrameCode), L::kCodeFlags) & kCoGenerator;
    return generator ? Outcome::kYield : Outcome::kReturn;
  }

  static __attribute__((noinline)) void EndRaised(const void* frame, CalledFrom from) {
    auto& thread = Path::Thread();
    if (Path::TopFrame(thread) != frame && !Uncover(thread, frame)) return;
    Object *type = nullptr, *value = nullptr;
    raised_.Read(from, &type, &value);
    Path::LeaveTopRaised(thread, type, value);
  }

  // The call that ends is not on top of the shadow stack: brings it there. False: it is none of ours.
  static __attribute__((noinline)) bool Uncover(auto& thread, const void* frame) {
    uint64_t word = Path::Word(At<Object*>(frame, L::kFrameCode));
    if (__builtin_expect(Path::Strands(), 0))
      Path::FindStrand(thread, frame, L::Previous(frame), Path::TopFrame(thread));
    if (word & CodeWord::kFiltered) return false;
    if (word & CodeWord::kNoTrace) {
      Path::Unsuppress(thread);
      return false;
    }
    return Path::DropAbove(thread, frame);
  }
};

}  // namespace pytrace::py

#endif  // PYTRACE_PYSHIM_HOOK_PROFILE_H_
