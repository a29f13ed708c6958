// Hook of 2.7: the profile function. Start and end of a call are two events, so calls stand on the shadow stack as with
// monitoring. Three things are missing in that API, and made here:
//   - It is one thread's. New thread states are looked for at every event: a thread that is started has its state
//   before
//     its starter goes on (Modules/threadmodule.c), and the starter's next event comes before the new thread can run. A
//     thread that Python did not start makes its own by PyThreadState_New, in whose place we stand.
//   - There is one profile function, and the program may want its own (sys.setprofile, cProfile). Ours stays; what the
//     program sets is kept beside it, called from it, and told no event that it would not have had (`Theirs`).
//   - The exception by which a call ends: fetched_exception.h.
#ifndef PYTRACE_PYSHIM_HOOK_PROFILE_H_
#define PYTRACE_PYSHIM_HOOK_PROFILE_H_

#include "pyshim/api.h"
#include "pyshim/code_table.h"
#include "pyshim/code_word.h"
#include "pyshim/events.h"
#include "pyshim/layout.h"
#include "pyshim/learn_exceptions.h"
#include "pyshim/replace_function.h"

namespace pytrace::py {

template <class L, class Path>
class ProfileHook {
 public:
  // Under the GIL, once. nullptr, or what went wrong.
  static const char* Install(const Api& api) {
    api_ = &api;
    void* tstate = api.ThreadStateGet();
    if (const char* wrong = CheckThreadState(api, tstate)) return wrong;
    LearnExceptions(api, &thrown_, &raised_);
    code_dealloc_ = StandBefore(api.code_type, &CodeDies);
    class_dealloc_ = StandBefore(api.class_type, &ClassDies);
    ReplaceFunction(reinterpret_cast<void*>(api.EvalSetProfile), reinterpret_cast<const void*>(&SetProfile),
                    &replaced_);
    NoteMain(tstate);
    ReplaceFunction(reinterpret_cast<void*>(api.ThreadStateNew), reinterpret_cast<const void*>(&NewThreadState),
                    &replaced_new_);
    ReplaceFunction(reinterpret_cast<void*>(api.GilStateEnsure), reinterpret_cast<const void*>(&Ensure),
                    &replaced_ensure_);
    ReachSetprofile(api);
    Adopt(tstate);
    return nullptr;
  }

  static void Remove(const Api& api) {
    PutBack(&replaced_);
    PutBack(&replaced_new_);
    PutBack(&replaced_ensure_);
    if (setprofile_ != nullptr) setprofile_->function = reinterpret_cast<void*>(setprofile_function_);
    At<Destructor>(api.code_type, kTypeDealloc) = code_dealloc_;
    At<Destructor>(api.class_type, kTypeDealloc) = class_dealloc_;
    api.EvalSetProfile(nullptr, nullptr);
  }

  // One hook serves all interpreters: whatever a thread state is of. That of an interpreter that starts is reached
  // here.
  static bool IsSet(const Api& api) {
    NoteMain(api.ThreadStateGet());
    Reach(api.ThreadStateGet());
    return true;
  }
  // What does not work here, or "".
  static const char* Restriction() {
    if (replaced_.function == nullptr) return "a profiler of the program takes the place of the recording";
    return raised_.known() ? "" : "exceptions are recorded without their values";
  }

 private:
  using Function = int (*)(Object* object, void* frame, int what, Object* arg);  // Py_tracefunc
  using Destructor = void (*)(Object*);
  using Method = Object* (*)(Object* self, Object* args);
  enum What { kCall = 0, kReturn = 3, kCCall = 4 };  // PyTrace_*, Include/pystate.h; the others end a C call

  static inline const Api* api_;
  static inline FetchedException thrown_, raised_;
  static inline ReplacedFunction replaced_, replaced_new_, replaced_ensure_;
  static inline Destructor code_dealloc_, class_dealloc_;
  static inline MethodDef* setprofile_;
  static inline Method setprofile_function_;
  static inline void* main_interpreter_;
  static inline const void* newest_;  // head of the list of thread states when it was last looked through

  static constexpr uint32_t kKnownDepth = 1024;

