#include "preload/probe.h"

namespace pytrace {
namespace {

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

void Tuple(ValueEncoder& out, void (*items)(ValueEncoder&)) {
  auto c = out.OpenItems(tag::kTuple);
  items(out);
  out.CloseItems(c, false, 0);
}

// {key: [1, a set, something empty]}. The set is on the third level: its item is left out.
void Keywords(ValueEncoder& out, void (*key)(ValueEncoder&), uint8_t empty) {
  auto kw = out.OpenItems(tag::kDict);
  key(out);
  auto list = out.OpenItems(tag::kList);
  out.Int(1);
  auto set = out.OpenItems(tag::kSet);
  out.CloseItems(set, true, 1);
  out.CloseItems(out.OpenItems(empty), false, 0);
  out.CloseItems(list, false, 0);
  out.CloseItems(kw, false, 0);
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
  Keywords(
      out, [](ValueEncoder& o) { o.AsciiStr("k", 1, 1); }, tag::kTuple);
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
  Keywords(
      out, [](ValueEncoder& o) { o.NativeStr("k", 1, 1); }, tag::kFrozenset);
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

}  // namespace

Probe ProbeFor(int major, int minor) {
  if (major == 2) return {"", kProbe27, kExpected27, sizeof(kExpected27) / sizeof(kExpected27[0])};
  return {minor < 8 ? kSignature36 : kSignature, kProbe, kExpected, sizeof(kExpected) / sizeof(kExpected[0])};
}

}  // namespace pytrace
