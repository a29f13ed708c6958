#include "reader/query/event_column.h"

#include <algorithm>
#include <cstring>

namespace pytrace::query {

using store::EventKind;

namespace {

constexpr EventKind kEndKind[] = {EventKind::kReturn, EventKind::kReturn, EventKind::kException, EventKind::kYield};

template <class Value>
void FillRange(const RangeTest& range, uint32_t size, std::vector<uint8_t>* out, Value&& value) {
  uint8_t* bytes = out->data();
  const uint64_t width = static_cast<uint64_t>(range.high) - static_cast<uint64_t>(range.low);
  const bool empty = range.high < range.low;
  const uint8_t inverted = range.inverted;
  if (empty) {
    std::memset(bytes, inverted, size);
    return;
  }
  for (uint32_t i = 0; i < size; ++i) {
    uint64_t distance = static_cast<uint64_t>(static_cast<int64_t>(value(i))) - static_cast<uint64_t>(range.low);
    bytes[i] = static_cast<uint8_t>(distance <= width) ^ inverted;
  }
}

void ClearUnknown(const std::vector<int64_t>& column, std::vector<uint8_t>* out) {
  for (size_t i = 0; i < column.size(); ++i) (*out)[i] &= static_cast<uint8_t>(column[i] >= 0);
}

void FillKinds(const Leaf& leaf, const store::Block& block, Side side, std::vector<uint8_t>* out) {
  uint8_t wanted[5];
  for (int kind = 0; kind < 5; ++kind) wanted[kind] = leaf.text(store::KindName(static_cast<EventKind>(kind)));
  for (uint32_t i = 0; i < block.size(); ++i) (*out)[i] = wanted[static_cast<size_t>(KindOf(block, i, side))];
}

}  // namespace

EventKind KindOf(const store::Block& block, uint32_t row, Side side) {
  if (side == Side::kEnd) return kEndKind[static_cast<size_t>(block.outcome[row]) & 3];
  return block.start_kind[row] == store::Start::kCall ? EventKind::kCall : EventKind::kResume;
}

void FillEvent(const Leaf& leaf, const store::DecodedBlock& block, Side side, const std::vector<int64_t>* ids,
               std::vector<uint8_t>* out) {
  uint32_t size = block.size();
  switch (leaf.field) {
    case Field::kTime:
      if (side == Side::kStart) {
        FillRange(leaf.range, size, out, [&](uint32_t i) { return block.start_ns[i]; });
      } else {
        FillRange(leaf.range, size, out, [&](uint32_t i) { return block.start_ns[i] + block.duration_ns[i]; });
      }
      break;
    case Field::kDepth:
      FillRange(leaf.range, size, out, [&](uint32_t i) { return static_cast<int64_t>(block.depth[i]); });
      break;
    case Field::kId:
      FillRange(leaf.range, size, out, [&](uint32_t i) { return ids != nullptr ? (*ids)[i] : block.first_id + i; });
      break;
    case Field::kDuration:
      FillRange(leaf.range, size, out, [&](uint32_t i) { return block.duration_ns[i]; });
      ClearUnknown(block.duration_ns, out);
      break;
    case Field::kSelf:
      FillRange(leaf.range, size, out, [&](uint32_t i) { return block.duration_ns[i] - block.children_ns[i]; });
      ClearUnknown(block.duration_ns, out);
      break;
    case Field::kOpen:
      FillRange(leaf.range, size, out, [&](uint32_t i) { return static_cast<int64_t>(block.duration_ns[i] < 0); });
      break;
    case Field::kLeaf:
      FillRange(leaf.range, size, out, [&](uint32_t i) { return static_cast<int64_t>(block.children_ns[i] == 0); });
      ClearUnknown(block.duration_ns, out);
      break;
    case Field::kKind:
      FillKinds(leaf, block, side, out);
      break;
    default:
      std::fill(out->begin(), out->end(), 0);
  }
}

}  // namespace pytrace::query
