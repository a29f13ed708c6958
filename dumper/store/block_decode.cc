#include <algorithm>
#include <limits>

#include "dumper/store/block.h"
#include "dumper/store/block_parts.h"
#include "dumper/store/columns.h"
#include "dumper/store/value_words.h"

namespace pytrace::store {
namespace {

constexpr uint64_t kMaxIdBytes = uint64_t{kMaxBlockRows} * 5;
constexpr uint64_t kMaxSparseBytes = uint64_t{kMaxBlockRows} * 20;
constexpr uint64_t kMaxStackBytes = 1u << 28;
constexpr uint64_t kMaxStackCalls = 1u << 24;

bool FitsId(uint64_t value) { return value <= std::numeric_limits<uint32_t>::max(); }

// Indexes into a dictionary -> ids, in place.
bool DecodeIds(const ColumnReader& blob, uint32_t ids_part, uint32_t index_part, std::vector<uint32_t>* column) {
  std::string bytes;
  if (!blob.Get(ids_part, kMaxIdBytes, &bytes) || !blob.GetNumbers(index_part, column)) return false;
  std::vector<uint32_t> ids;
  VarintReader in(bytes);
  while (!in.AtEnd()) {
    uint64_t id = in.Next();
    if (!in.ok || !FitsId(id)) return false;
    ids.push_back(static_cast<uint32_t>(id));
  }
  uint32_t largest = 0;
  for (uint32_t index : *column) largest = std::max(largest, index);
  if (!column->empty() && largest >= ids.size()) return false;
  if (ids.size() == 1) {
    std::fill(column->begin(), column->end(), ids[0]);
  } else {
    for (uint32_t& value : *column) value = ids[value];
  }
  return true;
}

// Far beyond any clock, and so that no sum or difference of two of them overflows.
constexpr uint64_t kMaxTime = uint64_t{1} << 61;
uint64_t OutOfRange(uint64_t time) { return (time + kMaxTime) & ~(2 * kMaxTime - 1); }

bool DecodeTimes(const ColumnReader& blob, Block* out) {
  std::string bytes;
  if (!blob.Get(kFirstStart, 10, &bytes) || !blob.GetNumbers(kStart, &out->start_ns) ||
      !blob.GetNumbers(kDuration, &out->duration_ns)) {
    return false;
  }
  // Unsigned, as damaged numbers may overflow.
  uint64_t time = static_cast<uint64_t>(UnZigZag(VarintReader(bytes).Next())), bad = 0;
  for (int64_t& start : out->start_ns) {
    time += static_cast<uint64_t>(start);
    bad |= OutOfRange(time);
    start = static_cast<int64_t>(time);
  }
  for (int64_t& duration : out->duration_ns) {
    bad |= static_cast<uint64_t>(duration) & ~(kMaxTime - 1);
    duration = static_cast<int64_t>(static_cast<uint64_t>(duration) - 1);
  }
  return bad == 0;
}

bool DecodeKinds(const ColumnReader& blob, Block* out) {
  thread_local std::vector<uint8_t> kinds;
  if (!blob.GetNumbers(kKind, &kinds)) return false;
  const size_t n = kinds.size();
  out->outcome.resize(n);
  out->start_kind.resize(n);
  uint8_t all = 0;
  bool bad_start = false;
  for (size_t i = 0; i < n; ++i) {
    all |= kinds[i];
    bad_start |= kinds[i] >> 2 == 3;
    out->outcome[i] = static_cast<Outcome>(kinds[i] & 3);
    out->start_kind[i] = static_cast<Start>(kinds[i] >> 2 & 3);
  }
  return all < 16 && !bad_start;
}

bool DecodeSparse(const ColumnReader& blob, Block* out) {
  std::string bytes;
  if (!blob.Get(kFrames, kMaxSparseBytes, &bytes)) return false;
  const uint32_t n = blob.rows();
  out->frame.assign(n, 0);
  uint64_t row = 0;
  for (VarintReader in(bytes); !in.AtEnd();) {
    uint64_t step = in.Next();
    if (step >= n || (row += step) >= n) return false;
    out->frame[row] = in.Next();
    if (!in.ok) return false;
  }
  if (!blob.Get(kFixes, kMaxSparseBytes, &bytes)) return false;
  out->parent_fixes.clear();
  row = 0;
  for (VarintReader in(bytes); !in.AtEnd();) {
    uint64_t step = in.Next();
    if (step >= n || (row += step) >= n) return false;
    int64_t parent = UnZigZag(in.Next());
    if (!in.ok) return false;
    out->parent_fixes.push_back({static_cast<uint32_t>(row), parent});
  }
  return true;
}

void ForgetValues(Block* out) {
  out->args.clear();
  out->results.clear();
  out->args_end.assign(out->size(), 0);
  out->result_at.assign(out->size(), 0);
  out->result_size.assign(out->size(), 0);
}

// The sizes must add up to the heap that they cut.
bool AddsUp(const std::vector<uint32_t>& sizes, size_t heap) {
  uint64_t sum = 0;
  for (uint32_t size : sizes) sum += size;
  return sum == heap;
}

// The values of a BLOB of version 1.
bool DecodePlain(const ColumnReader& blob, Block* out) {
  std::vector<uint32_t> args_sizes;
  const uint32_t n = out->size();
  if (!blob.GetNumbers(kArgsSize, &args_sizes) || !blob.Get(kArgs, kMaxHeapBytes, &out->args) ||
      !AddsUp(args_sizes, out->args.size()) || !blob.GetNumbers(kResultSize, &out->result_size) ||
      !blob.Get(kResults, kMaxHeapBytes, &out->results) || !AddsUp(out->result_size, out->results.size())) {
    return false;
  }
  uint32_t args = 0, results = 0;
  out->args_end.resize(n);
  out->result_at.resize(n);
  for (uint32_t i = 0; i < n; ++i) {
    out->args_end[i] = args += args_sizes[i];
    out->result_at[i] = results;
    results += out->result_size[i];
  }
  return true;
}

}  // namespace

bool DecodeCalls(std::string_view calls, std::string_view keyframe, Block* out) {
  ColumnReader blob;
  if (!blob.Open(calls, kMaxBlockRows)) return false;
  if (!DecodeIds(blob, kFunctionIds, kFunction, &out->function)) return false;
  if (!DecodeIds(blob, kThreadIds, kThread, &out->thread)) return false;
  if (!DecodeTimes(blob, out) || !blob.GetNumbers(kDepth, &out->depth)) return false;
  if (!DecodeKinds(blob, out) || !DecodeSparse(blob, out)) return false;
  ForgetValues(out);
  return DecodeKeyframe(keyframe, &out->keyframe);
}

bool DecodeValues(std::string_view values, Block* out) {
  ColumnReader blob;
  bool whole = blob.Open(values, kMaxBlockRows, kWordsVersion) && blob.rows() == out->size() &&
               (blob.version() == kWordsVersion ? DecodeWithWords(blob, out) : DecodePlain(blob, out));
  if (!whole) ForgetValues(out);
  return whole;
}

bool DecodeKeyframe(std::string_view bytes, Keyframe* out) {
  out->clear();
  ColumnReader blob;
  std::string stacks;
  if (!blob.Open(bytes, kMaxBlockRows) || !blob.Get(kStacks, kMaxStackBytes, &stacks)) return false;
  VarintReader in(stacks);
  uint64_t threads = in.Next();
  for (uint64_t t = 0; t < threads && in.ok; ++t) {
    ThreadStack stack;
    uint64_t thread = in.Next(), count = in.Next();
    if (!in.ok || !FitsId(thread) || count > kMaxStackCalls) return false;
    stack.thread = static_cast<uint32_t>(thread);
    uint64_t id = 0, start = 0;
    for (uint64_t i = 0; i < count; ++i) {
      id += static_cast<uint64_t>(UnZigZag(in.Next()));
      uint64_t function = in.Next(), depth = in.Next();
      start += static_cast<uint64_t>(UnZigZag(in.Next()));
      if (!in.ok || !FitsId(function) || !FitsId(depth)) return false;
      stack.calls.push_back({static_cast<int64_t>(id), static_cast<uint32_t>(function), static_cast<uint32_t>(depth),
                             static_cast<int64_t>(start)});
    }
    out->push_back(std::move(stack));
  }
  return in.ok && in.AtEnd();
}

bool DecodeSet(std::string_view bytes, std::vector<uint32_t>* out) {
  out->clear();
  VarintReader in(bytes);
  uint64_t id = 0;
  while (!in.AtEnd()) {
    uint64_t step = in.Next();
    if (!in.ok || step > std::numeric_limits<uint32_t>::max() - id) return false;
    id += step;
    out->push_back(static_cast<uint32_t>(id));
  }
  return true;
}

}  // namespace pytrace::store
