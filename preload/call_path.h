// The hot path: from the hook to the ring, one call's start and end. Everything that is not needed for a call of a
// known function with room in its chunk is out of line in call_path.cc.
//
// One static class a Python version; the hooks in pyshim/ call it, so that hook and path become one function.
#ifndef PYTRACE_PRELOAD_CALL_PATH_H_
#define PYTRACE_PRELOAD_CALL_PATH_H_

#include "preload/process.h"
#include "preload/share.h"
#include "preload/strands.h"
#include "preload/thread_state.h"
#include "pyshim/capture.h"
#include "pyshim/code_word.h"
#include "pyshim/events.h"
#include "ringbuf/record/encode.h"

namespace pytrace {

inline constexpr py::ContainerTags kContainerTags = {record::tag::kTuple, record::tag::kList, record::tag::kSet,
                                                     record::tag::kFrozenset, record::tag::kDict};

// Writes the definitions of `types`. False: they could not be written and are given up.
bool DefineTypes(ThreadState& thread, const py::NewTypes& types);
// The record did not fit although the chunk is new: makes the limits of the next attempt smaller.
void ShrinkLimits(py::Limits* limits);
// Makes room in the shadow stack. False: no memory; the call is not tracked.
bool GrowStack(ThreadState& thread);
// Takes calls that ended without an event off the shadow stack. False: `frame` is not in it.
bool DropAboveFrame(ThreadState& thread, const void* frame);
// Says in the ring that calls below here were not seen.
void WriteGap(ThreadState& thread);
// Writes the name of the asyncio task that runs, if one does, as that of the newest call's coroutine; see
// task_name.cc.
void NameTask(ThreadState& thread, uintptr_t frame);
// Names the thread that begins with threading.Thread._bootstrap(self).
void NameThread(ThreadState& thread, py::Object* self);
// co_extra of a function met for the first time; see define.cc.
template <class L>
uint64_t DefineFunction(ThreadState& thread, py::Object* code, const void* frame);

template <class L>
class CallPath {
 public:
  using Object = py::Object;

  static ThreadState& Thread() { return thread_state; }
  static uint64_t Word(const Object* code) { return py::LoadCodeWord<L>(code, process.code_extra_index); }
  static bool StoreWord(Object* code, uint64_t word) {
    return py::StoreCodeWord<L>(process.api, code, process.code_extra_index, word);
  }
  // A plain function, defined in this process, to be recorded.
  static bool ShortWay(uint64_t word) { return ((word ^ process.short_way) & py::CodeWord::kShortWay) == 0; }
  static bool Defined(uint64_t word) { return ((word ^ process.epoch_bits) & py::CodeWord::kEpochMask) == 0; }
  static uint64_t Define(ThreadState& t, Object* code, const void* frame) { return DefineFunction<L>(t, code, frame); }
  static bool Suppressed(const ThreadState& t) { return t.suppressed != 0; }
  static void Suppress(ThreadState& t) { ++t.suppressed; }
  static void Unsuppress(ThreadState& t) { t.suppressed -= t.suppressed != 0; }
  static uint64_t Newest(const ThreadState& t) { return t.newest; }
  static bool StackLow(const ThreadState& t) {
    if constexpr (!L::kUnhookedNeedsNoStack) return false;
    uintptr_t here;  // (__builtin_frame_address would keep a frame pointer in the hook's frame)
#if defined(__x86_64__)
    asm("mov %%rsp, %0" : "=r"(here));
#else
    here = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
#endif
    return here < t.stack_guard && here >= t.stack_low;
  }
  static void GapBegins(ThreadState& t) { WriteGap(t); }
  // Of a function that is marked so: before its call is written, and after the start of a coroutine's first run.
  static void Special(ThreadState& t, uint64_t word, Object* code, const void* frame) {
    if constexpr (requires { L::kSharesBareCode; }) {
      if (word & py::CodeWord::kShares) return TakeWordsOff<L>(code, frame);
    }
    NameThread(t, L::Slot(py::At<Object*>(frame, L::kFrameLocals)));
  }
  static __attribute__((noinline)) void CoroutineBegan(ThreadState& t, const void* frame, const void* caller) {
    if (caller == nullptr) return NameTask(t, reinterpret_cast<uintptr_t>(frame));
    // What a coroutine awaits runs in the same task.
    const Object* code = L::Slot(py::At<Object*>(caller, L::kFrameCode));
    bool awaited = code == nullptr || py::TypeOf(code) != process.api.code_type ||
                   (py::At<uint32_t>(code, L::kCodeFlags) & py::kCoTask) != 0;
    if (!awaited) NameTask(t, reinterpret_cast<uintptr_t>(frame));
  }

