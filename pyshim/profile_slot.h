// The profile function of 2.7, which is to be ours on every thread for good:
//   - It is one thread's. New thread states are looked for at every event: a thread that is started has its state
//     before its starter goes on (Modules/threadmodule.c), and the starter's next event comes before the new thread can
//     run. A thread that Python did not start makes its own by PyThreadState_New, in whose place we stand.
//   - There is one, and the program may want its own (sys.setprofile, cProfile). Ours stays; what the program sets is
//     kept beside it, called from it, and told no event that it would not have had (`Theirs`).
#ifndef PYTRACE_PYSHIM_PROFILE_SLOT_H_
#define PYTRACE_PYSHIM_PROFILE_SLOT_H_

#include "pyshim/api.h"
#include "pyshim/layout.h"
#include "pyshim/replace_function.h"

namespace pytrace::py {

using ProfileFunction = int (*)(Object* object, void* frame, int what, Object* arg);  // Py_tracefunc

template <class L, ProfileFunction kOurs>
class ProfileSlot {
 public:
  // nullptr, or what is not as we know it.
  static const char* Check(const Api& api) {
    void* tstate = api.ThreadStateGet();
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

  // After Check. Under the GIL, once.
  static void Take(const Api& api) {
    api_ = &api;
    void* tstate = api.ThreadStateGet();
    ReplaceFunction(reinterpret_cast<void*>(api.EvalSetProfile), reinterpret_cast<const void*>(&SetProfile),
                    &replaced_);
    NoteMain(tstate);
    ReplaceFunction(reinterpret_cast<void*>(api.ThreadStateNew), reinterpret_cast<const void*>(&NewThreadState),
                    &replaced_new_);
    ReplaceFunction(reinterpret_cast<void*>(api.GilStateEnsure), reinterpret_cast<const void*>(&Ensure),
                    &replaced_ensure_);
    ReachSetprofile(api);
    Adopt(tstate);
  }
  static void GiveBack(const Api& api) {
    PutBack(&replaced_);
    PutBack(&replaced_new_);
    PutBack(&replaced_ensure_);
    if (setprofile_ != nullptr) setprofile_->function = reinterpret_cast<void*>(setprofile_function_);
    api.EvalSetProfile(nullptr, nullptr);
  }
  // False: a profiler of the program takes our place.
  static bool IsKept() { return replaced_.function != nullptr; }

  // One that starts: of its first thread.
  static void ReachInterpreter(const Api& api) {
    NoteMain(api.ThreadStateGet());
    Reach(api.ThreadStateGet());
  }
  static inline const void* newest;  // head of the list of thread states when it was last looked through
  static __attribute__((noinline)) void ReachThreads(void* head) {
    newest = head;
    for (void* tstate = head; tstate != nullptr; tstate = At<void*>(tstate, L::kThreadNext)) Reach(tstate);
  }
  static void Reach(void* tstate) {
    ProfileFunction& function = At<ProfileFunction>(tstate, L::kThreadProfileFunction);
    if (function != nullptr) return;
    function = kOurs;
    At<int>(tstate, L::kThreadUseTracing) = 1;
  }

  // The program's profile function on this thread; its object stands in the thread state, where sys.getprofile finds
  // it. It is told the end of a C call if one was set when it began, as without us.
  struct Theirs {
    static constexpr uint32_t kKnownDepth = 1024;
    ProfileFunction function;
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
  static inline __thread Theirs theirs __attribute__((tls_model("initial-exec")));

 private:
  static int Nothing(Object*, void*, int, Object*) { return 0; }

  using Method = Object* (*)(Object* self, Object* args);

  static inline const Api* api_;
  static inline ReplacedFunction replaced_, replaced_new_, replaced_ensure_;
  static inline MethodDef* setprofile_;
  static inline Method setprofile_function_;
  static inline void* main_interpreter_;

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

  static bool IsOurs(const void* tstate) { return At<ProfileFunction>(tstate, L::kThreadProfileFunction) == kOurs; }

  // Puts our function in place of what is there, which becomes theirs. Of the current thread.
  static void Adopt(void* tstate) {
    ProfileFunction& function = At<ProfileFunction>(tstate, L::kThreadProfileFunction);
    if (function == kOurs) return;
    theirs.function = function;
    theirs.tstate = tstate;
    function = kOurs;
    At<int>(tstate, L::kThreadUseTracing) = 1;
  }

  // Stands in the place of PyEval_SetProfile.
  static void SetProfile(ProfileFunction function, Object* object) {
    void* tstate = api_->ThreadStateGet();
    Object*& place = At<Object*>(tstate, L::kThreadProfileObject);
    Object* before = place;
    if (object != nullptr) api_->IncRef(object);
    place = nullptr;
    theirs.function = nullptr;
    if (before != nullptr) api_->DecRef(before);  // may run code of the program
    place = object;
    At<ProfileFunction>(tstate, L::kThreadProfileFunction) = kOurs;
    At<int>(tstate, L::kThreadUseTracing) = 1;
    theirs.function = function;
    theirs.tstate = tstate;
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
};

}  // namespace pytrace::py

#endif  // PYTRACE_PYSHIM_PROFILE_SLOT_H_
