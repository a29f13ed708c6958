#include "dumper/store/call_scan.h"

#include <algorithm>

namespace pytrace::store {

bool CallScan::Start(SqlContext* context, Plan plan) {
  context_ = context;
  plan_ = std::move(plan);
  block_ = nullptr;
  const auto& zones = context->database().zones();
  if (zones.empty() || plan_.min_id > plan_.max_id) return true;
  int64_t newest = zones.back().first_id + zones.back().calls - 1;
  at_ = plan_.descending ? std::min(plan_.max_id, newest) : std::max(plan_.min_id, zones.front().first_id);
  return EnterBlock();
}

bool CallScan::Next() {
  if (plan_.descending ? row_ == 0 : row_ + 1 == block_->size()) return EnterBlock();
  row_ += plan_.descending ? -1 : 1;
  return FindRow() || EnterBlock();
}

bool CallScan::Matches(uint32_t row) const {
  return plan_.filter.Matches(block_->function[row], block_->thread[row]) && block_->start_ns[row] >= plan_.min_ns &&
         block_->start_ns[row] <= plan_.max_ns;
}

// From row_ on to a row that matches. False: there is none in the block.
bool CallScan::FindRow() {
  const int step = plan_.descending ? -1 : 1;
  for (int64_t row = row_; row >= 0 && row < block_->size(); row += step) {
    int64_t id = block_->first_id + row;
    if (id < plan_.min_id || id > plan_.max_id) return false;
    if (!Matches(static_cast<uint32_t>(row))) continue;
    row_ = static_cast<uint32_t>(row);
    return true;
  }
  return false;
}

// The next block with a matching row, from call at_ on. At the end block_ is nullptr.
bool CallScan::EnterBlock() {
  block_ = nullptr;
  Database& database = context_->database();
  for (;;) {
    const auto& zones = database.zones();
    size_t zone = database.FindBlock(at_);
    // Falling, the block before a gap is the next one.
    if (plan_.descending && (zone == zones.size() || zones[zone].first_id > at_)) {
      if (zone == 0) return true;
      --zone;
    }
    if (zone >= zones.size()) return true;
    const ZoneMap map = zones[zone];
    int64_t end = map.first_id + map.calls;
    if (plan_.descending ? end <= plan_.min_id : map.first_id > plan_.max_id) return true;
    if (plan_.descending ? map.last_start_ns < plan_.min_ns : map.first_start_ns > plan_.max_ns) return true;
    int64_t at = std::clamp(at_, map.first_id, end - 1);
    at_ = plan_.descending ? map.first_id - 1 : end;
    if (plan_.MayMatch(map)) {
      bool gone = false;
      block_ = context_->Block(zone, plan_.values, &gone);
      if (block_ == nullptr && !gone) return false;
      if (block_ != nullptr && block_->size() > 0) {
        row_ = static_cast<uint32_t>(std::min<int64_t>(at - map.first_id, block_->size() - 1));
        if (FindRow()) return true;
      }
      block_ = nullptr;
    }
    if (plan_.descending && map.first_id == INT64_MIN) return true;
  }
}

}  // namespace pytrace::store
