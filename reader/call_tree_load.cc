// Where the calls of a block belong in a tree that is not merged.
#include <algorithm>
#include <utility>

#include "reader/call_tree.h"

namespace pytrace::reader {
namespace {

// That one load adds without being asked. Below further ones the user opens.
constexpr size_t kMostJoined = 20'000;
constexpr int kDeepestJoined = 1000;

// What is below the call is placed by the load that placed it, or will place it when something of that is shown.
bool LeadsOn(const TreeNode* node) { return node == nullptr || node->joined; }

}  // namespace

bool CallTree::FactsOfCall(int64_t id, const store::OpenCall& open, uint32_t thread, CallFacts* facts) {
  if (source_.Find(id, facts)) return true;
  *facts = {};
  facts->id = id;
  facts->function = open.function;
  facts->thread = thread;
  facts->depth = open.depth;
  facts->start_ns = open.start_ns;
  store::Database::End end;
  if (!window_->database()->LateEnd(id, open.start_ns, &end)) return false;
  facts->duration_ns = end.end_ns - open.start_ns;
  facts->children_ns = end.children_ns;
  facts->outcome = end.outcome;
  return false;
}

// Of a call that has a place.
bool CallTree::FactsIn(const store::DecodedBlock& block, int64_t id, CallFacts* facts) {
  if (const Place* place = PlaceOf(id); place->open != nullptr)
    return FactsOfCall(id, *place->open, place->thread, facts);
  *facts = FactsOf(block, static_cast<uint32_t>(id - block.first_id));
  return true;
}

CallTree::Place* CallTree::PlaceOf(int64_t id) {
  size_t row = static_cast<size_t>(id - first_id_);
  if (id >= first_id_) return row < row_places_.size() ? &row_places_[row] : nullptr;
  auto found = open_places_.find(id);
  return found == open_places_.end() ? nullptr : &found->second;
}

// The calls that were open when the block began.
void CallTree::PlaceStacks(const Load& load) {
  open_places_.clear();
  for (const store::ThreadStack& stack : load.walk.block().keyframe) {
    Place above;
    if (load.NodeOf(0) != nullptr) above.node = KnownThread(stack.thread), above.here = true;
    for (const store::OpenCall& call : load.walk.open_stack(stack.thread)) {
      Place place{above.caller, call.function, stack.thread, load.NodeOf(call.id), &call};
      if (place.node != nullptr) {
        place.here = true;
      } else if (above.here) {
        if (above.node != nullptr) place.node = ChildOf(*above.node, call.id);
        place.here = LeadsOn(place.node);
        place.joined = above.joined + 1;
      }
      open_places_[call.id] = place;
      above = place;
      above.caller = call.id;
    }
  }
}

TreeNode* CallTree::Put(Load* load, TreeNode* parent, int64_t id, bool aside, int joined) {
  CallFacts facts;
  bool let_go = !FactsIn(load->walk.block(), id, &facts);
  if (parent == &root_) parent = ThreadNode(facts.thread);
  auto count = [&] {
    if (parent->kind != TreeNode::Kind::kThread) return;
    int64_t own = std::exchange(parent->id, 1);  // a thread is no call
    Count(facts, parent);
    parent->id = own;
  };
  TreeNode* node = ChildOf(*parent, id);
  bool is_new = node == nullptr;
  if (is_new && parent->children.size() >= parent->limit) {
    if (parent->newest_hidden == id) return nullptr;
    parent->newest_hidden = id;
    ++parent->hidden;
    count();
    return nullptr;
  }
  if (is_new) node = AddCall(parent, facts);
  if (!std::exchange(node->counted, true)) count();
  if (!aside) node->aside = false;
  if (is_new && (aside || let_go)) {
    node->aside = aside;
    node->let_go = let_go;
    node->joined = node->loaded = joined < kDeepestJoined && load->joined++ < kMostJoined;
    node->open = node->joined && !closed_.contains(id);
  }
  return node;
}

// Makes the node of a call that is shown, and those of the callers that lead to it, unless one of them is beyond a
// limit.
void CallTree::PlaceCall(Load* load, int64_t id) {
  way_.clear();
  TreeNode* node = nullptr;
  int joined = 0;
  for (int64_t at = id; node == nullptr;) {
    way_.push_back(at);
    const Place* place = PlaceOf(at);
    if (place == nullptr || place->caller >= at) return;  // a damaged block
    at = place->caller;
    node = load->NodeOf(at);
    if (node != nullptr) break;
    const Place* above = PlaceOf(at);
    if (above == nullptr) return;
    if (above->node != nullptr && above->node->counted) node = above->node, joined = above->joined;
  }
  for (size_t i = way_.size(); i-- > 0;) {
    Place* place = PlaceOf(way_[i]);
    if (node != nullptr) node = Put(load, node, way_[i], i > 0 && filtered(), joined);
    place->node = node;
    bool own = load->NodeOf(way_[i]) != nullptr;
    joined = own ? 0 : joined + 1;
    place->joined = joined;
    if (!own && !LeadsOn(node)) node = nullptr;  // what is below it comes when it is opened
    place->here = node != nullptr;
  }
}

void CallTree::LoadBlock(Load* load) {
  const CallWalk& walk = load->walk;
  const store::DecodedBlock& block = walk.block();
  first_id_ = block.first_id;
  row_places_.assign(block.size(), {});
  if (block.size() > 0) PlaceStacks(*load);
  for (uint32_t row = 0; row < block.size(); ++row) {
    if (!walk.walked(row)) continue;
    int64_t id = block.first_id + row, caller = walk.caller(row).id;
    TreeNode* parent = load->NodeOf(caller);
    const Place* above = parent == nullptr ? PlaceOf(caller) : nullptr;
    if (parent == nullptr && (above == nullptr || !above->here)) continue;
    if (above != nullptr) parent = above->node;
    Place* place = &row_places_[row];
    place->caller = caller;
    if (walk.shown(row)) {
      PlaceCall(load, id);
      continue;
    }
    // One that was revealed is there already.
    if (parent == &root_) parent = KnownThread(block.thread[row]);
    if (parent != nullptr) place->node = ChildOf(*parent, id);
    place->here = LeadsOn(place->node) || load->NodeOf(id) != nullptr;
    place->joined = above == nullptr ? 1 : above->joined + 1;
  }
}

}  // namespace pytrace::reader
