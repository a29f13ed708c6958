#include "dumper/store/parents.h"

#include <unordered_map>

namespace pytrace::store {
namespace {

// The newest call of each depth of a thread. Depths come one by one but in damaged blocks; those that do not go to a
// map, so that memory stays in proportion to the calls.
class Newest {
 public:
  int64_t At(uint32_t depth) const {
    if (depth < by_depth_.size()) return by_depth_[depth];
    auto found = beyond_.find(depth);
    return found == beyond_.end() ? 0 : found->second;
  }
  void Set(uint32_t depth, int64_t id) {
    if (depth < by_depth_.size()) {
      by_depth_[depth] = id;
    } else if (depth == by_depth_.size()) {
      by_depth_.push_back(id);
      beyond_.erase(depth);
    } else {
      beyond_[depth] = id;
    }
  }

 private:
  std::vector<int64_t> by_depth_;
  std::unordered_map<uint32_t, int64_t> beyond_;
};

}  // namespace

void FindParents(const Block& block, std::vector<int64_t>* parent) {
  std::unordered_map<uint32_t, Newest> threads;
  for (const ThreadStack& stack : block.keyframe) {
    for (const OpenCall& call : stack.calls) threads[stack.thread].Set(call.depth, call.id);
  }
  const uint32_t n = block.size();
  parent->resize(n);
  Newest* newest = nullptr;
  for (uint32_t row = 0; row < n; ++row) {
    if (row == 0 || block.thread[row] != block.thread[row - 1]) newest = &threads[block.thread[row]];
    uint32_t depth = block.depth[row];
    (*parent)[row] = depth == 0 ? 0 : newest->At(depth - 1);
    newest->Set(depth, block.first_id + row);
  }
  for (const ParentFix& fix : block.parent_fixes) (*parent)[fix.row] = fix.parent;
}

}  // namespace pytrace::store
