// Reads records in place. The other side of encode.h; both follow record.proto.
//
// Tolerates any bytes: every length is checked against the record, unknown fields are skipped, and false means "this is
// no record". Views point into the input. If the input changes meanwhile (it is another process's memory), the values
// are nonsense but never outside the input.
#ifndef PYTRACE_RINGBUF_RECORD_DECODE_H_
#define PYTRACE_RINGBUF_RECORD_DECODE_H_

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace pytrace::record {

// Field numbers of Stream.
enum class Kind : uint32_t {
  kEnter = 1,
  kLeave = 2,
  kFunction = 3,
  kType = 4,
  kThread = 5,
  kLoss = 6,
  kLog = 7,
  kStrand = 8,
  kTask = 9,
};

// The hot records. `start` and `outcome` are as on the wire: unknown numbers are the caller's to judge.
struct Enter {
  uint32_t function;
  uint16_t start;
  bool has_parent;  // parent was written, perhaps as 0: no caller
  uint64_t time, call, parent, frame;
  std::string_view values;  // `values` fields, tags included
};
struct Leave {
  uint32_t outcome;
  bool has_value;
  uint64_t time, call;
  std::string_view value;  // a Value
};

struct Function {
  uint32_t id = 0, line = 0, flags = 0, star = 0, star_star = 0;
  bool main = false, code_scope = false;
  std::string_view module, name, qualname, file;
  std::vector<std::string_view> arguments;
};
struct Type {
  uint32_t id = 0;
  std::string_view name;
};
struct Thread {
  uint32_t tid = 0;
  bool main = false;
  std::string_view name;
};
struct Loss {
  uint32_t reason = 0;
  uint64_t enters = 0, leaves = 0, others = 0, next_call = 0;
};
struct Strand {
  uint32_t id = 0;
};
struct Task {
  std::string_view name;
  uint64_t frame = 0;
};
struct Log {
  uint32_t level = 0;
  std::string_view text;
};
struct ProcessInfo {
  std::string_view run, executable, cwd, python, mode, mode_reason, program;
  std::vector<std::string_view> argv;
  int32_t parent_pid = 0;
  uint64_t pid_namespace = 0;
};

bool Decode(std::string_view body, Function* out);
bool Decode(std::string_view body, Type* out);
bool Decode(std::string_view body, Thread* out);
bool Decode(std::string_view body, Loss* out);
bool Decode(std::string_view body, Strand* out);
bool Decode(std::string_view body, Task* out);
bool Decode(std::string_view body, Log* out);
bool Decode(std::string_view body, ProcessInfo* out);
// Field 2 of any record; 0 when it is not there.
bool DecodeTime(std::string_view body, uint64_t* time);

// ---- The pieces. Positions are plain pointers: nullptr stands for bytes that are no varint or field.

const char* ReadLongVarint(const char* p, const char* end, uint64_t* out);

// One load, whatever the compiler would make of it: what is checked is what is used, though the byte may change.
inline uint8_t ByteAt(const char* p) { return *reinterpret_cast<const volatile uint8_t*>(p); }

// For what is one byte nearly always.
inline const char* ReadVarint(const char* p, const char* end, uint64_t* out) {
  if (p < end) [[likely]] {
    uint8_t byte = ByteAt(p);
    if (byte < 0x80) [[likely]] {
      *out = byte;
      return p + 1;
    }
  }
  return ReadLongVarint(p, end, out);
}

// For what is one byte or two or three as it comes: no branch that depends on how many.
inline const char* ReadAnyVarint(const char* p, const char* end, uint64_t* out) {
  if (end - p < 4) [[unlikely]]
    return ReadLongVarint(p, end, out);
  uint32_t x;
  memcpy(&x, p, 4);
  if constexpr (std::endian::native == std::endian::big) x = __builtin_bswap32(x);
  uint32_t last = ~x & 0x80808080;  // the bytes that end a varint
  if (last == 0) [[unlikely]]
    return ReadLongVarint(p, end, out);
  int bits = __builtin_ctz(last) + 1;
  x &= 0xffffffffu >> (32 - bits);
  *out = (x & 0x7f) | (x >> 1 & 0x3f80) | (x >> 2 & 0x1fc000) | (x >> 3 & 0xfe00000);
  return p + bits / 8;
}

struct Field {
  uint32_t number;
  bool is_bytes;
  uint64_t value;          // of a varint, fixed32 or fixed64
  std::string_view bytes;  // of the others
};
// Takes one field off *rest.
bool NextField(std::string_view* rest, Field* out);

// Takes one record off *rest: its kind (perhaps one we do not know) and its message.
__attribute__((always_inline)) inline bool NextRecord(std::string_view* rest, Kind* kind, std::string_view* body) {
  const char* p = rest->data();
  const char* end = p + rest->size();
  uint64_t tag, size;
  if (!(p = ReadVarint(p, end, &tag)) || (tag & 7) != 2 || !(p = ReadVarint(p, end, &size)) ||
      size > static_cast<uint64_t>(end - p)) {
    return false;
  }
  *kind = static_cast<Kind>(tag >> 3);
  *body = {p, size};
  *rest = {p + size, static_cast<size_t>(end - p - size)};
  return true;
}

// Any order of fields. `values` that do not lie together are gathered in *scratch, which must outlive *out.
bool DecodeEnterSlow(std::string_view body, Enter* out, std::string* scratch);
bool DecodeLeaveSlow(std::string_view body, Leave* out);

// Behind the values: one-byte tags of the rare fields. False: something else.
bool DecodeEnterTail(const char* p, const char* end, Enter* out);

// The order in which encode.h's users write: function, time, values, then perhaps the rest. Everything else goes the
// slow way, also what is no record.
__attribute__((always_inline)) inline bool DecodeEnter(std::string_view body, Enter* out, std::string* scratch) {
  const char* p = body.data();
  const char* end = p + body.size();
  uint64_t function = 0;
  *out = {};
  if (p < end && *p == 0x08 && !(p = ReadAnyVarint(p + 1, end, &function))) return false;
  out->function = static_cast<uint32_t>(function);
  if (p < end && *p == 0x10 && !(p = ReadAnyVarint(p + 1, end, &out->time))) return false;
  const char* values = p;
  // A value of 128 bytes or more ends the loop before it, one that is longer than the record after it.
  while (end - p >= 2 && p[0] == 0x1a) {
    uint8_t size = ByteAt(p + 1);
    if (size >= 0x80) break;
    p += 2 + size;
  }
  if (p == end) [[likely]] {
    out->values = {values, static_cast<size_t>(p - values)};
    return true;
  }
  if (p > end) return false;
  while (p < end && *p == 0x1a) {
    uint64_t size;
    if (!(p = ReadVarint(p + 1, end, &size)) || size > static_cast<uint64_t>(end - p)) return false;
    p += size;
  }
  out->values = {values, static_cast<size_t>(p - values)};
  return DecodeEnterTail(p, end, out) || DecodeEnterSlow(body, out, scratch);
}

__attribute__((always_inline)) inline bool DecodeLeave(std::string_view body, Leave* out) {
  const char* p = body.data();
  const char* end = p + body.size();
  uint64_t v = 0;
  *out = {};
  if (p < end && *p == 0x08) {
    if (!(p = ReadVarint(p + 1, end, &v))) return false;
    out->outcome = static_cast<uint32_t>(v);
  }
  if (p < end && *p == 0x10 && !(p = ReadAnyVarint(p + 1, end, &out->time))) return false;
  if (p == end) return true;
  if (*p == 0x1a) [[likely]] {
    if (!(p = ReadVarint(p + 1, end, &v))) return false;
    // Shorter: more comes behind it. Longer: the slow way says so.
    if (v == static_cast<uint64_t>(end - p)) [[likely]] {
      out->value = {p, v};
      out->has_value = true;
      return true;
    }
  }
  return DecodeLeaveSlow(body, out);
}

}  // namespace pytrace::record

#endif  // PYTRACE_RINGBUF_RECORD_DECODE_H_
