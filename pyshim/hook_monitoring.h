// Hook of 3.12 and later: sys.monitoring (PEP 669) with C callbacks. A function that is filtered answers DISABLE once
// and costs nothing from then on.
//
// Start and end of a call are two callbacks with nothing between them that we own, so each thread keeps a stack of
// (frame, serial). The frame's address is the same at both ends; an end whose frame is not on top is looked up below (a
// greenlet switched, an end was not reported) or is no call of ours (it began before the hook, or 3.12.1 reports
// PY_UNWIND of a shim frame: gh-113486).
#ifndef PYTRACE_PYSHIM_HOOK_MONITORING_H_
#define PYTRACE_PYSHIM_HOOK_MONITORING_H_

#include <string.h>

#include "pyshim/api.h"
#include "pyshim/code_word.h"
#include "pyshim/events.h"
#include "pyshim/layout.h"

namespace pytrace::py {

template <class L, class Path>
class MonitoringHook {
 public:
  // Under the GIL, once an interpreter. nullptr, or what went wrong.
  static const char* Install(const Api& api) {
    none_ = api.none;
    tstate_get_ = api.ThreadStateGet;
    Object* monitoring = api.SysGetObject("monitoring");
    if (monitoring == nullptr) return "sys.monitoring is missing";
    const char* error = Register(api, monitoring);
    api.ErrClear();
    if (error != nullptr) Remove(api);
    return error;
  }
  // Whether this interpreter has the hook.
  static bool IsSet(const Api& api) { return OurTool(api) >= 0; }
  // As if we had never been there: whoever takes the id next finds no callbacks. Another tool's id is left alone.
  static void Remove(const Api& api) {
    int tool = OurTool(api);
    if (tool < 0) return;
    Object* monitoring = api.SysGetObject("monitoring");
    auto drop = [&api](Object* result) {
      if (result != nullptr) api.DecRef(result);
      api.ErrClear();
    };
    drop(api.ObjectCallMethod(monitoring, "set_events", "ii", tool, 0));
    Object* events = api.ObjectGetAttrString(monitoring, "events");
    for (const MethodDef& method : methods_) {
      Object* number = events != nullptr ? api.ObjectGetAttrString(events, method.name) : nullptr;
      if (number != nullptr) drop(api.ObjectCallMethod(monitoring, "register_callback", "iOO", tool, number, api.none));
      drop(number);
    }
    drop(events);
    drop(api.ObjectCallMethod(monitoring, "free_tool_id", "i", tool));
  }

 private:
  // The id of the tool of our name in this interpreter, -1: none.
  static int OurTool(const Api& api) {
    Object* monitoring = api.SysGetObject("monitoring");
    int ours = -1;
    for (int tool : {3, 4}) {
      Object* name = monitoring != nullptr ? api.ObjectCallMethod(monitoring, "get_tool", "i", tool) : nullptr;
      if (name == nullptr) continue;
      const char* text = TypeOf(name) == api.unicode_type ? api.UnicodeAsUtf8AndSize(name, nullptr) : nullptr;
      if (text != nullptr && strcmp(text, kToolName) == 0) ours = tool;
      api.DecRef(name);
    }
    api.ErrClear();
    return ours;
  }

  static constexpr char kToolName[] = "pytrace";
  static inline Object *none_, *disable_;
  static inline void* (*tstate_get_)();
  using Arguments = Object* const*;

  static const char* Register(const Api& api, Object* monitoring) {
    disable_ = api.ObjectGetAttrString(monitoring, "DISABLE");
    if (disable_ == nullptr) return "sys.monitoring.DISABLE is missing";
    // 0, 1, 2 and 5 belong to debuggers, coverage, profilers and optimizers.
    int tool = -1;
    for (int candidate : {3, 4}) {
      Object* done = api.ObjectCallMethod(monitoring, "use_tool_id", "is", candidate, kToolName);
      if (done != nullptr) {
        tool = candidate;
        api.DecRef(done);
        break;
      }
      api.ErrClear();
    }
    if (tool < 0) return "no free sys.monitoring tool id";
    Object* events = api.ObjectGetAttrString(monitoring, "events");
    if (events == nullptr) return "sys.monitoring.events is missing";
    int all = 0;
    for (MethodDef& method : methods_) {
      Object* number = api.ObjectGetAttrString(events, method.name);
      Object* callback = number != nullptr ? api.CFunctionNew(&method, nullptr, nullptr) : nullptr;
      if (callback == nullptr) return "a sys.monitoring event is missing";
      api.GcUntrack(callback);  // it refers to nothing, and a program may count its objects
      CallDirectly(callback, method.function);
      int event = static_cast<int>(api.LongAsLong(number));
      Object* before = api.ObjectCallMethod(monitoring, "register_callback", "iiO", tool, event, callback);
      api.DecRef(callback);
      api.DecRef(number);
      if (before == nullptr) return "sys.monitoring.register_callback failed";
      api.DecRef(before);
      all |= event;
    }
    api.DecRef(events);
    Object* done = api.ObjectCallMethod(monitoring, "set_events", "ii", tool, all);
    if (done == nullptr) return "sys.monitoring.set_events failed";
    api.DecRef(done);
    return nullptr;
  }

  // A builtin function's own entry counts as a level of recursion in C: at its limit the callback would raise, a level
  // earlier than without us. It has nothing else to do for us. A vectorcallfunc has a fourth argument, the names of
  // keywords, which ours do not look at: in both ABIs that we know the caller alone minds it.
  static void CallDirectly(Object* callback, void* function) {
    if (At<Ssize>(TypeOf(callback), kTypeVectorcallOffset) == kBuiltinVectorcall)
      At<void*>(callback, kBuiltinVectorcall) = function;
  }

