// What records are made of, byte by byte: varints, and whole scalar Values at a place where there is room. The hot path
// writes with these alone and keeps the place in a register.
#ifndef PYTRACE_RINGBUF_RECORD_WIRE_H_
#define PYTRACE_RINGBUF_RECORD_WIRE_H_

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "ringbuf/record/tags.h"

namespace pytrace::record {

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
// The bytes that every object of a type begins with, up to its address, in the order of memory on a little-endian
// machine; the lowest is left 0, for the tag. They are told from the type once, not for each object. 0: they are more
// than 8, see PutObjectOfLateType.
inline uint64_t ObjectHead(uint32_t type) {
  if (type >= 1u << 14) return 0;
  bool two = type >= 1u << 7;
  uint64_t id_and_tag = two ? (type & 127) | 128 | uint64_t{type} >> 7 << 8 | uint64_t{tag::kObjectAddress} << 16
                            : type | uint64_t{tag::kObjectAddress} << 8;
  uint64_t size = 11 + two;  // of the message: two tags, the id, the address
  return (size + 2) << 8 | uint64_t{tag::kObject} << 16 | size << 24 | uint64_t{tag::kObjectType} << 32 |
         id_and_tag << 40;
}
inline uint8_t* PutObject(uint8_t* p, uint8_t value_tag, uint64_t head, uint64_t address) {
  uint8_t* end = p + 2 + (head >> 8 & 0xff);
  head |= value_tag;
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  head = __builtin_bswap64(head);
#endif
  memcpy(p, &head, 8);
  memcpy(end - 8, &address, 8);
  return end;
}
inline uint8_t* PutObjectOfLateType(uint8_t* p, uint8_t value_tag, uint32_t type, uint64_t address) {
  uint8_t* end = PutLongVarint(p + 5, type);
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

}  // namespace pytrace::record

#endif  // PYTRACE_RINGBUF_RECORD_WIRE_H_
