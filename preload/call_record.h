// Records of a call's start and end, whatever they have: the general ways, which the hot path in call_path.h goes where
// its own do not do. Any number of types, a full chunk, any start and outcome, values of every kind.
#ifndef PYTRACE_PRELOAD_CALL_RECORD_H_
#define PYTRACE_PRELOAD_CALL_RECORD_H_

#include "preload/process.h"
#include "preload/share.h"
#include "preload/strands.h"
#include "preload/thread_state.h"
#include "pyshim/capture.h"
#include "pyshim/code_word.h"
#include "pyshim/events.h"
#include "ringbuf/record/value_encoder.h"

namespace pytrace {

inline constexpr py::ContainerTags kContainerTags = {record::tag::kTuple, record::tag::kList, record::tag::kSet,
                                                     record::tag::kFrozenset, record::tag::kDict};

// Writes the definitions of `types`. False: they could not be written and are given up.
bool DefineTypes(ThreadState& thread, const py::NewTypes& types, What what);
// The record did not fit although the chunk is new: makes the limits of the next attempt smaller.
void ShrinkLimits(py::Limits* limits);

template <class L>
class CallRecord {
 public:
  using Object = py::Object;
  using Sink = record::ValueEncoder;
  using Capture = py::Capture<L, Sink, kContainerTags>;

  static uint64_t Ticks(const ThreadState& t) {
    uint64_t now = process.Now();
    return __builtin_expect(now < t.writer.last_time, 0) ? t.writer.last_time : now;
  }

  static void ReturnTo(ThreadState& t, Strand* strand) {
    if (strand != nullptr && t.strands->running != strand) RunStrand(t, strand);
  }

  // A record is whole: in the ring it is, with its start or end told. Shorter than this its length has one byte.
  static constexpr ptrdiff_t kOneByteLength = 130;
  static inline __attribute__((always_inline)) uint64_t Began(ThreadState& t, uint8_t* record, uint8_t* end,
                                                              uint64_t now) {
    record[1] = static_cast<uint8_t>(end - record - 2);
    t.writer.last_time = now;
    t.newest = ++t.writer.calls;
    t.writer.Publish(end);
    return t.newest;
  }
  static inline __attribute__((always_inline)) void Ended(ThreadState& t, uint64_t parent, uint8_t* record,
                                                          uint8_t* end, uint64_t now) {
    record[1] = static_cast<uint8_t>(end - record - 2);
    t.newest = parent;
    t.writer.last_time = now;
    t.writer.Publish(end);
  }

  // Goes on where EnterPlain met an argument that is no scalar: written up to `p`, the next is *slot.
  static __attribute__((noinline)) uint64_t EnterRest(ThreadState& t, uint64_t word, Object* code, const void* frame,
                                                      uint8_t* p, Object* const* slot, uint64_t now) {
    Sink out(p, t.writer.end);
    py::NewTypes types;
    Capture capture(process, process.limits, &types, out);
    Object* const* end = &py::At<Object*>(frame, L::kFrameLocals) + py::CodeWord::Args(word);
    if (slot < end) capture.NoScalar(L::Slot(*slot++));
    for (; slot < end; ++slot) capture.Value(L::Slot(*slot));
    out.Close(t.writer.at + 1);
    if (__builtin_expect(out.full || types.count != 0, 0)) {
      if (types.count != 0 && !DefineTypes(t, types, What::kEnter)) return 0;
      return Enter(t, word, code, frame, py::Start::kCall, 0);
    }
    t.writer.last_time = now;
    t.newest = ++t.writer.calls;
    t.writer.Publish(out.at);
    return t.newest;
  }

  // A call begins, in whatever way and with whatever arguments. Returns its serial, 0 when it could not be recorded.
  // `generator`: the frame of one, else 0.
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

  // Goes on where LeaveReturned met a result that is no scalar, or a long one.
  static __attribute__((noinline)) void LeaveRest(ThreadState& t, uint64_t call, uint64_t parent, Object* value,
                                                  uint8_t* p, uint64_t now) {
    Sink out(p, t.writer.end);
    py::NewTypes types;
    Capture capture(process, process.limits, &types, out);
    capture.NoScalar(value);
    out.Close(t.writer.at + 1);
    if (__builtin_expect(out.full || types.count != 0, 0)) {
      if (types.count == 0 || DefineTypes(t, types, What::kLeave))
        return Leave(t, call, parent, py::Outcome::kReturn, value);
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

  // `fill` gives the value to a Capture.
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
        Capture capture(process, limits, &types, out);
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

 private:
  static void CaptureArguments(const py::Limits& limits, py::NewTypes* types, Sink& out, uint64_t word, Object* code,
                               const void* frame, bool generator) {
    uint32_t count = py::CodeWord::Args(word);
    bool cut = count > limits.arguments;
    if (__builtin_expect(cut, 0)) count = limits.arguments;
    Object* const* slots = &py::At<Object*>(frame, L::kFrameLocals);
    Capture capture(process, limits, types, out);
    if (__builtin_expect(word & (py::CodeWord::kCells | py::CodeWord::kReorder), 0)) {
      for (uint32_t i = 0; i < count; ++i) {
        uint32_t slot = word & py::CodeWord::kReorder ? SlotOf(i, code) : i;
        capture.Value(word & py::CodeWord::kCells
                          ? py::CellArgument<L>(slots, slot, code, generator, process.api.cell_type)
                          : L::Slot(slots[slot]));
      }
    } else {
      for (uint32_t i = 0; i < count; ++i) capture.Value(L::Slot(slots[i]));
    }
    if (cut) out.Omitted();  // the first that is missing; those after it are missing altogether
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

  // The record names types that are new, or did not fit: sees to that. False: it is lost.
  static __attribute__((noinline)) bool TryAgain(ThreadState& t, const py::NewTypes& types, bool full,
                                                 py::Limits* limits, What what) {
    if (types.count != 0 && !DefineTypes(t, types, what)) return false;
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

#endif  // PYTRACE_PRELOAD_CALL_RECORD_H_
