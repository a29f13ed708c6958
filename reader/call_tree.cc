#include "reader/call_tree.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace pytrace::reader {
namespace {

// Merged, a recursion is a chain of nodes; below this depth its calls count for the last one.
constexpr int kDeepestGroup = 500;

int DepthOf(const TreeNode* node) {
  int depth = 0;
  for (; node->parent != nullptr; node = node->parent) ++depth;
  return depth;
}

void Count(const CallFacts& facts, TreeNode* node) {
  ++node->calls;
  node->exceptions += facts.outcome == store::Outcome::kException;
  if (facts.duration_ns < 0) {
    node->running = true;
  } else {
    node->total_ns += facts.duration_ns;
    node->self_ns += facts.self_ns();
  }
  if (node->id == 0 || facts.duration_ns > node->longest_ns) node->id = facts.id;
  node->longest_ns = std::max(node->longest_ns, facts.duration_ns);
}

}  // namespace

CallTree::CallTree(Window* window) : window_(window), source_(window->database()) { Reset(false); }

void CallTree::Reset(bool merged) {
  merged_ = merged;
  loads_.clear();
  open_groups_.clear();
  groups_.clear();
  newest_group_ = 0;
  source_.Forget();
  root_ = TreeNode();
  root_.open = true;
  Start(&root_, 0, window_->database()->zones().size());
}

void CallTree::Start(TreeNode* node, size_t first, size_t end) {
  loads_.push_front({node, CallWalk(window_, first, end), first, end});
}

int CallTree::percent() const {
  if (loads_.empty()) return 100;
  const Load& load = loads_.front();
  return static_cast<int>(100 * (load.walk.done() - load.first) / std::max<size_t>(1, load.end - load.first));
}

TreeNode* CallTree::ThreadNode(uint32_t thread) {
  for (const auto& child : root_.children) {
    if (child->thread == thread) return child.get();
  }
  auto node = std::make_unique<TreeNode>();
  node->kind = TreeNode::Kind::kThread;
  node->thread = thread;
  node->parent = &root_;
  node->open = true;
  node->loaded = true;
  root_.children.push_back(std::move(node));
  return root_.children.back().get();
}

TreeNode* CallTree::AddCall(TreeNode* parent, const CallFacts& facts) {
  auto& children = parent->children;
  auto at = std::lower_bound(children.begin(), children.end(), facts.id,
                             [](const std::unique_ptr<TreeNode>& child, int64_t id) { return child->id < id; });
  if (at != children.end() && (*at)->id == facts.id) return at->get();
  auto node = std::make_unique<TreeNode>();
  node->kind = TreeNode::Kind::kCall;
  node->function = facts.function;
  node->thread = facts.thread;
  node->parent = parent;
  // Every call takes 1 ns at least, so what it called shows in its time.
  node->leaf = facts.duration_ns >= 0 && facts.children_ns == 0;
  Count(facts, node.get());
  return children.insert(at, std::move(node))->get();
}

void CallTree::Open(TreeNode* node) {
  node->open = true;
  if (node->loaded || node->kind != TreeNode::Kind::kCall) return;
  node->loaded = true;
  CallFacts facts;
  if (!source_.Find(node->id, &facts)) return;
  const store::Database& database = *window_->database();
  size_t first = database.FindBlock(node->id), end = database.zones().size();
  if (facts.duration_ns >= 0) {
    int64_t until = facts.start_ns + facts.duration_ns;
    while (end > first + 1 && database.zones()[end - 1].first_start_ns > until) --end;
  }
  Start(node, first, end);
}

void CallTree::ShowMore(TreeNode* node) {
  node->limit *= 10;
  node->hidden = 0;
  if (node->kind == TreeNode::Kind::kThread) {
    for (const auto& child : root_.children) {
      child->limit = std::max(child->limit, node->limit);
      child->hidden = child->calls = child->total_ns = child->self_ns = child->exceptions = 0;
    }
    Start(&root_, 0, window_->database()->zones().size());
  } else {
    node->loaded = false;
    Open(node);
  }
}

