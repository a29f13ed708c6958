// Writes records straight into a chunk: no heap, no library, no copy. The other side of decode.h; both follow
// record.proto.
//
// Every function writes at `at` and never beyond `end`. Room that is missing is noted in `full` and the write left out,
// so that callers check once, at the end of a record, and then write it again where there is more room.
#ifndef PYTRACE_RINGBUF_RECORD_ENCODE_H_
#define PYTRACE_RINGBUF_RECORD_ENCODE_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace pytrace::record {

enum WireType : uint32_t { kVarint = 0, kFixed64 = 1, kBytes = 2 };

constexpr uint32_t Tag(uint32_t field, WireType type) { return field << 3 | type; }

// Field numbers of record.proto, as tags. All below 128 but those of Value that are rare.
namespace tag {
inline constexpr uint8_t kEnter = Tag(1, kBytes), kLeave = Tag(2, kBytes), kFunction = Tag(3, kBytes),
                         kType = Tag(4, kBytes);
inline constexpr uint8_t kThread = Tag(5, kBytes), kLoss = Tag(6, kBytes), kLog = Tag(7, kBytes),
                         kStrand = Tag(8, kBytes), kTask = Tag(9, kBytes);
// Enter and Leave
inline constexpr uint8_t kFunctionId = Tag(1, kVarint), kTime = Tag(2, kVarint), kValue = Tag(3, kBytes),
                         kCall = Tag(4, kVarint);
inline constexpr uint8_t kParent = Tag(5, kVarint), kStart = Tag(6, kVarint), kFrame = Tag(7, kVarint),
                         kOutcome = Tag(1, kVarint);
// Value
inline constexpr uint8_t kInt = Tag(1, kVarint), kBigInt = Tag(2, kBytes), kFloat = Tag(3, kFixed64),
                         kBool = Tag(4, kVarint);
inline constexpr uint8_t kStr = Tag(5, kBytes), kBytesValue = Tag(6, kBytes), kTuple = Tag(7, kBytes),
                         kList = Tag(8, kBytes);
inline constexpr uint8_t kSet = Tag(9, kBytes), kFrozenset = Tag(10, kBytes), kDict = Tag(11, kBytes),
                         kObject = Tag(12, kBytes);
inline constexpr uint8_t kException = Tag(13, kBytes), kClass = Tag(14, kVarint), kUnbound = Tag(15, kVarint);
inline constexpr uint32_t kOmitted = Tag(16, kVarint), kLength = Tag(17, kVarint), kComplex = Tag(18, kBytes);
inline constexpr uint32_t kNativeStr = Tag(19, kBytes), kUnicode = Tag(20, kBytes), kLong = Tag(21, kBytes);
// Items, Object
inline constexpr uint8_t kItem = Tag(1, kBytes), kObjectType = Tag(1, kVarint), kObjectAddress = Tag(2, kFixed64),
                         kObjectArgs = Tag(3, kBytes);
}  // namespace tag

constexpr uint64_t ZigZag(int64_t v) { return static_cast<uint64_t>(v) << 1 ^ static_cast<uint64_t>(v >> 63); }

// Room for any varint: up to 10 bytes, and the long way stores 8 at once.
inline constexpr size_t kVarintRoom = 10;

// 2^14 and more, mostly addresses: spreads groups of 7 bits to bytes by three shifts and stores them together.
__attribute__((noinline)) inline uint8_t* PutLongVarint(uint8_t* p, uint64_t v) {
  while (__builtin_expect(v >> 56 != 0, 0)) {
    *p++ = static_cast<uint8_t>(v) | 128;
    v >>= 7;
  }
  int bytes = (63 - __builtin_clzll(v | 1)) / 7 + 1;
  v = (v & 0x000000000fffffff) | (v & 0x00fffffff0000000) << 4;
  v = (v & 0x00003fff00003fff) | (v & 0x0fffc0000fffc000) << 2;
  v = (v & 0x007f007f007f007f) | (v & 0x3f803f803f803f80) << 1;
  v |= 0x8080808080808080 & ((uint64_t{1} << (bytes - 1) * 8) - 1);  // all but the last go on
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  v = __builtin_bswap64(v);
#endif
  memcpy(p, &v, 8);
  return p + bytes;
}