  // Arguments of all callbacks: code, offset, and for ends the value.
  static Object* OnStart(Object*, Arguments args, Ssize) { return Begin(args[0], Start::kCall); }
  static Object* OnResume(Object*, Arguments args, Ssize) { return Begin(args[0], Start::kResume); }
  static Object* OnThrow(Object*, Arguments args, Ssize) {
    Begin(args[0], Start::kThrow);
    return none_;  // PY_THROW and PY_UNWIND cannot be disabled before 3.15: DISABLE would be an error
  }
  static Object* OnReturn(Object*, Arguments args, Ssize) { return End(args[0], Outcome::kReturn, args[2]); }
  static Object* OnYield(Object*, Arguments args, Ssize) { return End(args[0], Outcome::kYield, args[2]); }
  static Object* OnUnwind(Object*, Arguments args, Ssize) {
    End(args[0], Outcome::kException, args[2]);
    return none_;
  }

  // The frame that the event is about. From 3.13 on C code fires events of its own (PyMonitoring_FirePyStartEvent),
  // with any object for the code and whatever frame lies below, or none: nullptr, no call of ours.
  static inline const void* FrameOf(const Object* code) {
    const void* frame = L::CurrentFrame(tstate_get_());
    return __builtin_expect(frame != nullptr && L::Code(frame) == code, 1) ? frame : nullptr;
  }

  static inline Object* Begin(Object* code, Start start) {
    const void* frame = FrameOf(code);
    if (__builtin_expect(frame == nullptr, 0)) return none_;
    uint64_t word = Path::Word(code);
    auto& thread = Path::Thread();
    bool generator = At<uint8_t>(frame, L::kFrameOwner) == kOwnedByGenerator;
    if (__builtin_expect(!Path::ShortWay(word) || Path::Suppressed(thread) || generator, 0))
      return BeginLongWay(thread, code, word, frame, start, generator);
    Path::Push(thread, frame, Path::EnterPlain(thread, word, code, frame));
    return none_;
  }

  // First sight of a function, filtered, suppressed, special ones, generators, arguments that are cells.
  __attribute__((noinline)) static Object* BeginLongWay(auto& thread, Object* code, uint64_t word, const void* frame,
                                                        Start start, bool generator) {
    if (__builtin_expect(Path::Strands(), 0))
      Path::FindStrand(thread, frame, L::Previous(frame), Path::TopFrame(thread));
    if (!Path::Defined(word)) {
      if (Path::Suppressed(thread) && !(word & CodeWord::kNoTrace)) return none_;
      word = Path::Define(thread, code, frame);
    }
    if (word == 0) return none_;
    if ((word & CodeWord::kSpecial) && !generator) Path::Special(thread, word, code, frame);
    if (word & CodeWord::kFiltered) return word & CodeWord::kSpecial ? none_ : disable_;
    if (word & CodeWord::kNoTrace) {
      Path::Suppress(thread);
      return none_;
    }
    if (Path::Suppressed(thread)) return none_;
    uint64_t call =
        Path::EnterAny(thread, word, code, frame, start, generator ? reinterpret_cast<uintptr_t>(frame) : 0);
    Path::Push(thread, frame, call);
    if ((word & CodeWord::kSpecial) && generator && start == Start::kCall && call != 0)
      Path::CoroutineBegan(thread, frame, L::Previous(frame));
    return none_;
  }

  static inline Object* End(Object* code, Outcome outcome, Object* value) {
    const void* frame = FrameOf(code);
    if (__builtin_expect(frame == nullptr, 0)) return none_;
    auto& thread = Path::Thread();
    if (__builtin_expect(Path::TopFrame(thread) == frame, 1)) {
      Path::LeaveTop(thread, outcome, value);
      return none_;
    }
    return EndLongWay(thread, code, frame, outcome, value);
  }

  __attribute__((noinline)) static Object* EndLongWay(auto& thread, Object* code, const void* frame, Outcome outcome,
                                                      Object* value) {
    uint64_t word = Path::Word(code);
    if (__builtin_expect(Path::Strands(), 0))
      Path::FindStrand(thread, frame, L::Previous(frame), Path::TopFrame(thread));
    if (word & CodeWord::kFiltered) return disable_;
    if (word & CodeWord::kNoTrace) {
      Path::Unsuppress(thread);
      return none_;
    }
    if (Path::DropAbove(thread, frame)) Path::LeaveTopOfStrand(thread, outcome, value);
    return none_;
  }

  static constexpr int kFastcall = 0x80;  // METH_FASTCALL
  static inline MethodDef methods_[] = {
      {"PY_START", reinterpret_cast<void*>(&OnStart), kFastcall, nullptr},
      {"PY_RESUME", reinterpret_cast<void*>(&OnResume), kFastcall, nullptr},
      {"PY_THROW", reinterpret_cast<void*>(&OnThrow), kFastcall, nullptr},
      {"PY_RETURN", reinterpret_cast<void*>(&OnReturn), kFastcall, nullptr},
      {"PY_YIELD", reinterpret_cast<void*>(&OnYield), kFastcall, nullptr},
      {"PY_UNWIND", reinterpret_cast<void*>(&OnUnwind), kFastcall, nullptr},
  };
};

}  // namespace pytrace::py

#endif  // PYTRACE_PYSHIM_HOOK_MONITORING_H_