void CallTree::LoadBlock(Load* load) {
  const store::DecodedBlock& block = load->walk.block();
  for (uint32_t row = 0; row < block.size(); ++row) {
    if (!load->walk.shown(row) || load->walk.caller(row).id != load->node->id) continue;
    CallFacts facts = FactsOf(block, row);
    TreeNode* parent = load->node;
    if (parent == &root_) {
      parent = ThreadNode(facts.thread);
      int64_t id = std::exchange(parent->id, 1);  // a thread is no call
      Count(facts, parent);
      parent->id = id;
    }
    if (parent->children.size() < parent->limit) {
      AddCall(parent, facts);
      continue;
    }
    // One that was revealed may be among the last ones.
    auto known = std::lower_bound(parent->children.begin(), parent->children.end(), facts.id,
                                  [](const auto& child, int64_t id) { return child->id < id; });
    if (known != parent->children.end() && (*known)->id == facts.id) continue;
    ++parent->hidden;
  }
}

TreeNode* CallTree::Group(TreeNode* parent, uint32_t function) {
  TreeNode*& known = groups_[static_cast<uint64_t>(parent->thread) << 32 | function];
  if (known != nullptr) return known;
  if (DepthOf(parent) >= kDeepestGroup) return known = parent;
  auto node = std::make_unique<TreeNode>();
  node->kind = TreeNode::Kind::kGroup;
  node->function = function;
  node->thread = ++newest_group_;
  node->parent = parent;
  node->loaded = true;
  node->leaf = true;
  parent->leaf = false;
  parent->children.push_back(std::move(node));
  return known = parent->children.back().get();
}

void CallTree::MergeBlock(const CallWalk& walk) {
  const store::DecodedBlock& block = walk.block();
  if (block.size() == 0) return;
  // Of the calls before, those that still run are all that matter.
  std::unordered_map<int64_t, TreeNode*> open;
  for (const store::ThreadStack& stack : block.keyframe) {
    TreeNode* parent = &root_;
    for (const store::OpenCall& call : walk.open_stack(stack.thread)) {
      auto known = open_groups_.find(call.id);
      parent = known != open_groups_.end() ? known->second : Group(parent, call.function);
      open[call.id] = parent;
    }
  }
  row_groups_.assign(block.size(), nullptr);
  int64_t last = block.start_ns.back();
  for (uint32_t row = 0; row < block.size(); ++row) {
    if (!walk.shown(row)) continue;
    int64_t caller = walk.caller(row).id;
    TreeNode* parent = &root_;
    if (caller >= block.first_id) {
      parent = row_groups_[static_cast<size_t>(caller - block.first_id)];
    } else if (auto found = open.find(caller); found != open.end()) {
      parent = found->second;
    }
    CallFacts facts = FactsOf(block, row);
    TreeNode* group = Group(parent, facts.function);
    Count(facts, group);
    row_groups_[row] = group;
    if (facts.duration_ns < 0 || facts.start_ns + facts.duration_ns >= last) open[facts.id] = group;
  }
  open_groups_ = std::move(open);
}

bool CallTree::Work(Deadline deadline) {
  while (!loads_.empty()) {
    Load* load = &loads_.front();
    if (!load->walk.Next()) {
      load->node->loaded = true;
      load->node->leaf = load->node->children.empty();
      loads_.pop_front();
      continue;
    }
    if (merged_) {
      MergeBlock(load->walk);
    } else {
      LoadBlock(load);
    }
    if (std::chrono::steady_clock::now() >= deadline) return !loads_.empty();
  }
  return false;
}

TreeNode* CallTree::Reveal(int64_t id) {
  CallFacts facts;
  if (id == 0 || !source_.Find(id, &facts)) return nullptr;
  size_t number = window_->database()->FindBlock(id);
  CallWalk walk(window_, number, number + 1);
  if (!walk.Next() || id - walk.block().first_id >= walk.block().size()) return nullptr;
  const store::DecodedBlock& block = walk.block();
  uint32_t row = static_cast<uint32_t>(id - block.first_id);
  if (!walk.shown(row)) return nullptr;
  std::vector<int64_t> path = {id};
  for (int64_t caller = walk.caller(row).id; caller >= block.first_id;
       caller = walk.caller(static_cast<uint32_t>(caller - block.first_id)).id)
    path.push_back(caller);
  int64_t outer = walk.caller(static_cast<uint32_t>(path.back() - block.first_id)).id;
  const std::vector<store::OpenCall>& stack = walk.open_stack(facts.thread);
  for (auto call = stack.rbegin(); call != stack.rend(); ++call) {
    if (call->id <= outer) path.push_back(call->id);
  }
  TreeNode* node = ThreadNode(facts.thread);
  node->open = true;
  for (auto at = path.rbegin(); at != path.rend(); ++at) {
    if (!source_.Find(*at, &facts)) continue;
    node = AddCall(node, facts);
    if (*at != id) Open(node);
  }
  return node;
}

}  // namespace pytrace::reader
