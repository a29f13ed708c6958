// Writes records straight into a chunk: no heap, no library, no copy. The other side of decode.h; both follow
// record.proto.
//
// Every function writes at `at` and never beyond `end`. Room that is missing is noted in `full` and the write left out,
// so that callers check once, at the end of a record, and then write it again where there is more room.
#ifndef PYTRACE_RINGBUF_RECORD_ENCODE_H_
#define PYTRACE_RINGBUF_RECORD_ENCODE_H_

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "ringbuf/record/wire.h"

namespace pytrace::record {

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

}  // namespace pytrace::record

#endif  // PYTRACE_RINGBUF_RECORD_ENCODE_H_