  // --- Greenlets, see strands.h. A call whose caller is `newest`, the newest frame of the strand that runs, is one of
  // that strand; for others the frames below it are looked at.
  static bool Strands() { return process.strands; }
  static void FindStrand(ThreadState& t, const void* frame, const void* caller, const void* newest) {
    bool known = t.strands != nullptr && newest != nullptr && caller == newest;
    if (__builtin_expect(!known, 0)) FindStrandBelow(t, frame, caller, newest);
  }
  static const void* NewestFrame(const ThreadState& t) {
    return t.strands != nullptr ? t.strands->running->frame : nullptr;
  }
  static void SetNewestFrame(ThreadState& t, const void* frame) {
    if (t.strands != nullptr) t.strands->running->frame = frame;
  }
  static Strand* RunningStrand(const ThreadState& t) { return t.strands != nullptr ? t.strands->running : nullptr; }
  static void ReturnTo(ThreadState& t, Strand* strand) {
    if (strand != nullptr && t.strands->running != strand) RunStrand(t, strand);
  }
  // As EnterPlain or Enter, whichever will do.
  static uint64_t EnterAny(ThreadState& t, uint64_t word, Object* code, const void* frame, py::Start start,
                           uintptr_t generator) {
    bool plain = ((word ^ process.epoch_bits) & py::CodeWord::kShortWay) == 0 && generator == 0;
    if (plain && t.strand == t.strand_told) return EnterPlain(t, word, code, frame);
    return Enter(t, word, code, frame, start, generator);
  }

  // A call of a plain function begins: ShortWay has said so. Returns its serial, 0 when it could not be recorded: then
  // no Leave must be called for it. Straight through when there is room and the arguments are scalars.
  static __attribute__((noinline)) uint64_t EnterPlain(ThreadState& t, uint64_t word, Object* code, const void* frame) {
    return PutPlain(t, word, code, frame);
  }
  // The same for a hook whose frame is on the C stack during the call: it need not keep the thread, nor anything else
  // that is at hand here.
  struct Entered {
    uint64_t call, parent;  // in two registers
  };
  static __attribute__((noinline)) Entered EnterPlainHere(uint64_t word, Object* code, const void* frame) {
    uint64_t parent = thread_state.newest;
    return {PutPlain(thread_state, word, code, frame), parent};
  }
  static __attribute__((noinline)) void LeaveReturnedHere(uint64_t call, uint64_t parent, Object* value) {
    PutReturned(thread_state, call, parent, value);
  }
  static __attribute__((noinline)) void LeaveRaisedHere(uint64_t call, uint64_t parent) {
    LeaveRaised(thread_state, call, parent);
  }
  static inline __attribute__((always_inline)) uint64_t PutPlain(ThreadState& t, uint64_t word, Object* code,
                                                                 const void* frame) {
    namespace tag = record::tag;
    if (__builtin_expect(!t.writer.HasRoom(), 0)) return Enter(t, word, code, frame, py::Start::kCall, 0);
    uint8_t* record = t.writer.at;
    uint64_t now = Ticks(t);
    record[0] = tag::kEnter;
    record[2] = tag::kFunctionId;
    uint8_t* p = record::PutVarint(record + 3, py::CodeWord::Id(word));
    *p++ = tag::kTime;
    p = record::PutVarint(p, now - t.writer.last_time);
    Object* const* slots = &py::At<Object*>(frame, L::kFrameLocals);
    for (Object* const* end = slots + py::CodeWord::Args(word); slots < end; ++slots) {
      Object* value = L::Slot(*slots);
      bool fits = t.writer.end - p >= static_cast<ptrdiff_t>(Sink::kScalarRoom) && value != nullptr;
      uint8_t* after =
          fits ? Capture::Scalar(process.api, process.types, process.limits, value, p, tag::kValue) : nullptr;
      if (__builtin_expect(after == nullptr, 0)) return EnterRest(t, word, code, frame, p, slots, now);
      p = after;
    }
    if (__builtin_expect(p - record >= 130, 0))  // a length of two bytes
      return EnterRest(t, word, code, frame, p, slots, now);
    record[1] = static_cast<uint8_t>(p - record - 2);
    t.writer.last_time = now;
    t.newest = ++t.writer.calls;
    t.writer.Publish(p);
    return t.newest;
  }

