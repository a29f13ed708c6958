#include "preload/self_test.h"

#include <stdio.h>
#include <string.h>

#include "preload/call_path.h"
#include "preload/probe.h"
#include "pyshim/run_source.h"

namespace pytrace {
namespace {

using py::Object;
using record::ValueEncoder;
namespace tag = record::tag;

constexpr size_t kScratchBytes = 32 << 10;
alignas(64) uint8_t scratch[kScratchBytes];

// What one Enter or Leave says.
struct Record {
  uint8_t kind = 0;
  uint64_t outcome = 0, start = 0;
  const uint8_t* values = nullptr;  // the `value(s)` fields, which are contiguous
  size_t values_size = 0;
};

class Reader {
 public:
  Reader(const uint8_t* begin, const uint8_t* end) : at_(begin), end_(end) {}

  // The next Enter or Leave; false at the end or at bytes that are no record.
  bool Next(Record* record) {
    while (at_ < end_) {
      uint64_t field_tag = Varint(), size = Varint();
      if (size > static_cast<uint64_t>(end_ - at_)) return false;
      const uint8_t* next = at_ + size;
      if (field_tag == tag::kEnter || field_tag == tag::kLeave) {
        *record = Record();
        record->kind = static_cast<uint8_t>(field_tag);
        bool ok = Fields(next, record);
        at_ = next;
        return ok;
      }
      at_ = next;
    }
    return false;
  }

 private:
  const uint8_t* at_;
  const uint8_t* end_;

  uint64_t Varint() {
    uint64_t v = 0;
    for (int shift = 0; at_ < end_ && shift < 64; shift += 7) {
      uint8_t byte = *at_++;
      v |= static_cast<uint64_t>(byte & 127) << shift;
      if (byte < 128) break;
    }
    return v;
  }

  bool Fields(const uint8_t* end, Record* record) {
    while (at_ < end) {
      const uint8_t* field = at_;
      uint64_t field_tag = Varint(), v = Varint();
      if (field_tag == tag::kValue) {
        if (v > static_cast<uint64_t>(end - at_)) return false;
        at_ += v;
        if (record->values == nullptr) record->values = field;
        record->values_size = at_ - record->values;
      } else if (field_tag == tag::kOutcome && record->kind == tag::kLeave) {
        record->outcome = v;
      } else if (field_tag == tag::kStart && record->kind == tag::kEnter) {
        record->start = v;
      }
    }
    return at_ == end;
  }
};

const char* Compare(const uint8_t* begin, const uint8_t* end, const Probe& probe) {
  Reader reader(begin, end);
  for (size_t i = 0; i < probe.count; ++i) {
    const Expected& e = probe.records[i];
    Record record;
    if (!reader.Next(&record)) return e.what;
    if (record.kind != e.kind || record.outcome != e.outcome || record.start != e.start) return e.what;
    if (e.values == nullptr) continue;
    uint8_t bytes[1024];
    ValueEncoder out(bytes, bytes + sizeof(bytes));
    e.values(out);
    size_t size = out.at - bytes;
    if (size != record.values_size || memcmp(bytes, record.values, size) != 0) return e.what;
  }
  Record more;
  return reader.Next(&more) ? "end" : nullptr;
}

// Points this thread's writer at the scratch memory.
void UseScratch(ThreadState& t, ring::Ring* ring) {
  auto* chunk = reinterpret_cast<ring::ChunkHeader*>(scratch);
  t.ring = ring;
  t.epoch_bits = process.epoch_bits;
  t.chunks = 2;
  t.writer.chunk = chunk;
  t.writer.at = t.writer.payload();
  t.writer.end = scratch + kScratchBytes;
  t.writer.limit = t.writer.end - ring::kRoom;
}

bool RunProbe(const py::Api& api, const Probe& probe) {
  char source[2048];
  int n = snprintf(source, sizeof(source), "%s%s", probe.head, probe.body);
  if (n < 0 || static_cast<size_t>(n) >= sizeof(source)) return false;
  return py::RunSource(api, source, [](Object*) {});
}

}  // namespace

const char* SelfTest(const py::Api& api, int major, int minor) {
  static ring::Ring ring;
  ThreadState& t = thread_state;
  ThreadState before = t;
  py::Limits limits = process.limits;
  bool values = process.values;
  const char* modules = process.config.modules;
  process.limits = py::Limits();
  process.values = true;
  process.config.modules = nullptr;

  UseScratch(t, &ring);
  Probe probe = ProbeFor(major, minor);
  bool ran = RunProbe(api, probe);
  const uint8_t *begin = t.writer.payload(), *end = t.writer.at;

  process.limits = limits;
  process.values = values;
  process.config.modules = modules;
  process.types.Forget();
  process.last_function.store(0, std::memory_order_relaxed);
  ThreadState::Open* stack = t.stack;
  ThreadState::Open* stack_end = t.stack_end;
  t = before;
  t.stack = t.top = stack;  // the shadow stack's memory is kept, empty
  t.stack_end = stack_end;
  if (!ran) return "the probe did not run";
  return Compare(begin, end, probe);
}

}  // namespace pytrace
