// The calls that are shown, block after block in the order of their starts, each with its caller: the nearest call
// around it that is shown, too. So under a filter the matching calls are a tree of their own, whatever was called in
// between. Or all calls are walked, each with the caller that it has without filters; shown() then tells which match.
#ifndef PYTRACE_READER_CALL_WALK_H_
#define PYTRACE_READER_CALL_WALK_H_

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "reader/window.h"

namespace pytrace::reader {

class CallWalk {
 public:
  enum class Of { kShown, kAll, kAllBlocks };  // kAll leaves out the blocks in which nothing is shown
  // Blocks [first, end) of the window's database.
  CallWalk(Window* window, size_t first, size_t end, Of of = Of::kShown)
      : window_(window), next_(first), end_(end), all_(of != Of::kShown), all_blocks_(of == Of::kAllBlocks) {}

  // Decodes the next block, without values. Blocks in which nothing is shown are empty: size() 0. false: that was all.
  bool Next();
  size_t done() const { return next_; }  // the block after the current one

  const store::DecodedBlock& block() const { return block_; }
  bool shown(uint32_t row) const { return shown_[row] != 0; }
  bool walked(uint32_t row) const { return (all_ ? unfiltered_ : shown_)[row] != 0; }
  struct Caller {
    int64_t id = 0;  // 0: none
    uint32_t function = 0;
  };
  const Caller& caller(uint32_t row) const { return callers_[row]; }
  // The walked ones of the calls of the keyframe's stack, outermost first: the callers of before the block.
  const std::vector<store::OpenCall>& open_stack(uint32_t thread) const;
  // Of any call that is not start-up. Meant for those that are open when a block begins: few, and asked again and
  // again.
  bool WasShown(int64_t id);

 private:
  void ReadStacks();

  Window* window_;
  size_t next_, end_;
  store::DecodedBlock block_, other_;
  bool all_, all_blocks_;
  std::vector<uint8_t> shown_, unfiltered_, mask_;
  std::vector<Caller> callers_, nearest_;
  std::unordered_map<int64_t, Caller> stack_;  // of the keyframe's calls: themselves where walked, else their caller
  std::unordered_map<uint32_t, std::vector<store::OpenCall>> stacks_;
  std::unordered_map<size_t, std::vector<bool>> bits_;  // by block: what was shown of it
};

}  // namespace pytrace::reader

#endif  // PYTRACE_READER_CALL_WALK_H_
