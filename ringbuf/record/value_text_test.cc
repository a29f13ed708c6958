#include "ringbuf/record/value_text.h"

#include <cmath>
#include <random>

#include "tests/unit/check.h"

namespace pytrace::record {
namespace {

class Names : public TypeNames {
 public:
  std::string_view Name(uint32_t type) const override {
    return type == 1 ? "shop.cart.Cart" : type == 2 ? "KeyError" : type == 3 ? "shop.Outer.Missing" : "?";
  }
};

std::string B(const char* bytes, size_t size) { return std::string(bytes, size); }

std::string Text(std::string_view value) {
  std::string text;
  AppendValueText(value, Names(), &text);
  return text;
}

std::string Type(std::string_view value) {
  std::string text;
  AppendValueType(value, Names(), &text);
  return text;
}

std::string Varint(uint64_t value) {
  std::string out;
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>(value | 0x80));
  out.push_back(static_cast<char>(value));
  return out;
}
std::string Number(int field, uint64_t value) { return Varint(field << 3) + Varint(value); }
std::string Bytes(int field, std::string_view bytes) {
  return Varint(field << 3 | 2) + Varint(bytes.size()) + std::string(bytes);
}
std::string Int(int64_t value) {
  return Number(1, static_cast<uint64_t>(value) << 1 ^ static_cast<uint64_t>(value >> 63));
}
std::string Cut(std::string value, uint64_t length) { return value + Number(17, length); }
std::string Object(int kind, uint32_t type, uint64_t address) {
  return Bytes(kind, Number(1, type) + Number(2, address));
}
std::string Exception(uint32_t type, std::string_view args) {
  return Bytes(13, Number(1, type) + Number(2, 64) + Bytes(3, args));
}

// Serialized values and what CPython 3.11's repr said of them.
struct Case {
  std::string value;
  const char* text;
};
// clang-format off
const Case kCases[] = {
    {B("", 0), "None"},
    {B("\040\001", 2), "True"},
    {B("\040\000", 2), "False"},
    {B("\010\000", 2), "0"},
    {B("\010\002", 2), "1"},
    {B("\010\001", 2), "-1"},
    {B("\010\124", 2), "42"},
    {B("\010\377\377\377\377\377\377\377\377\377\001", 11), "-9223372036854775808"},
    {B("\010\376\377\377\377\377\377\377\377\377\001", 11), "9223372036854775807"},
    {B("\022\016\022\014\000\000\000\000\000\000\000\000\010\000\000\000", 16), "9223372036854775808"},
    {B("\022\020\010\001\022\014\001\000\000\000\000\000\000\000\010\000\000\000", 18), "-9223372036854775809"},
    {B("\022\022\022\020\000\000\000\000\000\000\000\000\000\000\000\000\000\004\000\000", 20), "1267650600228229401496703205376"},
    {B("\022\030\010\001\022\024\000\000\000\000\000\204\325\047\273\372\113\012\327\160\174\012\143\035\000\000", 26), "-10000000000000000000000000000000000000000"},
    {B("\022\016\022\014\000\000\000\050\363\000\102\077\311\343\262\063", 16), "1000000000000000000000000000"},
    {B("\022\016\022\014\000\000\000\000\000\000\144\047\316\332\202\067", 16), "1073741824000000000000000000"},
    {B("\022\022\022\020\025\201\071\056\305\046\373\032\044\263\101\076\011\000\000\000", 20), "12345678901234567890123456789"},
    {B("\031\000\000\000\000\000\000\000\000", 9), "0.0"},
    {B("\031\000\000\000\000\000\000\000\200", 9), "-0.0"},
    {B("\031\000\000\000\000\000\000\360\077", 9), "1.0"},
    {B("\031\000\000\000\000\000\000\370\077", 9), "1.5"},
    {B("\031\000\000\000\000\000\000\004\300", 9), "-2.5"},
    {B("\031\232\231\231\231\231\231\271\077", 9), "0.1"},
    {B("\031\000\000\064\046\365\153\014\103", 9), "1000000000000000.0"},
    {B("\031\000\200\340\067\171\303\101\103", 9), "1e+16"},
    {B("\031\065\017\143\272\264\151\173\103", 9), "1.2345678901234568e+17"},
    {B("\031\222\325\115\006\317\360\200\104", 9), "1e+22"},
    {B("\031\065\130\000\146\055\353\101\176", 9), "1.5e+300"},
    {B("\031\001\000\000\000\000\000\000\000", 9), "5e-324"},
    {B("\031\055\103\034\353\342\066\032\077", 9), "0.0001"},
    {B("\031\361\150\343\210\265\370\344\076", 9), "1e-05"},
    {B("\031\150\334\345\154\113\056\040\077", 9), "0.00012345"},
    {B("\031\000\000\000\000\000\000\100\103", 9), "9007199254740992.0"},
    {B("\031\000\000\000\000\000\000\360\177", 9), "inf"},
    {B("\031\000\000\000\000\000\000\360\377", 9), "-inf"},
    {B("\031\000\000\000\000\000\000\370\177", 9), "nan"},
    {B("\031\125\125\125\125\125\125\325\077", 9), "0.3333333333333333"},
    {B("\031\215\355\265\240\367\306\220\076", 9), "2.5e-07"},
    {B("\031\000\000\000\000\000\000\131\100", 9), "100.0"},
    {B("\031\175\303\224\045\255\111\262\124", 9), "1e+100"},
    {B("\222\001\022\011\000\000\000\000\000\000\000\000\021\000\000\000\000\000\000\360\077", 21), "1j"},
    {B("\222\001\022\011\000\000\000\000\000\000\000\000\021\000\000\000\000\000\000\000\000", 21), "0j"},
    {B("\222\001\022\011\000\000\000\000\000\000\000\200\021\000\000\000\000\000\000\360\277", 21), "(-0-1j)"},
    {B("\222\001\022\011\000\000\000\000\000\000\000\200\021\000\000\000\000\000\000\000\000", 21), "(-0+0j)"},
    {B("\222\001\022\011\000\000\000\000\000\000\000\000\021\000\000\000\000\000\000\000\200", 21), "-0j"},
    {B("\222\001\022\011\000\000\000\000\000\000\360\077\021\000\000\000\000\000\000\000\100", 21), "(1+2j)"},
    {B("\222\001\022\011\000\000\000\000\000\000\370\077\021\000\000\000\000\000\000\002\300", 21), "(1.5-2.25j)"},
    {B("\222\001\022\011\000\000\000\000\000\000\370\177\021\000\000\000\000\000\000\360\177", 21), "(nan+infj)"},
    {B("\222\001\022\011\000\000\000\000\000\000\360\077\021\000\000\000\000\000\000\370\177", 21), "(1+nanj)"},
    {B("\222\001\022\011\100\214\265\170\035\257\025\104\021\110\257\274\232\362\327\172\076", 21), "(1e+20+1e-07j)"},
    {B("\052\000", 2), "''"},
    {B("\052\003\141\142\143", 5), "'abc'"},
    {B("\052\004\151\164\047\163", 6), "\"it's\""},
    {B("\052\007\163\141\171\040\042\170\042", 9), "'say \"x\"'"},
    {B("\052\014\142\157\164\150\040\047\040\141\156\144\040\042", 14), "'both \\' and \"'"},
    {B("\052\013\164\141\142\011\156\154\012\143\162\015\134", 13), "'tab\\tnl\\ncr\\r\\\\'"},
    {B("\052\003\000\037\177", 5), "'\\x00\\x1f\\x7f'"},
    {B("\052\002\303\251", 4), "'\303\251'"},
    {B("\052\005\303\237\342\200\250", 7), "'\303\237\\u2028'"},
    {B("\052\002\302\255", 4), "'\\xad'"},
    {B("\052\002\302\205", 4), "'\\x85'"},
    {B("\052\006\346\227\245\346\234\254", 8), "'\346\227\245\346\234\254'"},
    {B("\052\003\342\200\213", 5), "'\\u200b'"},
    {B("\052\004\360\237\230\200", 6), "'\360\237\230\200'"},
    {B("\052\003\355\240\200", 5), "'\\ud800'"},
    {B("\052\005\141\355\262\200\142", 7), "'a\\udc80b'"},
    {B("\052\004\363\240\200\201", 6), "'\\U000e0001'"},
    {B("\052\004\364\217\277\277", 6), "'\\U0010ffff'"},
    {B("\052\003\356\200\200", 5), "'\\ue000'"},
    {B("\052\002\315\270", 4), "'\\u0378'"},
    {B("\052\002\302\240", 4), "'\\xa0'"},
    {B("\062\000", 2), "b''"},
    {B("\062\003\141\142\143", 5), "b'abc'"},
    {B("\062\004\151\164\047\163", 6), "b\"it's\""},
    {B("\062\002\042\047", 4), "b'\"\\''"},
    {B("\062\010\000\377\012\011\015\134\176\177", 10), "b'\\x00\\xff\\n\\t\\r\\\\~\\x7f'"},
    {B("\072\000", 2), "()"},
    {B("\072\004\012\002\010\002", 6), "(1,)"},
    {B("\072\010\012\002\010\002\012\002\010\004", 10), "(1, 2)"},
    {B("\072\004\012\002\072\000", 6), "((),)"},
    {B("\102\000", 2), "[]"},
    {B("\102\004\012\002\010\002", 6), "[1]"},
    {B("\102\013\012\002\010\002\012\003\052\001\141\012\000", 13), "[1, 'a', None]"},
    {B("\102\027\012\006\102\004\012\002\010\002\012\015\102\013\012\011\031\000\000\000\000\000\000\000\100", 25), "[[1], [2.0]]"},
    {B("\112\000", 2), "set()"},
    {B("\112\004\012\002\010\002", 6), "{1}"},
    {B("\112\010\012\006\072\004\012\002\010\002", 10), "{(1,)}"},
    {B("\122\000", 2), "frozenset()"},
    {B("\122\004\012\002\010\002", 6), "frozenset({1})"},
    {B("\132\000", 2), "{}"},
    {B("\132\010\012\002\010\002\012\002\010\004", 10), "{1: 2}"},
    {B("\132\026\012\003\052\001\141\012\006\102\004\012\002\010\002\012\003\052\001\142\012\002\132\000", 24), "{'a': [1], 'b': {}}"},
    {B("\132\015\012\003\052\001\153\012\006\072\004\012\002\010\002", 15), "{'k': (1,)}"},
    // Python 2's own, and what its repr said.
    {Bytes(19, ""), "''"},
    {Bytes(19, B("it's\0\xff\n", 7)), "\"it's\\x00\\xff\\n\""},
    {Bytes(19, "\303\251"), "'\\xc3\\xa9'"},
    {Bytes(20, ""), "u''"},
    {Bytes(20, "h\303\251 \342\202\254"), "u'h\\xe9 \\u20ac'"},
    {Bytes(20, "\360\237\230\200'\t\177"), "u\"\\U0001f600'\\t\\x7f\""},
    {Bytes(20, "\355\240\200"), "u'\\ud800'"},
    {Bytes(21, ""), "0L"},
    {Bytes(21, B("\022\004\005\000\000\000", 6)), "5L"},
    {Bytes(21, B("\010\001\022\010\000\000\000\000\001\000\000\000", 12)), "-1073741824L"},
};
// clang-format on

TEST(TextIsWhatReprPrints) {
  for (const Case& c : kCases) CHECK_EQ(Text(c.value), c.text);
}

TEST(CutValuesEndInDots) {
  CHECK_EQ(Text(Cut(Bytes(5, "abcdef"), 4000)), "'abcdef...'");
  CHECK_EQ(Text(Cut(Bytes(5, ""), 4000)), "'...'");
  CHECK_EQ(Text(Cut(Bytes(5, "ab\xc3"), 4000)), "'ab...'");
  CHECK_EQ(Text(Cut(Bytes(6, "ab"), 9)), "b'ab...'");
  std::string items = Bytes(1, Int(1)) + Bytes(1, Int(2));
  CHECK_EQ(Text(Cut(Bytes(8, items), 9)), "[1, 2, ...]");
  CHECK_EQ(Text(Cut(Bytes(7, Bytes(1, Int(1))), 9)), "(1, ...)");
  CHECK_EQ(Text(Cut(Bytes(9, items), 9)), "{1, 2, ...}");
  CHECK_EQ(Text(Cut(Bytes(9, ""), 9)), "{...}");
  CHECK_EQ(Text(Cut(Bytes(10, items), 9)), "frozenset({1, 2, ...})");
  CHECK_EQ(Text(Cut(Bytes(11, items), 9)), "{1: 2, ...}");
  CHECK_EQ(Text(Bytes(8, Bytes(1, Number(16, 1)))), "[...]");
}

TEST(CutBigIntsPrintTheirLeadingHexDigits) {
  std::string digit("\x45\x23\x01\x00", 4);  // 0x12345
  CHECK_EQ(Text(Bytes(2, Bytes(2, digit) + Number(3, 2))), "0x12345...");
  CHECK_EQ(Text(Bytes(2, Bytes(2, digit) + Number(3, 1))), "0x48d1...");  // the last two bits are half a hex digit
  CHECK_EQ(Text(Bytes(2, Number(1, 1) + Bytes(2, digit) + Number(3, 4))), "-0x12345...");
}

TEST(BigIntsBeyondPythonsOwnLimitAreHex) {
  std::string digits(4 * 600, 0);
  digits.back() = 0x10;
  std::string text = Text(Bytes(2, Bytes(2, digits)));
  CHECK_EQ(text.substr(0, 5), "0x400");
  CHECK_EQ(text.size(), 2 + (599 * 30 + 28 + 4) / 4);
}

TEST(ObjectsClassesAndExceptions) {
  CHECK_EQ(Text(Object(12, 1, 0x7f12ab)), "<shop.cart.Cart object at 0x7f12ab>");
  CHECK_EQ(Text(Number(14, 1)), "<class 'shop.cart.Cart'>");
  CHECK_EQ(Text(Exception(2, Bytes(7, Bytes(1, Bytes(5, "B-02"))))), "KeyError('B-02')");
  CHECK_EQ(Text(Exception(3, Bytes(7, Bytes(1, Int(1)) + Bytes(1, Int(2))))), "Missing(1, 2)");
  CHECK_EQ(Text(Exception(3, Bytes(7, ""))), "Missing()");
  CHECK_EQ(Text(Exception(3, Cut(Bytes(7, Bytes(1, Int(1))), 3))), "Missing(1, ...)");
  CHECK_EQ(Text(Object(13, 2, 64)), "KeyError(...)");
}

TEST(TypesAreNamedAsPythonNamesThem) {
  CHECK_EQ(Type(""), "NoneType");
  CHECK_EQ(Type(Int(3)), "int");
  CHECK_EQ(Type(Bytes(2, "")), "int");
  CHECK_EQ(Type(Number(4, 1)), "bool");
  CHECK_EQ(Type(Object(12, 1, 1)), "shop.cart.Cart");
  CHECK_EQ(Type(Exception(2, "")), "KeyError");
  CHECK_EQ(Type(Number(14, 1)), "type");
}

TEST(NumbersForFilters) {
  double number = 0;
  CHECK(ValueNumber(Int(-7), &number));
  CHECK_EQ(number, -7);
  CHECK(ValueNumber(Number(4, 1), &number));
  CHECK_EQ(number, 1);
  CHECK(ValueNumber(kCases[13].value, &number));
  CHECK_EQ(kCases[13].text, std::string("1000000000000000000000000000"));
  CHECK_EQ(number, 1e27);
  CHECK(!ValueNumber(Bytes(5, "7"), &number));
  CHECK(!ValueNumber("", &number));
}

TEST(ValuesOfAnEnterAreWalkedInOrder) {
  std::string args = Bytes(3, Int(1)) + Number(2, 77) + Bytes(3, "") + Bytes(3, Number(15, 1));
  std::string_view rest = args, value;
  CHECK(NextValue(&rest, &value));
  CHECK_EQ(Text(value), "1");
  CHECK(NextValue(&rest, &value));
  CHECK_EQ(Text(value), "None");
  CHECK(NextValue(&rest, &value));
  CHECK(IsUnbound(value));
  CHECK(!NextValue(&rest, &value));
  rest = std::string_view(args).substr(0, 3);
  CHECK(!NextValue(&rest, &value));
}

TEST(AnyBytesArePrinted) {
  std::mt19937 random(1);
  std::string deep;
  for (int i = 0; i < 5000; ++i) deep = Bytes(8, Bytes(1, deep)).substr(0, 60000);
  Text(deep);
  for (int round = 0; round < 100000; ++round) {
    std::string value = kCases[random() % std::size(kCases)].value;
    if (random() % 2) value = Bytes(8, Bytes(1, value) + Bytes(1, kCases[random() % std::size(kCases)].value));
    for (int i = random() % 4; i > 0 && !value.empty(); --i)
      value[random() % value.size()] = static_cast<char>(random());
    if (random() % 4 == 0) value.resize(random() % (value.size() + 1));
    std::string text = Text(value) + Type(value);
    double number;
    ValueNumber(value, &number);
    std::string_view rest = value, one;
    while (NextValue(&rest, &one)) text += Text(one);
  }
}

}  // namespace
}  // namespace pytrace::record
