// The records of a ring and the values in them: everything that the dumper and the reader make of a guest's bytes.
#include <string>

#include "ringbuf/record/decode.h"
#include "ringbuf/record/value_encoder.h"
#include "ringbuf/record/value_text.h"
#include "tests/fuzz/fuzz.h"

namespace pytrace {
namespace {

class NoNames : public record::TypeNames {
 public:
  std::string_view Name(uint32_t) const override { return {}; }
};

bool Inside(std::string_view part, std::string_view all) {
  return part.empty() || (part.data() >= all.data() && part.data() + part.size() <= all.data() + all.size());
}

void Values(std::string_view values) {
  std::string text;
  double number;
  for (std::string_view value; record::NextValue(&values, &value);) {
    text.clear();
    record::AppendValueText(value, NoNames(), &text);
    record::AppendValueType(value, NoNames(), &text);
    record::ValueNumber(value, &number);
    record::IsUnbound(value);
    fuzz::Expect(text.size() < (value.size() + 64) * 64, "a value's text is in proportion to its bytes");
  }
}

template <class Message>
void Cold(std::string_view body) {
  Message message;
  record::Decode(body, &message);
}

void Records(std::string_view input) {
  std::string scratch;
  std::string_view rest = input, body;
  record::Kind kind;
  uint64_t time;
  while (record::NextRecord(&rest, &kind, &body)) {
    fuzz::Expect(Inside(body, input) && Inside(rest, input), "a record lies in its chunk");
    record::DecodeTime(body, &time);
    record::Enter enter;
    record::Leave leave;
    if (record::DecodeEnter(body, &enter, &scratch)) {
      fuzz::Expect(Inside(enter.values, input) || Inside(enter.values, scratch), "values lie in the record");
      Values(enter.values);
    }
    if (record::DecodeLeave(body, &leave)) {
      fuzz::Expect(Inside(leave.value, input), "the result lies in the record");
      std::string text;
      record::AppendValueText(leave.value, NoNames(), &text);
    }
    Cold<record::Function>(body);
    Cold<record::Type>(body);
    Cold<record::Thread>(body);
    Cold<record::Loss>(body);
    Cold<record::Log>(body);
    Cold<record::Strand>(body);
    Cold<record::Task>(body);
    Cold<record::ProcessInfo>(body);
  }
  Values(input);
}

// A stream as a guest writes it, with every kind of value.
std::string Stream() {
  namespace tag = record::tag;
  uint8_t bytes[2048];
  record::ValueEncoder out(bytes, bytes + sizeof(bytes));
  uint8_t* length = out.Open(tag::kEnter);
  out.Uint(tag::kFunctionId, 300);
  out.Uint(tag::kTime, 1u << 20);
  for (int64_t number : {int64_t{0}, int64_t{-1}, INT64_MAX, INT64_MIN}) out.Int(number);
  out.ByteString("bytes", 5, 9);
  auto items = out.OpenItems(tag::kDict);
  out.Int(1);
  auto inner = out.OpenItems(tag::kTuple);
  out.Int(2);
  out.CloseItems(inner, true, 7);
  out.CloseItems(items, false, 0);
  const uint8_t wide[] = {0x20, 0x26, 0x41, 0x00, 0x3d, 0xd8};
  out.WideStr(wide, 3, 3);
  out.Close(length);
  length = out.Open(tag::kLeave);
  out.Uint(tag::kOutcome, 1);
  out.Uint(tag::kTime, 77);
  out.Int(5);
  out.Uint(tag::kCall, 12);
  out.Close(length);
  return std::string(reinterpret_cast<char*>(bytes), out.at - bytes);
}

}  // namespace
}  // namespace pytrace

int main() { return pytrace::fuzz::Run("records", {pytrace::Stream()}, &pytrace::Records); }