  // The program's profile function on this thread; its object stands in the thread state, where sys.getprofile finds
  // it. It is told the end of a C call if one was set when it began, as without us.
  struct Theirs {
    Function function;
    const void* tstate;
    uint32_t depth;                   // C calls that are under way
    uint64_t told[kKnownDepth / 64];  // a bit for each, the deeper ones count as told
    void Begins(bool is_told) {
      uint32_t n = depth++;
      if (n >= kKnownDepth) return;
      uint64_t bit = uint64_t{1} << n % 64;
      told[n / 64] = is_told ? told[n / 64] | bit : told[n / 64] & ~bit;
    }
    bool Ends() {
      if (depth == 0) return false;  // began before the thread was reached
      uint32_t n = --depth;
      return n >= kKnownDepth || told[n / 64] >> n % 64 & 1;
    }
  };
  static inline __thread Theirs theirs_ __attribute__((tls_model("initial-exec")));

  // --- Installing

  static const char* CheckThreadState(const Api& api, void* tstate) {
    void* interpreter = At<void*>(tstate, L::kThreadInterpreter);
    if (At<void*>(interpreter, L::kInterpreterThreads) != api.InterpreterThreadHead(interpreter))
      return "the list of threads lies elsewhere";
    // The two fields before it are not looked at otherwise; see Ensure.
    if (At<long>(tstate, L::kThreadIdent) != api.ThreadIdent()) return "the thread's number lies elsewhere";
    void*& function = At<void*>(tstate, L::kThreadProfileFunction);
    Object*& object = At<Object*>(tstate, L::kThreadProfileObject);
    int& in_use = At<int>(tstate, L::kThreadUseTracing);
    if (function != nullptr || object != nullptr || in_use != 0) return "a profile function is set";
    void* ours = reinterpret_cast<void*>(&Nothing);
    api.EvalSetProfile(ours, api.none);
    bool ok = function == ours && object == api.none && in_use == 1;
    api.EvalSetProfile(nullptr, nullptr);
    return ok && function == nullptr && object == nullptr && in_use == 0 ? nullptr
                                                                         : "the profile function lies elsewhere";
  }
  static int Nothing(Object*, void*, int, Object*) { return 0; }

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

  // An interpreter that was optimised as a whole may have its own copy of PyEval_SetProfile in sys.setprofile: then the
  // method is ours.
  static void ReachSetprofile(const Api& api) {
    void* tstate = api.ThreadStateGet();
    Object* method = api.SysGetObject("setprofile");
    if (method == nullptr) return;
    Object* done = api.ObjectCallFunction(method, api.none, nullptr);
    if (done != nullptr) api.DecRef(done);
    api.ErrClear();
    if (IsOurs(tstate)) return;
    setprofile_ = At<MethodDef*>(method, kCFunctionMethod27);
    setprofile_function_ = reinterpret_cast<Method>(setprofile_->function);
    setprofile_->function = reinterpret_cast<void*>(&Setprofile);
  }
  static Object* Setprofile(Object* self, Object* args) {
    Object* result = setprofile_function_(self, args);
    Adopt(api_->ThreadStateGet());
    return result;
  }

  static bool IsOurs(const void* tstate) { return At<Function>(tstate, L::kThreadProfileFunction) == &OnEvent; }

  // Puts our function in place of what is there, which becomes theirs. Of the current thread.
  static void Adopt(void* tstate) {
    Function& function = At<Function>(tstate, L::kThreadProfileFunction);
    if (function == &OnEvent) return;
    theirs_.function = function;
    theirs_.tstate = tstate;
    function = &OnEvent;
    At<int>(tstate, L::kThreadUseTracing) = 1;
  }

  // Stands in the place of PyEval_SetProfile.
  static void SetProfile(Function function, Object* object) {
    void* tstate = api_->ThreadStateGet();
    Object*& place = At<Object*>(tstate, L::kThreadProfileObject);
    Object* before = place;
    if (object != nullptr) api_->IncRef(object);
    place = nullptr;
    theirs_.function = nullptr;
    if (before != nullptr) api_->DecRef(before);  // may run code of the program
    place = object;
    At<Function>(tstate, L::kThreadProfileFunction) = &OnEvent;
    At<int>(tstate, L::kThreadUseTracing) = 1;
    theirs_.function = function;
    theirs_.tstate = tstate;
  }

