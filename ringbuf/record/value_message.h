// A Value as it lies in a block, taken apart: which field is set, and the messages that fields are. Tolerates any
// bytes.
#ifndef PYTRACE_RINGBUF_RECORD_VALUE_MESSAGE_H_
#define PYTRACE_RINGBUF_RECORD_VALUE_MESSAGE_H_

#include <cstdint>
#include <cstring>
#include <string_view>

namespace pytrace::record::message {

// Field numbers of Value, record.proto.
enum Kind : uint32_t {
  kNone = 0,
  kInt = 1,
  kBigInt = 2,
  kFloat = 3,
  kBool = 4,
  kStr = 5,
  kBytes = 6,
  kTuple = 7,
  kList = 8,
  kSet = 9,
  kFrozenset = 10,
  kDict = 11,
  kObject = 12,
  kException = 13,
  kClass = 14,
  kUnbound = 15,
  kOmitted = 16,
  kLength = 17,
  kComplex = 18,
  kNativeStr = 19,
  kUnicode = 20,
  kLong = 21,
};

// Walks the fields of a message; stops at the first byte that is none.
class Fields {
 public:
  explicit Fields(std::string_view message) : at_(message.data()), end_(at_ + message.size()) {}

  bool Next() {
    uint64_t tag;
    if (at_ == end_ || !Varint(&tag)) return false;
    field = static_cast<uint32_t>(tag >> 3);
    bytes = {};
    number = 0;
    switch (tag & 7) {
      case 0:
        return Varint(&number);
      case 1:
        return Fixed(8);
      case 5:
        return Fixed(4);
      case 2: {
        uint64_t size;
        if (!Varint(&size) || size > static_cast<uint64_t>(end_ - at_)) return false;
        bytes = std::string_view(at_, size);
        at_ += size;
        return true;
      }
    }
    return false;
  }
  std::string_view rest() const { return std::string_view(at_, end_ - at_); }

  uint32_t field = 0;
  uint64_t number = 0;     // of a varint or fixed field
  std::string_view bytes;  // of a length-delimited one

 private:
  bool Varint(uint64_t* value) {
    *value = 0;
    for (int shift = 0; at_ != end_ && shift < 64; shift += 7) {
      uint8_t byte = *at_++;
      *value |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return true;
    }
    return false;
  }
  bool Fixed(int size) {
    if (end_ - at_ < size) return false;
    memcpy(&number, at_, size);
    at_ += size;
    return true;
  }

  const char* at_;
  const char* end_;
};

struct Value {
  explicit Value(std::string_view message) {
    Fields fields(message);
    while (fields.Next()) {
      if (fields.field == kLength) {
        length = fields.number;
      } else if (fields.field <= kLong && fields.field != kNone) {
        kind = static_cast<Kind>(fields.field);
        number = fields.number;
        bytes = fields.bytes;
      }
    }
  }
  bool cut() const { return length != 0; }
  int64_t Int() const { return static_cast<int64_t>(number >> 1) ^ -static_cast<int64_t>(number & 1); }
  double Float() const {
    double value;
    memcpy(&value, &number, sizeof(value));
    return value;
  }

  Kind kind = kNone;
  uint64_t number = 0;
  std::string_view bytes;
  uint64_t length = 0;
};

struct BigInt {
  explicit BigInt(std::string_view message) {
    Fields fields(message);
    while (fields.Next()) {
      if (fields.field == 1) negative = fields.number != 0;
      if (fields.field == 2) digits = fields.bytes;
      if (fields.field == 3) cut = fields.number;
    }
  }
  bool negative = false;
  std::string_view digits;
  uint64_t cut = 0;
};

struct Object {
  explicit Object(std::string_view message) {
    Fields fields(message);
    while (fields.Next()) {
      if (fields.field == 1) type = static_cast<uint32_t>(fields.number);
      if (fields.field == 2) address = fields.number;
      if (fields.field == 3) args = fields.bytes, has_args = true;
    }
  }
  uint32_t type = 0;
  uint64_t address = 0;
  std::string_view args;
  bool has_args = false;
};

}  // namespace pytrace::record::message

#endif  // PYTRACE_RINGBUF_RECORD_VALUE_MESSAGE_H_
