#include "dumper/block_builder.h"

#include <algorithm>
#include <utility>

namespace pytrace::dumper {

BlockBuilder::BlockBuilder(store::Block block, uint32_t capacity)
    : block_(std::move(block)), size_(block_.size()), capacity_(std::max(capacity, size_)) {
  args_.Append(block_.args, block_.args.size());
  results_.Append(block_.results, block_.results.size());
  Resume();
}

void BlockBuilder::Heap::Grow(size_t more) {
  room = std::max(room * 2, used + more + (64u << 10));
  auto larger = std::make_unique_for_overwrite<char[]>(room);
  if (used > 0) memcpy(larger.get(), memory.get(), used);
  memory = std::move(larger);
}

void BlockBuilder::Resize(size_t rows) {
  block_.function.resize(rows);
  block_.thread.resize(rows);
  block_.start_ns.resize(rows);
  block_.duration_ns.resize(rows);
  block_.depth.resize(rows);
  block_.outcome.resize(rows);
  block_.start_kind.resize(rows);
  block_.frame.resize(rows);
  block_.args_end.resize(rows);
  block_.result_at.resize(rows);
  block_.result_size.resize(rows);
}

store::Block& BlockBuilder::Finished() {
  // Results of calls that are open were never set; in a block that is used again something else is there.
  for (uint32_t row = 0; row < size_; ++row) {
    if (duration_[row] == store::kOpen) result_at_[row] = result_size_[row] = 0;
  }
  Resize(size_);
  block_.args.assign(args_.content());
  block_.results.assign(results_.content());
  return block_;
}

void BlockBuilder::Resume() {
  Resize(capacity_);
  function_ = block_.function.data();
  thread_ = block_.thread.data();
  start_ = block_.start_ns.data();
  duration_ = block_.duration_ns.data();
  depth_ = block_.depth.data();
  outcome_ = block_.outcome.data();
  kind_ = block_.start_kind.data();
  frame_ = block_.frame.data();
  args_end_ = block_.args_end.data();
  result_at_ = block_.result_at.data();
  result_size_ = block_.result_size.data();
}

void BlockBuilder::Clear() {
  block_.first_id += size_;
  block_.parent_fixes.clear();
  block_.keyframe.clear();
  size_ = 0;
  args_.used = results_.used = 0;
}

}  // namespace pytrace::dumper