  // Goes on where EnterPlain met an argument that is no scalar: written up to `p`, the next is *slot.
  static __attribute__((noinline)) uint64_t EnterRest(ThreadState& t, uint64_t word, Object* code, const void* frame,
                                                      uint8_t* p, Object* const* slot, uint64_t now) {
    Sink out(p, t.writer.end);
    py::NewTypes types;
    Capture capture(process.api, process.types, process.limits, &types, out);
    Object* const* end = &py::At<Object*>(frame, L::kFrameLocals) + py::CodeWord::Args(word);
    for (; slot < end; ++slot) capture.Value(L::Slot(*slot));
    out.Close(t.writer.at + 1);
    if (__builtin_expect(out.full || types.count != 0, 0)) {
      if (types.count != 0 && !DefineTypes(t, types)) return 0;
      return Enter(t, word, code, frame, py::Start::kCall, 0);
    }
    t.writer.last_time = now;
    t.newest = ++t.writer.calls;
    t.writer.Publish(out.at);
    return t.newest;
  }

  // The same for every other start, and whatever the arguments. `generator`: the frame of one, else 0.
  static __attribute__((noinline)) uint64_t Enter(ThreadState& t, uint64_t word, Object* code, const void* frame,
                                                  py::Start start, uintptr_t generator) {
    namespace tag = record::tag;
    py::Limits limits = process.limits;
    for (;;) {
      if (!t.writer.HasRoom() && !MakeRoom(t, ring::kRoom, What::kEnter)) return 0;
      if (__builtin_expect(t.strand != t.strand_told, 0)) {
        TellStrand(t);
        continue;
      }
      Sink out(t.writer.at, t.writer.end);
      uint64_t now = Ticks(t);
      uint8_t* length = out.Open(tag::kEnter);
      out.Uint(tag::kFunctionId, py::CodeWord::Id(word));
      out.Uint(tag::kTime, now - t.writer.last_time);
      py::NewTypes types;
      if (start == py::Start::kCall) CaptureArguments(limits, &types, out, word, code, frame, generator != 0);
      if (start != py::Start::kCall || generator != 0 || t.resync) RareFields(t, out, start, generator);
      out.Close(length);
      if (out.full || types.count != 0) {
        if (!TryAgain(t, types, out.full, &limits, What::kEnter)) return 0;
        continue;
      }
      t.resync = false;
      t.writer.last_time = now;
      t.newest = ++t.writer.calls;
      t.writer.Publish(out.at);
      return t.newest;
    }
  }

  // The call returns. `parent`: what Newest said before it began. Straight through for scalar results.
  static __attribute__((noinline)) void LeaveReturned(ThreadState& t, uint64_t call, uint64_t parent, Object* value) {
    PutReturned(t, call, parent, value);
  }
  static inline __attribute__((always_inline)) void PutReturned(ThreadState& t, uint64_t call, uint64_t parent,
                                                                Object* value) {
    namespace tag = record::tag;
    if (__builtin_expect(t.writer.HasRoom() && t.newest == call, 1)) {
      uint8_t* record = t.writer.at;
      uint64_t now = Ticks(t);
      record[0] = tag::kLeave;
      record[2] = tag::kTime;
      uint8_t* p = record::PutVarint(record + 3, now - t.writer.last_time);
      if (process.values) {
        uint8_t* after = Capture::Scalar(process.api, process.types, process.limits, value, p, tag::kValue);
        if (__builtin_expect(after == nullptr || after - record >= 130, 0))
          return LeaveRest(t, call, parent, value, p, now);
        p = after;
      }
      record[1] = static_cast<uint8_t>(p - record - 2);
      t.newest = parent;
      t.writer.last_time = now;
      return t.writer.Publish(p);
    }
    Leave(t, call, parent, py::Outcome::kReturn, value);
  }
  // Goes on where LeaveReturned met a result that is no scalar, or a long one.
  static __attribute__((noinline)) void LeaveRest(ThreadState& t, uint64_t call, uint64_t parent, Object* value,
                                                  uint8_t* p, uint64_t now) {
    Sink out(p, t.writer.end);
    py::NewTypes types;
    Capture capture(process.api, process.types, process.limits, &types, out);
    capture.Value(value);
    out.Close(t.writer.at + 1);
    if (__builtin_expect(out.full || types.count != 0, 0)) {
      if (types.count == 0 || DefineTypes(t, types)) return Leave(t, call, parent, py::Outcome::kReturn, value);
      t.newest = parent;
      return;
    }
    t.newest = parent;
    t.writer.last_time = now;
    t.writer.Publish(out.at);
  }

