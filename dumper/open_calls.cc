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

void PutCalls(const std::vector<OpenCall>& calls, std::string* out) {
  Put(calls.size(), out);
  OpenCall below = {};
  for (const OpenCall& call : calls) {
    Put(static_cast<uint64_t>(call.id - below.id), out);
    Put(call.serial - below.serial, out);
    Put(static_cast<uint64_t>(call.start_ns - below.start_ns), out);
    Put(uint64_t{call.function.id()} << 1 | call.function.main(), out);
    Put(static_cast<uint64_t>(call.children_ns), out);
    below = call;
  }
}

// What pairing relies on: ids and serials rise up to what there is, sums of times do not overflow, and a function is
// one that a table by functions.id may have.
bool Follows(const OpenCall& call, const OpenCall& below, int64_t newest_call) {
  constexpr int64_t kMostNs = int64_t{1} << 62;
  constexpr uint32_t kMostFunctions = 1u << 28;
  return call.id > below.id && call.id <= newest_call && call.serial > below.serial &&
         call.start_ns >= below.start_ns && call.start_ns < kMostNs && call.children_ns >= 0 &&
         call.children_ns < kMostNs && call.function.id() < kMostFunctions;
}

bool GetCalls(std::string_view* rest, int64_t newest_call, std::vector<OpenCall>* out) {
  uint64_t n;
  if (!Get(rest, &n) || n > rest->size() / 5) return false;
  out->reserve(n);
  OpenCall call = {};
  for (uint64_t i = 0; i < n; ++i) {
    uint64_t id, serial, start, function, children;
    if (!Get(rest, &id) || !Get(rest, &serial) || !Get(rest, &start) || !Get(rest, &function) || !Get(rest, &children))
      return false;
    call.id = static_cast<int64_t>(static_cast<uint64_t>(call.id) + id);
    call.serial += serial;
    call.start_ns = static_cast<int64_t>(static_cast<uint64_t>(call.start_ns) + start);
    call.children_ns = static_cast<int64_t>(children);
    call.function = FunctionRef(static_cast<uint32_t>(function >> 1), (function & 1) != 0);
    if (!Follows(call, out->empty() ? OpenCall() : out->back(), newest_call)) return false;
    out->push_back(call);
  }
  return true;
}

bool GetAll(std::string_view rest, int64_t newest_call, RingCalls* ring) {
  if (!GetCalls(&rest, newest_call, &ring->open)) return false;
  if (rest.empty()) return true;
  uint64_t id, thread;
  if (!Get(&rest, &id)) return false;
  ring->strand = static_cast<uint32_t>(id);
  while (!rest.empty()) {
    Strand strand;
    if (!Get(&rest, &id) || !Get(&rest, &thread) || !GetCalls(&rest, newest_call, &strand.open)) return false;
    strand.thread = static_cast<uint32_t>(thread);
    ring->waiting[static_cast<uint32_t>(id)] = std::move(strand);
  }
  return true;
}

}  // namespace

std::string EncodeOpenCalls(const RingCalls& ring) {
  std::string out;
  PutCalls(ring.open, &out);
  if (ring.strand == 0 && ring.waiting.empty()) return out;
  Put(ring.strand, &out);
  for (const auto& [id, strand] : ring.waiting) {
    Put(id, &out);
    Put(strand.thread, &out);
    PutCalls(strand.open, &out);
  }
  return out;
}

bool DecodeOpenCalls(std::string_view bytes, int64_t newest_call, RingCalls* ring) {
  ring->open.clear();
  ring->waiting.clear();
  ring->strand = 0;
  if (GetAll(bytes, newest_call, ring)) return true;
  ring->open.clear();
  ring->waiting.clear();
  ring->strand = 0;
  return false;
}

}  // namespace pytrace::dumper