  static __attribute__((noinline)) void ReachThreads(void* head) {
    newest_ = head;
    for (void* tstate = head; tstate != nullptr; tstate = At<void*>(tstate, L::kThreadNext)) Reach(tstate);
  }
  static void Reach(void* tstate) {
    Function& function = At<Function>(tstate, L::kThreadProfileFunction);
    if (function != nullptr) return;
    function = &OnEvent;
    At<int>(tstate, L::kThreadUseTracing) = 1;
  }
  // Stands in the place of PyThreadState_New. Without the GIL, mostly.
  static void* NewThreadState(void* interpreter) {
    void* tstate = api_->ThreadStatePrealloc(interpreter);
    if (tstate == nullptr) return nullptr;
    api_->ThreadStateInit(tstate);
    Reach(tstate);
    return tstate;
  }

  // The interpreter that threads of C code get: the only one when it starts.
  static void NoteMain(void* tstate) {
    void* interpreter = At<void*>(tstate, L::kThreadInterpreter);
    if (interpreter == api_->InterpreterHead() && api_->InterpreterNext(interpreter) == nullptr)
      main_interpreter_ = interpreter;
  }

  // Stands in the place of PyGILState_Ensure, which may have a copy of PyThreadState_New in it: does the same
  // (Python/pystate.c). Without the GIL, mostly.
  static int Ensure() {
    constexpr int kLocked = 0, kUnlocked = 1;
    void* tstate = api_->GilStateThisThread();
    if (tstate == nullptr) {
      // PyThreadState_New makes its counter 1, what it is to be in the end.
      tstate = api_->ThreadStateNew(main_interpreter_);
      if (tstate == nullptr) {
        PutBack(&replaced_ensure_);
        return api_->GilStateEnsure();  // out of memory: ends the process as it always does
      }
      api_->EvalRestoreThread(tstate);
      Reach(tstate);
      return kUnlocked;
    }
    bool current = *api_->current_thread_state == tstate;
    if (!current) api_->EvalRestoreThread(tstate);
    ++At<int>(tstate, L::kThreadGilCounter);
    return current ? kLocked : kUnlocked;
  }

  // --- Events

  static int OnEvent(Object* object, void* frame, int what, Object* arg) {
    const void* tstate = At<void*>(frame, L::kFrameThread);
    void* head = At<void*>(At<void*>(tstate, L::kThreadInterpreter), L::kInterpreterThreads);
    if (__builtin_expect(head != newest_, 0)) ReachThreads(head);
    if (what == kCall) {
      // Theirs first: when it fails the call does not take place.
      if (__builtin_expect(theirs_.function != nullptr, 0) && Tell(object, frame, what, arg)) return -1;
      Begin(frame, PYTRACE_CALLED_FROM);
      return 0;
    }
    if (what == kReturn) {
      if (__builtin_expect(arg != nullptr, 1))
        End(frame, arg);
      else
        EndRaised(frame, PYTRACE_CALLED_FROM);
      return __builtin_expect(theirs_.function != nullptr, 0) ? Tell(object, frame, what, arg) : 0;
    }
    if (what == kCCall) {
      theirs_.Begins(theirs_.function != nullptr);
      if (__builtin_expect(theirs_.function == nullptr, 1) || Tell(object, frame, what, arg) == 0) return 0;
      theirs_.Ends();  // it does not take place
      return -1;
    }
    bool told = theirs_.Ends();
    return __builtin_expect(theirs_.function != nullptr, 0) && told ? Tell(object, frame, what, arg) : 0;
  }

  static __attribute__((noinline)) int Tell(Object* object, void* frame, int what, Object* arg) {
    // A thread can have thread states of several interpreters.
    if (theirs_.tstate != At<void*>(frame, L::kFrameThread)) return 0;
    return theirs_.function(object, frame, what, arg);
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
