#include "ringbuf/record/decode.h"

#include <cstring>

namespace pytrace::record {
namespace {

// Calls `take(field)` for each field. False: the bytes are no message.
template <class Take>
bool ForEachField(std::string_view body, Take take) {
  Field field;
  while (!body.empty()) {
    if (!NextField(&body, &field)) return false;
    take(field);
  }
  return true;
}

}  // namespace

const char* ReadLongVarint(const char* p, const char* end, uint64_t* out) {
  uint64_t value = 0;
  for (int shift = 0; p < end && shift < 70; shift += 7) {
    uint8_t byte = static_cast<uint8_t>(*p++);
    value |= static_cast<uint64_t>(byte & 0x7f) << (shift < 64 ? shift : 63);
    if (byte < 0x80) {
      *out = value;
      return p;
    }
  }
  return nullptr;
}

bool NextField(std::string_view* rest, Field* out) {
  const char* p = rest->data();
  const char* end = p + rest->size();
  uint64_t tag;
  if (!(p = ReadVarint(p, end, &tag))) return false;
  *out = {static_cast<uint32_t>(tag >> 3), false, 0, {}};
  uint64_t size = 0;
  switch (tag & 7) {
    case 0:
      if (!(p = ReadVarint(p, end, &out->value))) return false;
      break;
    case 1:
    case 5:
      size = (tag & 7) == 1 ? 8 : 4;
      if (static_cast<uint64_t>(end - p) < size) return false;
      memcpy(&out->value, p, size);
      p += size;
      break;
    case 2:
      if (!(p = ReadVarint(p, end, &size)) || size > static_cast<uint64_t>(end - p)) return false;
      out->is_bytes = true;
      out->bytes = {p, size};
      p += size;
      break;
    default:
      return false;
  }
  *rest = {p, static_cast<size_t>(end - p)};
  return true;
}

bool DecodeTime(std::string_view body, uint64_t* time) {
  *time = 0;
  Field f;
  while (!body.empty()) {
    if (!NextField(&body, &f)) return false;
    if (f.number == 2 && !f.is_bytes) {
      *time = f.value;
      return true;
    }
  }
  return true;
}

bool DecodeEnterTail(const char* p, const char* end, Enter* out) {
  uint64_t v;
  while (p < end) {
    uint8_t tag = static_cast<uint8_t>(*p);
    if (tag != 0x20 && tag != 0x28 && tag != 0x30 && tag != 0x38) return false;
    if (!(p = ReadVarint(p + 1, end, &v))) return false;
    if (tag == 0x20) out->call = v;
    if (tag == 0x28) out->parent = v, out->has_parent = true;
    if (tag == 0x30) out->start = static_cast<uint16_t>(v);
    if (tag == 0x38) out->frame = v;
  }
  return true;
}

bool DecodeEnterSlow(std::string_view body, Enter* out, std::string* scratch) {
  *out = {};
  scratch->clear();
  return ForEachField(body, [&](const Field& f) {
    if (f.is_bytes) {
      if (f.number != 3) return;
      // As on the wire, with the shortest length.
      scratch->push_back(0x1a);
      uint64_t n = f.bytes.size();
      for (; n >= 0x80; n >>= 7) scratch->push_back(static_cast<char>(n | 0x80));
      scratch->push_back(static_cast<char>(n));
      scratch->append(f.bytes);
      out->values = *scratch;
      return;
    }
    switch (f.number) {
      case 1:
        out->function = static_cast<uint32_t>(f.value);
        break;
      case 2:
        out->time = f.value;
        break;
      case 4:
        out->call = f.value;
        break;
      case 5:
        out->parent = f.value;
        out->has_parent = true;
        break;
      case 6:
        out->start = static_cast<uint16_t>(f.value);
        break;
      case 7:
        out->frame = f.value;
        break;
    }
  });
}

bool DecodeLeaveSlow(std::string_view body, Leave* out) {
  *out = {};
  return ForEachField(body, [&](const Field& f) {
    if (f.is_bytes) {
      if (f.number != 3) return;
      out->value = f.bytes;
      out->has_value = true;
      return;
    }
    switch (f.number) {
      case 1:
        out->outcome = static_cast<uint32_t>(f.value);
        break;
      case 2:
        out->time = f.value;
        break;
      case 4:
        out->call = f.value;
        break;
    }
  });
}

bool Decode(std::string_view body, Function* out) {
  return ForEachField(body, [out](const Field& f) {
    uint32_t number = static_cast<uint32_t>(f.value);
    switch (f.number) {
      case 1:
        out->id = number;
        break;
      case 3:
        out->module = f.bytes;
        break;
      case 4:
        out->name = f.bytes;
        break;
      case 5:
        out->qualname = f.bytes;
        break;
      case 6:
        out->file = f.bytes;
        break;
      case 7:
        out->line = number;
        break;
      case 8:
        out->flags = number;
        break;
      case 9:
        out->arguments.push_back(f.bytes);
        break;
      case 10:
        out->star = number;
        break;
      case 11:
        out->star_star = number;
        break;
      case 12:
        out->main = f.value != 0;
        break;
      case 13:
        out->code_scope = f.value != 0;
        break;
    }
  });
}

bool Decode(std::string_view body, Type* out) {
  return ForEachField(body, [out](const Field& f) {
    if (f.number == 1) out->id = static_cast<uint32_t>(f.value);
    if (f.number == 3) out->name = f.bytes;
  });
}

bool Decode(std::string_view body, Thread* out) {
  return ForEachField(body, [out](const Field& f) {
    if (f.number == 1) out->tid = static_cast<uint32_t>(f.value);
    if (f.number == 3) out->name = f.bytes;
    if (f.number == 4) out->main = f.value != 0;
  });
}

bool Decode(std::string_view body, Loss* out) {
  return ForEachField(body, [out](const Field& f) {
    switch (f.number) {
      case 1:
        out->reason = static_cast<uint32_t>(f.value);
        break;
      case 3:
        out->enters = f.value;
        break;
      case 4:
        out->leaves = f.value;
        break;
      case 5:
        out->others = f.value;
        break;
      case 6:
        out->next_call = f.value;
        break;
    }
  });
}

bool Decode(std::string_view body, Strand* out) {
  return ForEachField(body, [out](const Field& f) {
    if (f.number == 1) out->id = static_cast<uint32_t>(f.value);
  });
}

bool Decode(std::string_view body, Task* out) {
  return ForEachField(body, [out](const Field& f) {
    if (f.number == 1) out->name = f.bytes;
    if (f.number == 3) out->frame = f.value;
  });
}

bool Decode(std::string_view body, Log* out) {
  return ForEachField(body, [out](const Field& f) {
    if (f.number == 1) out->text = f.bytes;
    if (f.number == 3) out->level = static_cast<uint32_t>(f.value);
  });
}

bool Decode(std::string_view body, ProcessInfo* out) {
  return ForEachField(body, [out](const Field& f) {
    switch (f.number) {
      case 1:
        out->run = f.bytes;
        break;
      case 2:
        out->executable = f.bytes;
        break;
      case 3:
        out->argv.push_back(f.bytes);
        break;
      case 4:
        out->cwd = f.bytes;
        break;
      case 5:
        out->python = f.bytes;
        break;
      case 6:
        out->mode = f.bytes;
        break;
      case 7:
        out->mode_reason = f.bytes;
        break;
      case 8:
        out->parent_pid = static_cast<int32_t>(f.value);
        break;
      case 9:
        out->program = f.bytes;
        break;
      case 10:
        out->pid_namespace = f.value;
        break;
    }
  });
}

}  // namespace pytrace::record