  // The call ends, in whatever way and order.
  static __attribute__((noinline)) void Leave(ThreadState& t, uint64_t call, uint64_t parent, py::Outcome outcome,
                                              Object* value) {
    WriteLeave(t, call, parent, outcome, [value](auto& capture) { capture.Value(value); });
  }

  // The call ends by the exception that is set in the interpreter, which need not be normalised. It is taken out and
  // put back: no code runs.
  static __attribute__((noinline)) void LeaveRaised(ThreadState& t, uint64_t call, uint64_t parent) {
    Object *type, *value, *traceback;
    process.api.ErrFetch(&type, &value, &traceback);
    WriteLeave(t, call, parent, py::Outcome::kException, [type, value](auto& capture) {
      if (type != nullptr) capture.RawException(type, value);
    });
    process.api.ErrRestore(type, value, traceback);
  }

  // --- The shadow stack, where start and end are separate events.
  static void Push(ThreadState& t, const void* frame, uint64_t call) {
    if (__builtin_expect(t.top + 1 >= t.stack_end, 0) && !GrowStack(t)) return;
    ++t.top;
    *t.top = {frame, call, t.top[-1].call != 0 ? t.top[-1].call : t.top[-1].parent};
  }
  static const void* TopFrame(const ThreadState& t) { return t.top != nullptr ? t.top->frame : nullptr; }
  static void LeaveTop(ThreadState& t, py::Outcome outcome, Object* value) {
    ThreadState::Open open = *t.top--;
    if (__builtin_expect(open.call == 0, 0)) return;
    if (__builtin_expect(outcome == py::Outcome::kReturn, 1)) return LeaveReturned(t, open.call, open.parent, value);
    Leave(t, open.call, open.parent, outcome, value);
  }
  // The same where another strand may have come to run: the short way would not tell.
  static void LeaveTopOfStrand(ThreadState& t, py::Outcome outcome, Object* value) {
    ThreadState::Open open = *t.top--;
    if (open.call != 0) Leave(t, open.call, open.parent, outcome, value);
  }
  // The call ends by an exception that need not be normalised; `type` nullptr: which one is not known.
  static void LeaveTopRaised(ThreadState& t, Object* type, Object* value) {
    ThreadState::Open open = *t.top--;
    if (open.call == 0) return;
    WriteLeave(t, open.call, open.parent, py::Outcome::kException, [type, value](auto& capture) {
      if (type != nullptr) capture.RawException(type, value);
    });
  }
  static void ForgetClass(const Object* type) { process.types.GiveUp(type); }
  static bool DropAbove(ThreadState& t, const void* frame) { return DropAboveFrame(t, frame); }

 private:
  using Sink = record::ValueEncoder;
  using Capture = py::Capture<L, Sink, kContainerTags>;

  static __attribute__((noinline)) void FindStrandBelow(ThreadState& t, const void* frame, const void* caller,
                                                        const void* newest) {
    const void* bottom = frame;
    for (const void* below = caller; below != nullptr; below = L::Previous(below)) {
      if (below == newest && t.strands != nullptr) return;
      bottom = below;
    }
    RunStrandOf(t, bottom);
  }

  static uint64_t Ticks(const ThreadState& t) {
    uint64_t now = process.Now();
    return __builtin_expect(now < t.writer.last_time, 0) ? t.writer.last_time : now;
  }

