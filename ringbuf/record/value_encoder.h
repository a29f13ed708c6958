// Writes any Value, with the same contract as Encoder: checked for room, `full` where it is missing.
#ifndef PYTRACE_RINGBUF_RECORD_VALUE_ENCODER_H_
#define PYTRACE_RINGBUF_RECORD_VALUE_ENCODER_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "ringbuf/record/encode.h"

namespace pytrace::record {

// Writes Values; the Sink of pyshim/capture.h. Each value becomes one field: `value_tag` is Enter's or Leave's field 3
// and, inside containers, Items' field 1.
class ValueEncoder : public Encoder {
 public:
  using Encoder::Encoder;

  uint8_t value_tag() const { return value_tag_; }

  // The scalars without a look at the room, see above. kScalarRoom: what the largest of them needs.
  static constexpr size_t kShortText = kShortBlob, kScalarRoom = kShortBlob + 4;
  static uint8_t* PutInt(uint8_t* p, uint8_t value_tag, int64_t v) {
    return PutSmall(p, value_tag, tag::kInt, ZigZag(v));
  }
  static uint8_t* PutBool(uint8_t* p, uint8_t value_tag, bool v) { return PutSmall(p, value_tag, tag::kBool, v); }
  static uint8_t* PutClass(uint8_t* p, uint8_t value_tag, uint32_t type) {
    return PutSmall(p, value_tag, tag::kClass, type);
  }
  static uint8_t* PutText(uint8_t* p, uint8_t value_tag, const void* data, size_t n) {
    return PutShortBlob(p, value_tag, tag::kStr, data, n);
  }
  static uint8_t* PutNone(uint8_t* p, uint8_t value_tag) { return record::PutNone(p, value_tag); }
  static uint8_t* PutFloat(uint8_t* p, uint8_t value_tag, double v) { return record::PutFloat(p, value_tag, v); }
  static uint64_t ObjectHead(uint32_t type) { return record::ObjectHead(type); }
  static uint8_t* PutObject(uint8_t* p, uint8_t value_tag, uint64_t head, uint64_t address) {
    return record::PutObject(p, value_tag, head, address);
  }

  // Each method writes one whole Value.
  void None() {
    if (Room(kScalarBytes)) at = PutNone(at, value_tag_);
  }
  void Bool(bool v) { Small(tag::kBool, v); }
  void Unbound() { Small(tag::kUnbound, 1); }
  void Int(int64_t v) { Small(tag::kInt, ZigZag(v)); }
  void Class(uint32_t type) { Small(tag::kClass, type); }
  void Float(double v) {
    if (Room(kScalarBytes)) at = PutFloat(at, value_tag_, v);
  }
  void Object(uint32_t type, uint64_t address) {
    if (!Room(kScalarBytes)) return;
    uint64_t head = ObjectHead(type);
    at = head != 0 ? PutObject(at, value_tag_, head, address)
                   : record::PutObjectOfLateType(at, value_tag_, type, address);
  }
  void Omitted() {
    uint8_t* value = OpenValue();
    Uint(tag::kOmitted, 1);
    Close(value);
  }
  void Complex(double real, double imag) {
    uint8_t* value = OpenValue();
    uint8_t* message = Open(tag::kComplex);
    Fixed64(Tag(1, kFixed64), std::bit_cast<uint64_t>(real));
    Fixed64(Tag(2, kFixed64), std::bit_cast<uint64_t>(imag));
    Close(message);
    Close(value);
  }
  // `digits`: the `n` highest base-2^30 digits, lowest first; `cut` lower ones are left out.
  void BigInt(bool negative, const uint32_t* digits, size_t n, uint64_t cut) {
    Digits(tag::kBigInt, negative, digits, n, cut);
  }
  // Python 2: the same for a long, bytes of a str, Py_UNICODEs.
  void Long(bool negative, const uint32_t* digits, size_t n, uint64_t cut) {
    Digits(tag::kLong, negative, digits, n, cut);
  }
  void NativeStr(const void* data, size_t n, size_t length) { LongBlob(tag::kNativeStr, data, n, length); }
  template <class Unit>
  void Unicode(const Unit* data, size_t n, size_t length) {
    Characters(tag::kUnicode, data, n, length);
  }
  // ASCII text or bytes of which `n` are written; `length` is the true one.
  void AsciiStr(const void* data, size_t n, size_t length) { Blob(tag::kStr, data, n, length); }
  void ByteString(const void* data, size_t n, size_t length) { Blob(tag::kBytesValue, data, n, length); }
  // Other text: Unit is uint8_t (latin-1), uint16_t or uint32_t. Lone surrogates become three bytes, as record.proto
  // says.
  template <class Unit>
  void WideStr(const Unit* data, size_t n, size_t length) {
    Characters(tag::kStr, data, n, length);
  }

  static constexpr size_t kLengthBytes = 2 + kVarintRoom;  // of Value.length at most

