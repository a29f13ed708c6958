#include "reader/query/stack_tree.h"

namespace pytrace::query {
namespace {

constexpr size_t kFirstSlots = 1024;
constexpr char kBetween[] = " > ";

size_t Hash(uint32_t above, uint32_t function) {
  uint64_t key = (static_cast<uint64_t>(above) << 32 | function) * 0x9e3779b97f4a7c15;
  return static_cast<size_t>(key >> 20 ^ key >> 43);
}

}  // namespace

void StackTree::Clear() {
  nodes_.assign(1, {0, 0, 0, kNotAsked});
  table_.assign(kFirstSlots, 0);
  named_.clear();
  text_.clear();
}

void StackTree::Grow() {
  table_.assign(table_.size() * 2, 0);
  for (uint32_t node = 1; node < nodes_.size(); ++node) {
    size_t slot = Hash(nodes_[node].above, nodes_[node].function) & (table_.size() - 1);
    while (table_[slot] != 0) slot = (slot + 1) & (table_.size() - 1);
    table_[slot] = node;
  }
}

uint32_t StackTree::Below(uint32_t stack, uint32_t function) {
  if (nodes_.size() * 2 > table_.size()) Grow();
  size_t slot = Hash(stack, function) & (table_.size() - 1);
  for (; table_[slot] != 0; slot = (slot + 1) & (table_.size() - 1)) {
    const Node& node = nodes_[table_[slot]];
    if (node.above == stack && node.function == function) return table_[slot];
  }
  table_[slot] = static_cast<uint32_t>(nodes_.size());
  nodes_.push_back({stack, function, nodes_[stack].level + 1, kNotAsked});
  return table_[slot];
}

// From what it shares with the text that was made before: stacks come as calls do, so that is nearly all.
void StackTree::MakeText(uint32_t stack) {
  path_.clear();
  uint32_t at = stack;
  while (nodes_[at].level > named_.size()) {
    path_.push_back(at);
    at = nodes_[at].above;
  }
  named_.resize(nodes_[at].level);
  while (!named_.empty() && named_.back().node != at) {
    named_.pop_back();
    path_.push_back(at);
    at = nodes_[at].above;
  }
  text_.resize(named_.empty() ? 0 : named_.back().end);
  for (auto node = path_.rbegin(); node != path_.rend(); ++node) {
    const store::Function* function = catalog_.function(nodes_[*node].function);
    if (!named_.empty()) text_ += kBetween;
    text_ += function == nullptr ? "?" : function->func;
    named_.push_back({*node, text_.size()});
  }
}

bool StackTree::Answer(uint32_t stack) {
  if (nodes_[stack].answer == kNotAsked) {
    MakeText(stack);
    nodes_[stack].answer = test_(text_) ? kYes : kNo;
  }
  return nodes_[stack].answer == kYes;
}

}  // namespace pytrace::query
