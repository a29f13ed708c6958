// The calls that are shown as a tree: threads, below them the calls that no other shown call made, below each the calls
// that it made. Children are read when a node is opened, block by block. Merged: one tree for all threads in which
// calls of the same function from the same place are one node (also known as left-heavy).
//
// With Selection::callers each call stands below its own caller, whether the filters match that or not. Those that they
// do not match are "aside": there because they lead to a call that is shown. They need not be opened to see it: down to
// the first call that is shown they are read together with the children of the node above. So are those of a call whose
// block was let go, or is damaged: what keyframes say of it is all there is.
#ifndef PYTRACE_READER_CALL_TREE_H_
#define PYTRACE_READER_CALL_TREE_H_

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "reader/call_source.h"
#include "reader/call_walk.h"

namespace pytrace::reader {

struct TreeNode {
  TreeNode() = default;
  TreeNode(TreeNode&&) = default;
  TreeNode& operator=(TreeNode&&) = default;
  ~TreeNode();  // a chain of them may be deeper than the stack

  enum class Kind : uint8_t { kRoot, kThread, kCall, kGroup };
  Kind kind = Kind::kRoot;
  int64_t id = 0;                                     // of the call; of a group its slowest call
  uint32_t function = 0, thread = 0;                  // of a group `thread` is its number
  int64_t total_ns = 0, self_ns = 0, longest_ns = 0;  // of ended calls
  int64_t calls = 0, exceptions = 0;
  bool running = false;  // has no end yet
  bool open = false, loaded = false;
  bool leaf = false;          // has no children, as far as is known without reading them
  bool aside = false;         // the filters match no call of it
  bool let_go = false;        // only that it was open is known of it
  bool joined = false;        // its children are read with those of the node above
  bool counted = false;       // by the thread that it is below
  int64_t hidden = 0;         // children beyond the limit
  int64_t newest_hidden = 0;  // the last of them
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
  void Open(TreeNode* node);  // nodes that are opened before any Work are read together
  void Close(TreeNode* node);
  void ShowMore(TreeNode* node);  // ten times as many children
  // Opens the callers of a call; nullptr: it is not shown. `aside`: known to lead to one that is. After a Reset, before
  // any Work, and not for merged trees.
  TreeNode* Reveal(int64_t id, bool aside = false);

  bool working() const { return !loads_.empty(); }
  bool Work(Deadline deadline);  // whether anything is left
  int percent() const;
  void Cancel() { loads_.clear(); }

 private:
  struct Load {
    std::unordered_map<int64_t, TreeNode*> nodes;  // whose children are read, by their call; 0: the root
    CallWalk walk;
    size_t first, end;
    size_t joined = 0;  // nodes that were added so
    bool begun() const { return walk.done() > first; }
    TreeNode* NodeOf(int64_t id) const {
      auto found = nodes.find(id);
      return found == nodes.end() ? nullptr : found->second;
    }
  };
  // What a load or a merge knows of a call below its node.
  struct Place {
    int64_t caller = 0;  // that is walked
    uint32_t function = 0, thread = 0;
    TreeNode* node = nullptr;               // nullptr: it has none, or none yet
    const store::OpenCall* open = nullptr;  // of calls before the block
    bool here = false;                      // what it called is placed by this load
    int joined = 0;                         // levels of joined nodes above it, and its own
  };
  TreeNode* ThreadNode(uint32_t thread);
  TreeNode* KnownThread(uint32_t thread);  // nullptr: nothing of it is in the tree
  TreeNode* AddCall(TreeNode* parent, const CallFacts& facts);
  CallWalk Walk(size_t first, size_t end, CallWalk::Of all = CallWalk::Of::kAll);
  bool filtered() const { return !window_->selection().filters.empty(); }
  void Start(TreeNode* node, size_t first, size_t end);
  // call_tree_load.cc
  void LoadBlock(Load* load);
  void PlaceStacks(const Load& load);
  Place* PlaceOf(int64_t id);
  void PlaceCall(Load* load, int64_t id);
  TreeNode* Put(Load* load, TreeNode* parent, int64_t id, bool aside, int joined);
  // false: it was let go, and *facts are what a keyframe says.
  bool FactsOfCall(int64_t id, const store::OpenCall& open, uint32_t thread, CallFacts* facts);
  bool FactsIn(const store::DecodedBlock& block, int64_t id, CallFacts* facts);
  // call_tree_merge.cc
  void MergeBlock(const CallWalk& walk);
  void MergeCall(const CallWalk& walk, int64_t id);
  TreeNode* Group(TreeNode* parent, uint32_t function, bool aside);

  Window* window_;
  CallSource source_;
  bool merged_ = false;
  TreeNode root_;
  std::deque<Load> loads_;
  std::optional<CallWalk> revealed_;                    // of the block in which a call was revealed last
  std::unordered_set<int64_t> closed_;                  // nodes that would be open, but for the user
  std::unordered_map<int64_t, TreeNode*> open_groups_;  // by call that may still have children
  std::unordered_map<uint64_t, TreeNode*> groups_;      // by number of the parent and function
  uint32_t newest_group_ = 0;
  // Of the block that is being read, and of the calls that were open when it began.
  int64_t first_id_ = 0;
  std::vector<Place> row_places_;
  std::unordered_map<int64_t, Place> open_places_;
  std::vector<int64_t> way_;  // scratch
};

// The child for a call; nullptr: there is none.
TreeNode* ChildOf(const TreeNode& node, int64_t id);
void Count(const CallFacts& facts, TreeNode* node);

}  // namespace pytrace::reader

#endif  // PYTRACE_READER_CALL_TREE_H_
