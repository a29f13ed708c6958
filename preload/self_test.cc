#include "preload/self_test.h"

#include <string.h>

#include "preload/call_path.h"

namespace pytrace {
namespace {

using py::Object;
using record::ValueEncoder;
namespace tag = record::tag;

// Every argument kind, a cell argument, ints of one, two and many digits, each kind of string, containers, a generator,
// an exception.
constexpr char kSignature[] = "def probe(a, b, /, c='x', *args, d, e=None, **kw):\n";
constexpr char kSignature36[] =
    "def probe(a, b, c='x', *args, d, e=None, **kw):\n";  // no positional-only arguments before 3.8
constexpr char kProbe[] =
    "    def inner(): return a\n"
    "    return (inner(), d)\n"
    "probe(1099511627776, -5, 'h\\xe9', 7, b'by', d=2.5, k=[1, {'\\u20ac', }, ()])\n"
    "def big(n, s, t): return n\n"
    "big(-1267650600228229401496703205377, True, '\\U0001f600')\n"
    "def gen(n):\n"
    "    yield n\n"
    "    raise KeyError('k')\n"
    "g = gen(False)\n"
    "next(g)\n"
    "try: next(g)\n"
    "except KeyError: pass\n";

// 2.7: int and long, str and unicode, tuple parameters, instances of old-style classes, exceptions that are no objects
// yet.
constexpr char kProbe27[] =
    "def probe(a, (b, c), d='x', *args, **kw):\n"
    "    def inner(): return a\n"
    "    return (inner(), b)\n"
    "probe(1099511627776, (-5, 2.5), u'h\\xe9', 7, 'by\\xff', k=[1, set([2]), frozenset()])\n"
    "def big(n, s, t, u): return n\n"
    "big(-1267650600228229401496703205377, True, u'\\U0001f600', 5L)\n"
    "def gen(n):\n"
    "    yield n\n"
    "    yield n\n"
    "    {}['k']\n"
    "g = gen(False)\n"
    "next(g)\n"
    "next(g)\n"
    "try: next(g)\n"
    "except KeyError: pass\n";

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

struct Expected {
  const char* what;
  uint8_t kind;
  uint64_t outcome, start;
  void (*values)(ValueEncoder&);  // nullptr: not compared
};

void Tuple(ValueEncoder& out, void (*items)(ValueEncoder&)) {
  auto c = out.OpenItems(tag::kTuple);
  items(out);
  out.CloseItems(c, false, 0);
}

void ProbeArguments(ValueEncoder& out) {
  out.Int(1099511627776);
  out.Int(-5);
  const uint8_t latin[] = {'h', 0xe9};
  out.WideStr(latin, 2, 2);
  Tuple(out, [](ValueEncoder& o) {
    o.Int(7);
    o.ByteString("by", 2, 2);
  });
  out.Float(2.5);
  out.None();
  auto kw = out.OpenItems(tag::kDict);
  out.AsciiStr("k", 1, 1);
  auto list = out.OpenItems(tag::kList);
  out.Int(1);
  auto set = out.OpenItems(tag::kSet);  // the third level: its item is left out
  out.CloseItems(set, true, 1);
  Tuple(out, [](ValueEncoder&) {});
  out.CloseItems(list, false, 0);
  out.CloseItems(kw, false, 0);
}

void BigArguments(ValueEncoder& out) {
  const uint32_t digits[] = {1, 0, 0, 1024};  // 2**100 + 1
  out.BigInt(true, digits, 4, 0);
  out.Bool(true);
  const uint32_t astral[] = {0x1f600};
  out.WideStr(astral, 1, 1);
}

void ProbeArguments27(ValueEncoder& out) {
  out.Int(1099511627776);
  Tuple(out, [](ValueEncoder& o) {
    o.Int(-5);
    o.Float(2.5);
  });
  const uint8_t latin[] = {'h', 0xe9};
  out.Unicode(latin, 2, 2);
  Tuple(out, [](ValueEncoder& o) {
    o.Int(7);
    o.NativeStr("by\xff", 3, 3);
  });
  auto kw = out.OpenItems(tag::kDict);
  out.NativeStr("k", 1, 1);
  auto list = out.OpenItems(tag::kList);
  out.Int(1);
  auto set = out.OpenItems(tag::kSet);  // the third level: its item is left out
  out.CloseItems(set, true, 1);
  out.CloseItems(out.OpenItems(tag::kFrozenset), false, 0);
  out.CloseItems(list, false, 0);
  out.CloseItems(kw, false, 0);
}

void BigArguments27(ValueEncoder& out) {
  const uint32_t digits[] = {1, 0, 0, 1024};  // 2**100 + 1
  out.Long(true, digits, 4, 0);
  out.Bool(true);
  const uint32_t astral[] = {0x1f600};
  out.Unicode(astral, 1, 1);
  const uint32_t five[] = {5};
  out.Long(false, five, 1, 0);
}

constexpr Expected kExpected27[] = {
    {"module", tag::kEnter, 0, 0, nullptr},
    {"arguments", tag::kEnter, 0, 0, &ProbeArguments27},
    {"call", tag::kEnter, 0, 0, nullptr},
    {"cell", tag::kLeave, 0, 0, [](ValueEncoder& o) { o.Int(1099511627776); }},
    {"tuple", tag::kLeave, 0, 0,
     [](ValueEncoder& o) {
       Tuple(o, [](ValueEncoder& i) {
         i.Int(1099511627776);
         i.Int(-5);
       });
     }},
    {"long", tag::kEnter, 0, 0, &BigArguments27},
    {"result", tag::kLeave, 0, 0, nullptr},
    {"generator", tag::kEnter, 0, 0, [](ValueEncoder& o) { o.Bool(false); }},
    {"yield", tag::kLeave, 2, 0, [](ValueEncoder& o) { o.Bool(false); }},
    {"resume", tag::kEnter, 0, 1, nullptr},
    {"yield", tag::kLeave, 2, 0, [](ValueEncoder& o) { o.Bool(false); }},
    {"resume", tag::kEnter, 0, 1, nullptr},
    {"exception", tag::kLeave, 1, 0, nullptr},
    {"end", tag::kLeave, 0, 0, [](ValueEncoder& o) { o.None(); }},
};

constexpr Expected kExpected[] = {
    {"module", tag::kEnter, 0, 0, nullptr},
    {"arguments", tag::kEnter, 0, 0, &ProbeArguments},
    {"call", tag::kEnter, 0, 0, nullptr},
    {"cell", tag::kLeave, 0, 0, [](ValueEncoder& o) { o.Int(1099511627776); }},
    {"tuple", tag::kLeave, 0, 0,
     [](ValueEncoder& o) {
       Tuple(o, [](ValueEncoder& i) {
         i.Int(1099511627776);
         i.Float(2.5);
       });
     }},
    {"int", tag::kEnter, 0, 0, &BigArguments},
    {"result", tag::kLeave, 0, 0, nullptr},
    {"generator", tag::kEnter, 0, 0, [](ValueEncoder& o) { o.Bool(false); }},
    {"yield", tag::kLeave, 2, 0, [](ValueEncoder& o) { o.Bool(false); }},
    {"resume", tag::kEnter, 0, 1, nullptr},
    {"exception", tag::kLeave, 1, 0, nullptr},
    {"end", tag::kLeave, 0, 0, [](ValueEncoder& o) { o.None(); }},
};

template <size_t kCount>
const char* Compare(const uint8_t* begin, const uint8_t* end, const Expected (&expected)[kCount]) {
  Reader reader(begin, end);
  for (const Expected& e : expected) {
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

bool RunProbe(const py::Api& api, int major, int minor) {
  char source[sizeof(kSignature) + sizeof(kProbe) + sizeof(kProbe27)];
  if (major == 2)
    strcpy(source, kProbe27);
  else
    stpcpy(stpcpy(source, minor < 8 ? kSignature36 : kSignature), kProbe);
  Object* globals = api.DictNew();
  Object* code = api.CompileString(source, "<pytrace>", 257);  // Py_file_input
  Object* result = nullptr;
  if (globals != nullptr && code != nullptr) {
    api.DictSetItemString(globals, "__builtins__", api.EvalGetBuiltins());
    result = api.EvalCode(code, globals, globals);
  }
  bool ok = result != nullptr;
  if (!ok) api.ErrClear();
  if (globals != nullptr) api.DictClear(globals);  // its functions refer to it
  for (Object* o : {result, code, globals}) {
    if (o != nullptr) api.DecRef(o);
  }
  return ok;
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
  bool ran = RunProbe(api, major, minor);
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
  return major == 2 ? Compare(begin, end, kExpected27) : Compare(begin, end, kExpected);
}

}  // namespace pytrace