  static void CaptureArguments(const py::Limits& limits, py::NewTypes* types, Sink& out, uint64_t word, Object* code,
                               const void* frame, bool generator) {
    uint32_t count = py::CodeWord::Args(word);
    if (__builtin_expect(count > limits.arguments, 0)) count = limits.arguments;
    Object* const* slots = &py::At<Object*>(frame, L::kFrameLocals);
    Capture capture(process.api, process.types, limits, types, out);
    if (__builtin_expect(word & (py::CodeWord::kCells | py::CodeWord::kReorder), 0)) {
      for (uint32_t i = 0; i < count; ++i) {
        uint32_t slot = word & py::CodeWord::kReorder ? SlotOf(i, code) : i;
        capture.Value(word & py::CodeWord::kCells
                          ? py::CellArgument<L>(slots, slot, code, generator, process.api.cell_type)
                          : L::Slot(slots[slot]));
      }
      return;
    }
    for (uint32_t i = 0; i < count; ++i) capture.Value(L::Slot(slots[i]));
  }

  // Slots hold positional, keyword-only, *args, **kwargs; the signature has *args before the keyword-only ones.
  static uint32_t SlotOf(uint32_t i, const Object* code) {
    uint32_t positional = py::At<uint32_t>(code, L::kCodeArgcount),
             keyword_only = py::At<uint32_t>(code, L::kCodeKwonly);
    if (i < positional) return i;
    if (i == positional) return positional + keyword_only;
    return i <= positional + keyword_only ? i - 1 : i;
  }

  static __attribute__((noinline)) void RareFields(ThreadState& t, Sink& out, py::Start start, uintptr_t generator) {
    namespace tag = record::tag;
    if (t.resync) {
      out.Uint(tag::kCall, t.writer.calls + 1);
      out.Uint(tag::kParent, t.newest > t.first_call ? t.newest : 0);
    }
    if (start != py::Start::kCall) out.Uint(tag::kStart, static_cast<uint64_t>(start));
    if (generator != 0) out.Uint(tag::kFrame, generator >> 3);
  }

  template <class Fill>
  static void WriteLeave(ThreadState& t, uint64_t call, uint64_t parent, py::Outcome outcome, Fill fill) {
    namespace tag = record::tag;
    // It began before a fork: the parent process has it. Nothing that began here has such a call for `parent`, so
    // `newest` never is one.
    if (call <= t.first_call) return;
    if (__builtin_expect(t.strands != nullptr, 0) && call <= t.strands->began) ReturnTo(t, &t.strands->root);
    py::Limits limits = process.limits;
    bool in_order = t.newest == call && !t.resync;
    t.newest = parent;
    for (;;) {
      if (!t.writer.HasRoom() && !MakeRoom(t, ring::kRoom, What::kLeave)) return;
      if (__builtin_expect(t.strand != t.strand_told, 0)) {
        TellStrand(t);
        continue;
      }
      in_order = in_order && !t.resync;
      Sink out(t.writer.at, t.writer.end);
      uint64_t now = Ticks(t);
      uint8_t* length = out.Open(tag::kLeave);
      if (outcome != py::Outcome::kReturn) out.Uint(tag::kOutcome, static_cast<uint64_t>(outcome));
      out.Uint(tag::kTime, now - t.writer.last_time);
      py::NewTypes types;
      if (process.values) {
        Capture capture(process.api, process.types, limits, &types, out);
        fill(capture);
      }
      if (!in_order) out.Uint(tag::kCall, call);
      out.Close(length);
      if (out.full || types.count != 0) {
        if (!TryAgain(t, types, out.full, &limits, What::kLeave)) return;
        continue;
      }
      t.resync = false;
      t.writer.last_time = now;
      t.writer.Publish(out.at);
      return;
    }
  }

  // The record names types that are new, or did not fit: sees to that. False: it is lost.
  static __attribute__((noinline)) bool TryAgain(ThreadState& t, const py::NewTypes& types, bool full,
                                                 py::Limits* limits, What what) {
    if (types.count != 0 && !DefineTypes(t, types)) return false;
    if (!full) return true;
    // A chunk with hardly anything in it, and not just because it is the thread's small first one: no other will do
    // better.
    bool fresh =
        t.writer.at - t.writer.payload() < ring::kRoom && (t.chunks > 1 || t.writer.chunk->bytes > ring::kUnitBytes);
    if (fresh) ShrinkLimits(limits);
    // More than what is left here, which was not enough.
    return fresh || MakeRoom(t, static_cast<uint32_t>(t.writer.end - t.writer.at), what);
  }
};

}  // namespace pytrace

#endif  // PYTRACE_PRELOAD_CALL_PATH_H_
