#include "dumper/open_calls.h"

namespace pytrace::dumper {
namespace {

void Put(uint64_t v, std::string* out) {
  for (; v >= 0x80; v >>= 7) out->push_back(static_cast<char>(v | 0x80));
  out->push_back(static_cast<char>(v));
}

bool Get(std::string_view* rest, uint64_t* v) {
  const char* end = rest->data() + rest->size();
  const char* p = record::ReadVarint(rest->data(), end, v);
  if (p == nullptr) return false;
  *rest = {p, static_cast<size_t>(end - p)};
  return true;
}

}  // namespace

std::string EncodeOpenCalls(const std::vector<OpenCall>& calls) {
  std::string out;
  Put(calls.size(), &out);
  OpenCall below = {};
  for (const OpenCall& call : calls) {
    Put(static_cast<uint64_t>(call.id - below.id), &out);
    Put(call.serial - below.serial, &out);
    Put(static_cast<uint64_t>(call.start_ns - below.start_ns), &out);
    Put(uint64_t{call.function.id()} << 1 | call.function.main(), &out);
    Put(static_cast<uint64_t>(call.children_ns), &out);
    below = call;
  }
  return out;
}

bool DecodeOpenCalls(std::string_view bytes, std::vector<OpenCall>* out) {
  out->clear();
  uint64_t n;
  if (!Get(&bytes, &n) || n > bytes.size() / 5) return false;
  out->reserve(n);
  OpenCall call = {};
  for (uint64_t i = 0; i < n; ++i) {
    uint64_t id, serial, start, function, children;
    if (!Get(&bytes, &id) || !Get(&bytes, &serial) || !Get(&bytes, &start) || !Get(&bytes, &function) ||
        !Get(&bytes, &children))
      return false;
    call.id = static_cast<int64_t>(static_cast<uint64_t>(call.id) + id);
    call.serial += serial;
    call.start_ns = static_cast<int64_t>(static_cast<uint64_t>(call.start_ns) + start);
    call.children_ns = static_cast<int64_t>(children);
    call.function = FunctionRef(static_cast<uint32_t>(function >> 1), (function & 1) != 0);
    out->push_back(call);
  }
  return bytes.empty();
}

}  // namespace pytrace::dumper