// There must be kVarintRoom bytes at `p`, whatever the value.
__attribute__((always_inline)) inline uint8_t* PutVarint(uint8_t* p, uint64_t v) {
  if (v < 1u << 7) {
    *p = static_cast<uint8_t>(v);
    return p + 1;
  }
  if (v < 1u << 14) {
    p[0] = static_cast<uint8_t>(v) | 128;
    p[1] = static_cast<uint8_t>(v >> 7);
    return p + 2;
  }
  return PutLongVarint(p, v);
}

// Whole Values at `p`, as the field `value_tag`: the callers see to kScalarBytes of room. Scalars are what most values
// are, so the hot path keeps `p` in a register.
inline constexpr size_t kScalarBytes = 32;
inline constexpr size_t kShortBlob =
    120;  // a blob shorter than this has both lengths in one byte; with its lengths it fills 4 bytes more

inline uint8_t* PutNone(uint8_t* p, uint8_t value_tag) {
  p[0] = value_tag;
  p[1] = 0;
  return p + 2;
}
// What is long goes to functions of its own as the last thing done: the caller then need not save registers.
__attribute__((noinline)) inline uint8_t* PutLong(uint8_t* p, uint8_t value_tag, uint8_t field_tag, uint64_t v) {
  uint8_t* end = PutLongVarint(p + 3, v);
  p[0] = value_tag;
  p[1] = static_cast<uint8_t>(end - p - 2);
  p[2] = field_tag;
  return end;
}
inline uint8_t* PutSmall(uint8_t* p, uint8_t value_tag, uint8_t field_tag, uint64_t v) {
  if (__builtin_expect(v >= 1u << 14, 0)) return PutLong(p, value_tag, field_tag, v);
  bool two = v >= 1u << 7;
  p[0] = value_tag;
  p[1] = static_cast<uint8_t>(2 + two);
  p[2] = field_tag;
  p[3] = static_cast<uint8_t>(two ? v | 128 : v);
  p[4] = static_cast<uint8_t>(v >> 7);
  return p + 4 + two;
}
inline uint8_t* PutFloat(uint8_t* p, uint8_t value_tag, double v) {
  p[0] = value_tag;
  p[1] = 9;
  p[2] = tag::kFloat;
  memcpy(p + 3, &v, 8);
  return p + 11;
}
inline uint8_t* EndObject(uint8_t* p, uint8_t value_tag, uint64_t address, uint8_t* end) {
  *end++ = tag::kObjectAddress;
  memcpy(end, &address, 8);
  end += 8;
  p[0] = value_tag;
  p[1] = static_cast<uint8_t>(end - p - 2);
  p[2] = tag::kObject;
  p[3] = static_cast<uint8_t>(end - p - 4);
  p[4] = tag::kObjectType;
  return end;
}
__attribute__((noinline)) inline uint8_t* PutObjectOfLateType(uint8_t* p, uint8_t value_tag, uint32_t type,
                                                              uint64_t address) {
  return EndObject(p, value_tag, address, PutLongVarint(p + 5, type));
}
inline uint8_t* PutObject(uint8_t* p, uint8_t value_tag, uint32_t type, uint64_t address) {
  if (__builtin_expect(type >= 1u << 14, 0)) return PutObjectOfLateType(p, value_tag, type, address);
  bool two = type >= 1u << 7;
  p[5] = static_cast<uint8_t>(two ? type | 128 : type);
  p[6] = static_cast<uint8_t>(type >> 7);
  return EndObject(p, value_tag, address, p + 6 + two);
}
// memcpy without the call, for what a short blob has: two blocks of one size that may overlap. Nothing beyond `n` is
// read or written.
template <class Block>
__attribute__((always_inline)) inline void CopyEnds(uint8_t* to, const uint8_t* from, size_t n) {
  Block first, last;
  memcpy(&first, from, sizeof(Block));
  memcpy(&last, from + n - sizeof(Block), sizeof(Block));
  memcpy(to, &first, sizeof(Block));
  memcpy(to + n - sizeof(Block), &last, sizeof(Block));
}
__attribute__((always_inline)) inline void CopyShort(uint8_t* to, const void* data, size_t n) {
  const uint8_t* from = static_cast<const uint8_t*>(data);
  if (n >= 8) {
    if (n <= 16) return CopyEnds<uint64_t>(to, from, n);
    for (; n > 32; n -= 16, to += 16, from += 16) memcpy(to, from, 16);
    return CopyEnds<unsigned __int128>(to, from, n);
  }
  if (n >= 4) return CopyEnds<uint32_t>(to, from, n);
  if (n >= 2) return CopyEnds<uint16_t>(to, from, n);
  if (n == 1) *to = *from;
}
inline uint8_t* PutShortBlob(uint8_t* p, uint8_t value_tag, uint8_t field_tag, const void* data, size_t n) {
  p[0] = value_tag;
  p[1] = static_cast<uint8_t>(n + 2);
  p[2] = field_tag;
  p[3] = static_cast<uint8_t>(n);
  CopyShort(p + 4, data, n);
  return p + 4 + n;
}

