// Protobuf-c is the judge: what the hot encoder writes is what the schema says.
#include "ringbuf/record/value_encoder.h"

#include <string>
#include <vector>

#include "ringbuf/record/record.pb-c.h"
#include "tests/unit/check.h"

namespace pytrace::record {
namespace {

// Encodes values as the fields of an Enter and hands the parsed message to `judge`.
template <class Write, class Judge>
void RoundTrip(Write write, Judge judge) {
  std::vector<uint8_t> bytes(1 << 16);
  ValueEncoder out(bytes.data(), bytes.data() + bytes.size());
  out.Uint(tag::kFunctionId, 300);
  out.Uint(tag::kTime, 1u << 20);
  write(out);
  CHECK(!out.full);
  Pytrace__Enter* enter = pytrace__enter__unpack(nullptr, out.at - bytes.data(), bytes.data());
  CHECK(enter != nullptr);
  if (enter == nullptr) return;
  CHECK_EQ(enter->function, 300u);
  CHECK_EQ(enter->time, uint64_t{1} << 20);
  judge(*enter);
  pytrace__enter__free_unpacked(enter, nullptr);
}

std::string Text(const ProtobufCBinaryData& data) { return std::string(reinterpret_cast<char*>(data.data), data.len); }

TEST(IntsOfAllSizesParse) {
  const int64_t ints[] = {0, -1, 1, 63, 64, -64, -65, 1 << 30, INT64_MAX, INT64_MIN};
  RoundTrip(
      [&](ValueEncoder& out) {
        for (int64_t v : ints) out.Int(v);
      },
      [&](const Pytrace__Enter& enter) {
        CHECK_EQ(enter.n_values, std::size(ints));
        for (size_t i = 0; i < enter.n_values; ++i) {
          CHECK_EQ(enter.values[i]->kind_case, PYTRACE__VALUE__KIND_INT);
          CHECK_EQ(enter.values[i]->int_, ints[i]);
        }
      });
}

TEST(ScalarsParse) {
  RoundTrip(
      [](ValueEncoder& out) {
        out.None();
        out.Bool(false);
        out.Bool(true);
        out.Float(-0.5);
        out.Object(70000, 0x7fffdeadbeef);
        out.Class(5);
        out.Unbound();
        out.Omitted();
        out.Complex(1.5, -2);
        const uint32_t digits[] = {1, 2, 3, 1073741823};
        out.BigInt(true, digits, 4, 9);
        out.Long(true, digits, 2, 1);
        out.NativeStr("a\xff", 2, 300);
        const uint16_t pair[] = {'u', 0xd83d, 0xde00, 0xd83d};
        out.Unicode(pair, 4, 4);
        out.Unicode(digits, 1, 9);
      },
      [](const Pytrace__Enter& enter) {
        auto kind = [&](size_t i) { return enter.values[i]->kind_case; };
        CHECK_EQ(enter.n_values, 14u);
        CHECK_EQ(kind(0), PYTRACE__VALUE__KIND__NOT_SET);
        CHECK_EQ(kind(1), PYTRACE__VALUE__KIND_BOOL);
        CHECK(!enter.values[1]->bool_);
        CHECK(enter.values[2]->bool_);
        CHECK_EQ(enter.values[3]->float_, -0.5);
        CHECK_EQ(kind(4), PYTRACE__VALUE__KIND_OBJECT);
        CHECK_EQ(enter.values[4]->object->type, 70000u);
        CHECK_EQ(enter.values[4]->object->address, uint64_t{0x7fffdeadbeef});
        CHECK_EQ(enter.values[5]->class_, 5u);
        CHECK(enter.values[6]->unbound);
        CHECK_EQ(kind(7), PYTRACE__VALUE__KIND_OMITTED);
        CHECK_EQ(enter.values[8]->complex->real, 1.5);
        CHECK_EQ(enter.values[8]->complex->imag, -2.0);
        CHECK(enter.values[9]->big_int->negative);
        CHECK_EQ(enter.values[9]->big_int->digits.len, 16u);
        CHECK_EQ(enter.values[9]->big_int->cut_digits, 9u);
        CHECK(enter.values[10]->long_->negative);
        CHECK_EQ(enter.values[10]->long_->digits.len, 8u);
        CHECK_EQ(enter.values[10]->long_->cut_digits, 1u);
        CHECK_EQ(enter.values[11]->native_str.len, 2u);
        CHECK_EQ(enter.values[11]->length, 300u);
        // The pair of a narrow build is one character, the lone half stays one.
        const auto& text = enter.values[12]->unicode;
        CHECK_EQ(std::string(text.data, text.data + text.len), "u\xf0\x9f\x98\x80\xed\xa0\xbd");
        CHECK_EQ(enter.values[13]->length, 9u);
      });
}

TEST(TextOfEveryLengthAndWidthParses) {
  for (size_t n : {0, 1, 119, 120, 121, 125, 126, 127, 128, 200, 16383, 16384, 20000}) {
    std::string ascii(n, 'x');
    std::vector<uint16_t> wide(n, 0x20ac);
    RoundTrip(
        [&](ValueEncoder& out) {
          out.AsciiStr(ascii.data(), n, n);
          out.AsciiStr(ascii.data(), n, n + 7);
          out.ByteString(ascii.data(), n, n);
          if (n <= 16384) out.WideStr(wide.data(), n / 4, n / 4);
        },
        [&](const Pytrace__Enter& enter) {
          CHECK_EQ(Text(enter.values[0]->str), ascii);
          CHECK_EQ(enter.values[0]->length, 0u);
          CHECK_EQ(Text(enter.values[1]->str), ascii);
          CHECK_EQ(enter.values[1]->length, n + 7);
          CHECK_EQ(Text(enter.values[2]->bytes), ascii);
          if (n <= 16384) CHECK_EQ(enter.values[3]->str.len, n / 4 * 3);
        });
  }
}

TEST(EveryCodePointWidthIsUtf8) {
  const uint32_t points[] = {0x41, 0xe9, 0x20ac, 0xd800, 0x1f600};
  RoundTrip([&](ValueEncoder& out) { out.WideStr(points, 5, 5); },
            [](const Pytrace__Enter& enter) {
              CHECK_EQ(Text(enter.values[0]->str), "A\xc3\xa9\xe2\x82\xac\xed\xa0\x80\xf0\x9f\x98\x80");
            });
}

TEST(NestedContainersParse) {
  std::string text(100, 'y');
  RoundTrip(
      [&](ValueEncoder& out) {
        auto list = out.OpenItems(tag::kList);
        for (int i = 0; i < 3; ++i) {  // long enough that lengths need two bytes at both levels
          auto inner = out.OpenItems(tag::kTuple);
          out.AsciiStr(text.data(), text.size(), text.size());
          out.AsciiStr(text.data(), text.size(), text.size());
          out.CloseItems(inner, i == 2, 1000);
        }
        out.CloseItems(list, false, 0);
        auto exception = out.OpenException(3, 4096);
        auto args = out.OpenItems(tag::kTuple);
        out.Int(1);
        out.CloseItems(args, false, 0);
        out.CloseException(exception);
        out.Int(2);
      },
      [&](const Pytrace__Enter& enter) {
        CHECK_EQ(enter.n_values, 3u);
        CHECK_EQ(enter.values[0]->kind_case, PYTRACE__VALUE__KIND_LIST);
        CHECK_EQ(enter.values[0]->list->n_items, 3u);
        const Pytrace__Value& last = *enter.values[0]->list->items[2];
        CHECK_EQ(last.length, 1000u);
        CHECK_EQ(Text(last.tuple->items[1]->str), text);
        CHECK_EQ(enter.values[1]->exception->type, 3u);
        CHECK_EQ(enter.values[1]->exception->args->tuple->items[0]->int_, 1);
        CHECK_EQ(enter.values[2]->int_, 2);
      });
}

TEST(ObjectsOfTypesWithIdsOfEveryLength) {
  static constexpr uint32_t kIds[] = {1, 127, 128, 300, 16'383, 16'384, 2'097'151, 2'097'152, 4'294'967'295};
  static constexpr uint64_t kAddress = 0x7fff'dead'beef'0110;
  RoundTrip(
      [](ValueEncoder& out) {
        for (uint32_t id : kIds) out.Object(id, kAddress + id);
      },
      [](const Pytrace__Enter& enter) {
        CHECK_EQ(enter.n_values, std::size(kIds));
        for (size_t i = 0; i < enter.n_values; ++i) {
          CHECK_EQ(enter.values[i]->kind_case, PYTRACE__VALUE__KIND_OBJECT);
          CHECK_EQ(enter.values[i]->object->type, kIds[i]);
          CHECK_EQ(enter.values[i]->object->address, kAddress + kIds[i]);
        }
      });
}

TEST(WithoutRoomNothingIsWrittenBeyondTheEnd) {
  for (size_t room = 0; room < 400; ++room) {
    std::vector<uint8_t> bytes(room + 64, 0xee);
    ValueEncoder out(bytes.data(), bytes.data() + room);
    auto list = out.OpenItems(tag::kList);
    for (int i = 0; i < 12; ++i) {
      out.Int(i << 20);
      out.Object(i, 0x7f0000000000);
      out.AsciiStr("hello", 5, 9);
    }
    out.CloseItems(list, false, 0);
    CHECK(out.full || room >= 300);
    for (size_t i = room; i < bytes.size(); ++i) CHECK_EQ(static_cast<int>(bytes[i]), 0xee);
  }
}

}  // namespace
}  // namespace pytrace::record