  // Containers: the values between are their items. Only the newest open one may be closed.
  struct Container {
    uint8_t* value;
    uint8_t* items;
    uint8_t outer_tag;
  };
  Container OpenItems(uint8_t kind_tag) {
    Container c{nullptr, nullptr, value_tag_};
    if (Room(4)) {
      uint8_t* p = at;  // (stores of bytes may change `at`, for all that the compiler knows)
      p[0] = value_tag_;
      p[2] = kind_tag;
      c.value = p + 1;
      c.items = p + 3;
      at = p + 4;
    }
    value_tag_ = tag::kItem;
    return c;
  }
  // `length`: the true number of items, or of entries for a dict; `cut`: not all were written.
  void CloseItems(const Container& c, bool cut, uint64_t length) {
    value_tag_ = c.outer_tag;
    if (__builtin_expect(full, 0)) return;
    size_t n = at - (c.items + 1);
    if (__builtin_expect(n < 128 - 2 - kLengthBytes, 1)) {  // both lengths have one byte whatever follows
      if (__builtin_expect(cut, 0)) Uint(tag::kLength, length);
      uint8_t* p = at;
      *c.items = static_cast<uint8_t>(n);
      *c.value = static_cast<uint8_t>(p - (c.value + 1));
      return;
    }
    Close(c.items);
    if (cut) Uint(tag::kLength, length);
    Close(c.value);
  }
  // An exception; the one value that follows is its args.
  Container OpenException(uint32_t type, uint64_t address) {
    Container c{OpenValue(), nullptr, value_tag_};
    c.items = Open(tag::kException);
    Uint(tag::kObjectType, type);
    Fixed64(tag::kObjectAddress, address);
    value_tag_ = tag::kObjectArgs;
    return c;
  }
  void CloseException(const Container& c) { CloseItems(c, false, 0); }

 private:
  uint8_t value_tag_ = tag::kValue;

  void Small(uint8_t field_tag, uint64_t v) {
    if (Room(kScalarBytes)) at = PutSmall(at, value_tag_, field_tag, v);
  }
  uint8_t* OpenValue() { return Open(value_tag_); }
  void Digits(uint32_t field_tag, bool negative, const uint32_t* digits, size_t n, uint64_t cut) {
    uint8_t* value = OpenValue();
    uint8_t* message = Open(field_tag);
    if (negative) Uint(Tag(1, kVarint), 1);
    Bytes(Tag(2, kBytes), digits, n * 4);
    if (cut) Uint(Tag(3, kVarint), cut);
    Close(message);
    Close(value);
  }
  template <class Unit>
  void Characters(uint32_t field_tag, const Unit* data, size_t n, size_t length) {
    uint8_t* value = OpenValue();
    uint8_t* text = Open(field_tag);
    for (size_t i = 0; i < n && Room(4); ++i) {
      uint32_t c = data[i];
      // Python 2's narrow builds: a pair is one character, as they print it.
      if (sizeof(Unit) == 2 && field_tag == tag::kUnicode && i + 1 < n && (c & 0xfc00) == 0xd800 &&
          (data[i + 1] & 0xfc00) == 0xdc00)
        c = 0x10000 + ((c & 0x3ff) << 10 | (data[++i] & 0x3ff));
      CodePoint(c);
    }
    Close(text);
    if (n < length) Uint(tag::kLength, length);
    Close(value);
  }
  void Fixed64(uint8_t field_tag, uint64_t v) {
    if (!Room(9)) return;
    *at++ = field_tag;
    memcpy(at, &v, 8);
    at += 8;
  }
  void Blob(uint8_t field_tag, const void* data, size_t n, size_t length) {
    if (n < kShortBlob && n == length) {
      if (Room(n + 4)) at = PutShortBlob(at, value_tag_, field_tag, data, n);
      return;
    }
    LongBlob(field_tag, data, n, length);
  }
  void LongBlob(uint32_t field_tag, const void* data, size_t n, size_t length) {
    uint8_t* value = OpenValue();
    Bytes(field_tag, data, n);
    if (n < length) Uint(tag::kLength, length);
    Close(value);
  }
  void CodePoint(uint32_t c) {
    if (c < 0x80) {
      *at++ = static_cast<uint8_t>(c);
    } else if (c < 0x800) {
      *at++ = static_cast<uint8_t>(0xc0 | c >> 6);
      *at++ = static_cast<uint8_t>(0x80 | (c & 63));
    } else if (c < 0x10000) {
      *at++ = static_cast<uint8_t>(0xe0 | c >> 12);
      *at++ = static_cast<uint8_t>(0x80 | (c >> 6 & 63));
      *at++ = static_cast<uint8_t>(0x80 | (c & 63));
    } else {
      *at++ = static_cast<uint8_t>(0xf0 | (c >> 18 & 7));
      *at++ = static_cast<uint8_t>(0x80 | (c >> 12 & 63));
      *at++ = static_cast<uint8_t>(0x80 | (c >> 6 & 63));
      *at++ = static_cast<uint8_t>(0x80 | (c & 63));
    }
  }
};

}  // namespace pytrace::record

#endif  // PYTRACE_RINGBUF_RECORD_VALUE_ENCODER_H_