class Encoder {
 public:
  uint8_t* at;
  uint8_t* end;
  bool full = false;

  Encoder(uint8_t* begin, uint8_t* limit) : at(begin), end(limit) {}

  bool Room(size_t n) {
    if (__builtin_expect(static_cast<size_t>(end - at) >= n, 1)) return true;
    full = true;
    end = at;
    return false;
  }
  size_t room() const { return static_cast<size_t>(end - at); }

  void Uint(uint32_t field_tag, uint64_t v) {
    if (!Room(2 * kVarintRoom)) return;
    at = PutVarint(PutVarint(at, field_tag), v);
  }
  void Bytes(uint32_t field_tag, const void* data, size_t n) {
    if (!Room(n + 2 * kVarintRoom)) return;
    at = PutVarint(PutVarint(at, field_tag), n);
    memcpy(at, data, n);
    at += n;
  }
  void Text(uint32_t field_tag, const char* text) { Bytes(field_tag, text, strlen(text)); }

  // A message whose length is known when it is closed: one byte is kept for the length, and the content moves when that
  // is not enough. Open gives what Close wants; nullptr after a lack of room.
  uint8_t* Open(uint32_t field_tag) {
    if (!Room(kVarintRoom)) return nullptr;
    at = PutVarint(at, field_tag);
    return at++;
  }
  void Close(uint8_t* length) {
    if (full || length == nullptr) return;
    size_t n = at - (length + 1);
    if (__builtin_expect(n < 128, 1)) {
      *length = static_cast<uint8_t>(n);
      return;
    }
    CloseLong(length, n);
  }

 private:
  __attribute__((noinline)) void CloseLong(uint8_t* length, size_t n) {
    size_t more = (n < 1u << 14 ? 2 : n < 1u << 21 ? 3 : 4) - 1;
    if (!Room(more)) return;
    memmove(length + 1 + more, length + 1, n);
    // Byte by byte: PutVarint may store beyond its end.
    for (; n >= 128; n >>= 7) *length++ = static_cast<uint8_t>(n) | 128;
    *length = static_cast<uint8_t>(n);
    at += more;
  }
};

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
  static uint8_t* PutText(uint8_t* p, uint8_t value_tag, const void* data, size_t n) {
    return PutShortBlob(p, value_tag, tag::kStr, data, n);
  }
  static uint8_t* PutNone(uint8_t* p, uint8_t value_tag) { return record::PutNone(p, value_tag); }
  static uint8_t* PutFloat(uint8_t* p, uint8_t value_tag, double v) { return record::PutFloat(p, value_tag, v); }
  static uint8_t* PutObject(uint8_t* p, uint8_t value_tag, uint32_t type, uint64_t address) {
    return record::PutObject(p, value_tag, type, address);
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
    if (Room(kScalarBytes)) at = PutObject(at, value_tag_, type, address);
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
      at[0] = value_tag_;
      at[2] = kind_tag;
      c.value = at + 1;
      c.items = at + 3;
      at += 4;
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
      *c.items = static_cast<uint8_t>(n);
      if (cut) Uint(tag::kLength, length);
      *c.value = static_cast<uint8_t>(at - (c.value + 1));
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

#endif  // PYTRACE_RINGBUF_RECORD_ENCODE_H_
