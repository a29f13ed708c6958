// Calls of the same function from the same place as one node.
#include <utility>

#include "reader/call_tree.h"

namespace pytrace::reader {
namespace {

// A recursion is a chain of nodes; below this depth its calls count for the last one.
constexpr int kDeepestGroup = 500;

int DepthOf(const TreeNode* node) {
  int depth = 0;
  for (; node->parent != nullptr; node = node->parent) ++depth;
  return depth;
}

}  // namespace

// `aside`: as long as nobody asks for it with another word.
TreeNode* CallTree::Group(TreeNode* parent, uint32_t function, bool aside) {
  TreeNode*& known = groups_[static_cast<uint64_t>(parent->thread) << 32 | function];
  if (known == nullptr && DepthOf(parent) >= kDeepestGroup) known = parent;
  if (known == nullptr) {
    auto node = std::make_unique<TreeNode>();
    node->kind = TreeNode::Kind::kGroup;
    node->function = function;
    node->thread = ++newest_group_;
    node->parent = parent;
    node->loaded = true;
    node->leaf = true;
    node->aside = node->open = aside;
    parent->leaf = false;
    parent->children.push_back(std::move(node));
    known = parent->children.back().get();
  }
  if (!aside) known->aside = false;
  return known;
}

// Counts a call that is shown, and those of its callers that were not counted yet.
void CallTree::MergeCall(const CallWalk& walk, int64_t id) {
  way_.clear();
  TreeNode* group = nullptr;
  for (int64_t at = id; group == nullptr;) {
    way_.push_back(at);
    const Place* place = PlaceOf(at);
    at = place == nullptr || place->caller >= at ? 0 : place->caller;  // of a damaged block: no caller
    const Place* above = at == 0 ? nullptr : PlaceOf(at);
    group = above == nullptr ? &root_ : above->node;
  }
  for (size_t i = way_.size(); i-- > 0;) {
    Place* place = PlaceOf(way_[i]);
    if (place == nullptr) return;
    group = Group(group, place->function, i > 0 && filtered());
    CallFacts facts;
    FactsIn(walk.block(), way_[i], &facts);
    Count(facts, group);
    place->node = group;
  }
}

void CallTree::MergeBlock(const CallWalk& walk) {
  const store::DecodedBlock& block = walk.block();
  if (block.size() == 0) return;
  first_id_ = block.first_id;
  open_places_.clear();
  for (const store::ThreadStack& stack : block.keyframe) {
    int64_t caller = 0;
    for (const store::OpenCall& call : walk.open_stack(stack.thread)) {
      auto known = open_groups_.find(call.id);
      TreeNode* group = known == open_groups_.end() ? nullptr : known->second;
      open_places_[call.id] = {std::exchange(caller, call.id), call.function, stack.thread, group, &call};
    }
  }
  row_places_.assign(block.size(), {});
  for (uint32_t row = 0; row < block.size(); ++row) {
    if (!walk.walked(row)) continue;
    row_places_[row].caller = walk.caller(row).id;
    row_places_[row].function = block.function[row];
    if (walk.shown(row)) MergeCall(walk, block.first_id + row);
  }
  // Of all these calls, those that still run are all that matter.
  open_groups_.clear();
  for (const auto& [id, place] : open_places_) {
    if (place.node != nullptr) open_groups_[id] = place.node;
  }
  int64_t last = block.start_ns.back();
  for (uint32_t row = 0; row < block.size(); ++row) {
    bool ended = block.duration_ns[row] >= 0 && block.start_ns[row] + block.duration_ns[row] < last;
    if (!ended && row_places_[row].node != nullptr) open_groups_[block.first_id + row] = row_places_[row].node;
  }
}

}  // namespace pytrace::reader
