#include "reader/call_tree.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "dumper/store/bounds.h"

namespace pytrace::reader {
namespace {

auto LowerBound(auto& children, int64_t id) {
  return std::lower_bound(children.begin(), children.end(), id,
                          [](const std::unique_ptr<TreeNode>& child, int64_t wanted) { return child->id < wanted; });
}

void ForgetHidden(TreeNode* node) {
  node->hidden = node->newest_hidden = 0;
  for (const auto& child : node->children) {
    if (child->joined) ForgetHidden(child.get());
  }
}

}  // namespace

TreeNode::~TreeNode() {
  std::vector<std::unique_ptr<TreeNode>> below = std::move(children);
  while (!below.empty()) {
    std::unique_ptr<TreeNode> node = std::move(below.back());
    below.pop_back();
    std::move(node->children.begin(), node->children.end(), std::back_inserter(below));
    node->children.clear();
  }
}

TreeNode* ChildOf(const TreeNode& node, int64_t id) {
  auto at = LowerBound(node.children, id);
  return at != node.children.end() && (*at)->id == id ? at->get() : nullptr;
}

void Count(const CallFacts& facts, TreeNode* node) {
  ++node->calls;
  node->exceptions += facts.outcome == store::Outcome::kException;
  if (facts.duration_ns < 0) {
    node->running = true;
  } else {
    store::AddTo(&node->total_ns, facts.duration_ns);
    store::AddTo(&node->self_ns, facts.self_ns());
  }
  if (node->id == 0 || facts.duration_ns > node->longest_ns) node->id = facts.id;
  node->longest_ns = std::max(node->longest_ns, facts.duration_ns);
}

CallTree::CallTree(Window* window) : window_(window), source_(window->database()) { Reset(false); }

void CallTree::Reset(bool merged) {
  merged_ = merged;
  loads_.clear();
  revealed_.reset();
  open_groups_.clear();
  groups_.clear();
  newest_group_ = 0;
  source_.Forget();
  root_ = TreeNode();
  root_.open = true;
  Start(&root_, 0, window_->database()->zones().size());
}

CallWalk CallTree::Walk(size_t first, size_t end, CallWalk::Of all) {
  return {window_, first, end, window_->selection().callers ? all : CallWalk::Of::kShown};
}

void CallTree::Start(TreeNode* node, size_t first, size_t end) {
  int64_t id = node == &root_ ? 0 : node->id;
  if (loads_.empty() || loads_.front().begun()) {
    loads_.push_front({{{id, node}}, Walk(first, end), first, end});
    return;
  }
  Load& load = loads_.front();
  load.nodes[id] = node;
  if (first >= load.first && end <= load.end) return;
  load.first = std::min(load.first, first);
  load.end = std::max(load.end, end);
  load.walk = Walk(load.first, load.end);
}

int CallTree::percent() const {
  if (loads_.empty()) return 100;
  const Load& load = loads_.front();
  return static_cast<int>(100 * (load.walk.done() - load.first) / std::max<size_t>(1, load.end - load.first));
}

TreeNode* CallTree::KnownThread(uint32_t thread) {
  for (const auto& child : root_.children) {
    if (child->thread == thread) return child.get();
  }
  return nullptr;
}

TreeNode* CallTree::ThreadNode(uint32_t thread) {
  if (TreeNode* known = KnownThread(thread)) return known;
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
  auto at = LowerBound(children, facts.id);
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

void CallTree::Close(TreeNode* node) {
  node->open = false;
  if (node->aside) closed_.insert(node->id);
}

void CallTree::Open(TreeNode* node) {
  node->open = true;
  closed_.erase(node->id);
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
  if (node->kind == TreeNode::Kind::kThread) {
    for (const auto& thread : root_.children) {
      thread->limit = std::max(thread->limit, node->limit);
      thread->calls = thread->total_ns = thread->self_ns = thread->exceptions = 0;
      ForgetHidden(thread.get());
      for (const auto& child : thread->children) child->counted = false;
    }
    Start(&root_, 0, window_->database()->zones().size());
  } else {
    ForgetHidden(node);
    node->loaded = node->joined = false;
    Open(node);
  }
}

bool CallTree::Work(Deadline deadline) {
  while (!loads_.empty()) {
    Load* load = &loads_.front();
    if (!load->walk.Next()) {
      for (const auto& [id, node] : load->nodes) {
        node->loaded = true;
        node->leaf = node->children.empty();
      }
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

TreeNode* CallTree::Reveal(int64_t id, bool aside) {
  CallFacts facts;
  if (id == 0 || !source_.Find(id, &facts)) return nullptr;
  size_t number = window_->database()->FindBlock(id);
  if (!revealed_ || revealed_->done() != number + 1) {
    revealed_.emplace(Walk(number, number + 1, CallWalk::Of::kAllBlocks));
    revealed_->Next();
  }
  CallWalk& walk = *revealed_;
  if (id < walk.block().first_id || id - walk.block().first_id >= walk.block().size()) return nullptr;
  const store::DecodedBlock& block = walk.block();
  uint32_t row = static_cast<uint32_t>(id - block.first_id);
  if (aside ? !walk.walked(row) : !walk.shown(row)) return nullptr;
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
  uint32_t thread = facts.thread;
  for (auto at = path.rbegin(); at != path.rend(); ++at) {
    auto open = std::find_if(stack.begin(), stack.end(), [&](const store::OpenCall& call) { return call.id == *at; });
    bool let_go = open != stack.end() ? !FactsOfCall(*at, *open, thread, &facts) : !source_.Find(*at, &facts);
    node = AddCall(node, facts);
    node->aside = filtered() && !walk.WasShown(*at);
    node->let_go = let_go;
    if (node->aside || let_go) node->joined = node->loaded = node->open = true;
    if (*at != id) Open(node);
  }
  return node;
}

}  // namespace pytrace::reader
