// The hot path: from the hook to the ring, one call's start and end. Everything that is not needed for a call of a
// known function with room in its chunk is out of line in call_path.cc.
//
// One static class a Python version; the hooks in pyshim/ call it, so that hook and path become one function.
#ifndef PYTRACE_PRELOAD_CALL_PATH_H_
#define PYTRACE_PRELOAD_CALL_PATH_H_

#include "preload/call_record.h"

namespace pytrace {

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
class CallPath : public CallRecord<L> {
  using Record = CallRecord<L>;
  using Record::Began;
  using Record::Ended;
  using Record::EnterRest;
  using Record::LeaveRest;
  using Record::Ticks;
  using Record::WriteLeave;
  using typename Record::Capture;
  using typename Record::Sink;

 public:
  using Object = py::Object;
  using Record::Enter;
  using Record::Leave;
  using Record::LeaveRaised;
  using Record::ReturnTo;

  static ThreadState& Thread() { return thread_state; }
  static uint64_t Word(const Object* code) { return py::LoadCodeWord<L>(code, process.code_extra_index); }
  static bool StoreWord(Object* code, uint64_t word) {
    return py::StoreCodeWord<L>(process.api, code, process.code_extra_index, word);
  }
  // A plain function, defined in this process, to be recorded.
  static bool ShortWay(uint64_t word) { return ((word ^ process.short_way) & py::CodeWord::kShortWay) == 0; }
  // Not to be recorded, and nothing else to be seen to.
  static bool JustFiltered(uint64_t word) {
    constexpr uint64_t kMask = py::CodeWord::kFiltered | py::CodeWord::kEpochMask;
    return ((word ^ process.epoch_bits) & kMask) == py::CodeWord::kFiltered && !process.strands;
  }
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
  // As EnterPlain, EnterResumed or Enter, whichever will do.
  static uint64_t EnterAny(ThreadState& t, uint64_t word, Object* code, const void* frame, py::Start start,
                           uintptr_t generator) {
    if (start == py::Start::kResume) return EnterResumed(t, word, code, frame, generator);
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
    PutEnd<py::Outcome::kReturn>(thread_state, call, parent, value);
  }
  static __attribute__((noinline)) void LeaveRaisedHere(uint64_t call, uint64_t parent) {
    LeaveRaised(thread_state, call, parent);
  }
  static inline __attribute__((always_inline)) uint64_t PutPlain(ThreadState& t, uint64_t word, Object* code,
                                                                 const void* frame) {
    namespace tag = record::tag;
    if (__builtin_expect(!t.writer.HasRoom(), 0)) return Enter(t, word, code, frame, py::Start::kCall, 0);
    uint8_t* record = t.writer.at;
    t.writer.Prefetch();
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
      uint8_t* after = fits ? Capture::Scalar(p, tag::kValue, value, process, process.limits.string) : nullptr;
      if (__builtin_expect(after == nullptr, 0)) return EnterRest(t, word, code, frame, p, slots, now);
      p = after;
    }
    if (__builtin_expect(p - record >= Record::kOneByteLength, 0))
      return EnterRest(t, word, code, frame, p, slots, now);
    return Began(t, record, p, now);
  }

  // A generator or coroutine goes on: its arguments were told when it began, so the record is all numbers.
  static __attribute__((noinline)) uint64_t EnterResumed(ThreadState& t, uint64_t word, Object* code, const void* frame,
                                                         uintptr_t generator) {
    namespace tag = record::tag;
    if (__builtin_expect(!t.writer.HasRoom() || t.resync || t.strand != t.strand_told, 0))
      return Enter(t, word, code, frame, py::Start::kResume, generator);
    t.writer.Prefetch();
    uint8_t* record = t.writer.at;
    uint64_t now = Ticks(t);
    record[0] = tag::kEnter;
    record[2] = tag::kFunctionId;
    uint8_t* p = record::PutVarint(record + 3, py::CodeWord::Id(word));
    *p++ = tag::kTime;
    p = record::PutVarint(p, now - t.writer.last_time);
    *p++ = tag::kStart;
    *p++ = static_cast<uint8_t>(py::Start::kResume);
    *p++ = tag::kFrame;
    p = record::PutLongVarint(p, generator >> 3);
    return Began(t, record, p, now);
  }

  // The call returns. `parent`: what Newest said before it began. Straight through for scalar results.
  static __attribute__((noinline)) void LeaveReturned(ThreadState& t, uint64_t call, uint64_t parent, Object* value) {
    PutEnd<py::Outcome::kReturn>(t, call, parent, value);
  }
  // kReturn or kYield, by the same code: the hot path has no branch for it.
  template <py::Outcome kOutcome>
  static inline __attribute__((always_inline)) void PutEnd(ThreadState& t, uint64_t call, uint64_t parent,
                                                           Object* value) {
    namespace tag = record::tag;
    if (__builtin_expect(t.writer.HasRoom() && t.newest == call, 1)) {
      uint8_t* record = t.writer.at;
      uint64_t now = Ticks(t);
      record[0] = tag::kLeave;
      uint8_t* p = record + 2;
      if constexpr (kOutcome != py::Outcome::kReturn) {
        *p++ = tag::kOutcome;
        *p++ = static_cast<uint8_t>(kOutcome);
      }
      *p++ = tag::kTime;
      p = record::PutVarint(p, now - t.writer.last_time);
      if (process.values) {
        uint8_t* after = Capture::Scalar(p, tag::kValue, value, process, process.limits.string);
        if (__builtin_expect(after == nullptr || after - record >= Record::kOneByteLength, 0)) {
          if constexpr (kOutcome != py::Outcome::kReturn) return Leave(t, call, parent, kOutcome, value);
          return LeaveRest(t, call, parent, value, p, now);
        }
        p = after;
      }
      return Ended(t, parent, record, p, now);
    }
    Leave(t, call, parent, kOutcome, value);
  }
  // A run of a generator or coroutine ends, or a call that is no plain one.
  static void LeaveRun(ThreadState& t, uint64_t call, uint64_t parent, bool yielded, Object* value) {
    if (__builtin_expect(t.resync || t.strands != nullptr, 0))
      return Leave(t, call, parent, yielded ? py::Outcome::kYield : py::Outcome::kReturn, value);
    yielded ? LeaveYielded(t, call, parent, value) : LeaveReturned(t, call, parent, value);
  }
  static __attribute__((noinline)) void LeaveYielded(ThreadState& t, uint64_t call, uint64_t parent, Object* value) {
    PutEnd<py::Outcome::kYield>(t, call, parent, value);
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
    if (outcome == py::Outcome::kYield) return LeaveRun(t, open.call, open.parent, true, value);
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
  static __attribute__((noinline)) void FindStrandBelow(ThreadState& t, const void* frame, const void* caller,
                                                        const void* newest) {
    const void* bottom = frame;
    for (const void* below = caller; below != nullptr; below = L::Previous(below)) {
      if (below == newest && t.strands != nullptr) return;
      bottom = below;
    }
    RunStrandOf(t, bottom);
  }
};

}  // namespace pytrace

#endif  // PYTRACE_PRELOAD_CALL_PATH_H_
