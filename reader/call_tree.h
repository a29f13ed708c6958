// The calls that are shown as a tree: threads, below them the calls that no other shown call made, below each the calls
// that it made. Children are read when a node is opened, block by block. Merged: one tree for all threads in which
// calls of the same function from the same place are one node (also known as left-heavy).
#ifndef PYTRACE_READER_CALL_TREE_H_
#define PYTRACE_READER_CALL_TREE_H_

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <unordered_map>
#include <vector>

#include "reader/call_source.h"
#include "reader/call_walk.h"

namespace pytrace::reader {

struct TreeNode {
  enum class Kind : uint8_t { kRoot, kThread, kCall, kGroup };
  Kind kind = Kind::kRoot;
  int64_t id = 0;                                     // of the call; of a group its slowest call
  uint32_t function = 0, thread = 0;                  // of a group `thread` is its number
  int64_t total_ns = 0, self_ns = 0, longest_ns = 0;  // of ended calls
  int64_t calls = 0, exceptions = 0;
  bool running = false;  // has no end yet
  bool open = false, loaded = false;
  bool leaf = false;   // has no children, as far as is known without reading them
  int64_t hidden = 0;  // children beyond the limit
  TreeNode* parent = nullptr;
  std::vector<std::unique_ptr<TreeNode>> children;  // calls by id, groups in the order found
  size_t limit = 1000;                              // of children that are kept
};

class CallTree {
 public:
  using Deadline = std::chrono::steady_clock::time_point;

  explicit CallTree(Window* window);

  void Reset(bool merged);  // reads all anew: another filter, or more calls
  bool merged() const { return merged_; }
  TreeNode* root() { return &root_; }
  void Open(TreeNode* node);
  void Close(TreeNode* node) { node->open = false; }
  void ShowMore(TreeNode* node);  // ten times as many children
  // Opens the callers of a call; nullptr: it is not shown. Not for merged trees.
  TreeNode* Reveal(int64_t id);

  bool working() const { return !loads_.empty(); }
  bool Work(Deadline deadline);  // whether anything is left
  int percent() const;
  void Cancel() { loads_.clear(); }

 private:
  struct Load {
    TreeNode* node;
    CallWalk walk;
    size_t first, end;
    TreeNode* longest_hidden = nullptr;
  };
  TreeNode* ThreadNode(uint32_t thread);
  TreeNode* AddCall(TreeNode* parent, const CallFacts& facts);
  void LoadBlock(Load* load);
  void MergeBlock(const CallWalk& walk);
  TreeNode* Group(TreeNode* parent, uint32_t function);
  void Start(TreeNode* node, size_t first, size_t end);

  Window* window_;
  CallSource source_;
  bool merged_ = false;
  TreeNode root_;
  std::deque<Load> loads_;
  std::unordered_map<int64_t, TreeNode*> open_groups_;  // by call that may still have children
  std::unordered_map<uint64_t, TreeNode*> groups_;      // by number of the parent and function
  uint32_t newest_group_ = 0;
  std::vector<TreeNode*> row_groups_;
};

}  // namespace pytrace::reader

#endif  // PYTRACE_READER_CALL_TREE_H_
