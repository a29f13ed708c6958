// Fills a block, fast: its columns have their full length from the start, so that a call is a dozen stores and no look
// at a vector's end. Whoever wants the block as others know it asks for Finished().
#ifndef PYTRACE_DUMPER_BLOCK_BUILDER_H_
#define PYTRACE_DUMPER_BLOCK_BUILDER_H_

#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

#include "dumper/store/block.h"

namespace pytrace::dumper {

class BlockBuilder {
 public:
  // Goes on with `block`, which becomes full at `capacity` calls.
  BlockBuilder(store::Block block, uint32_t capacity);

  uint32_t size() const { return size_; }
  int64_t first_id() const { return block_.first_id; }
  int64_t next_id() const { return block_.first_id + size_; }
  // No room for another call.
  bool full() const { return size_ >= capacity_ || args_.used + results_.used >= store::kBlockBytes; }

  // So many bytes of values that not even the ends of its calls should add to them: there may be 16,384 open ones.
  bool crowded() const { return results_.used >= 2 * store::kBlockBytes; }

  // As Block's. `readable`: bytes from the beginning of the value that may be read, at least its size.
  uint32_t Add(uint32_t function, uint32_t thread, int64_t start, uint32_t depth, store::Start kind, uint64_t frame,
               std::string_view values, size_t readable) {
    uint32_t row = size_++;
    function_[row] = function;
    thread_[row] = thread;
    start_[row] = start;
    duration_[row] = store::kOpen;
    depth_[row] = depth;
    outcome_[row] = store::Outcome::kNone;
    kind_[row] = kind;
    frame_[row] = frame;
    args_.Append(values, readable);
    args_end_[row] = static_cast<uint32_t>(args_.used);
    return row;
  }
  void End(uint32_t row, int64_t duration, store::Outcome how, std::string_view value, size_t readable) {
    duration_[row] = duration;
    outcome_[row] = how;
    result_at_[row] = static_cast<uint32_t>(results_.used);
    result_size_[row] = static_cast<uint32_t>(value.size());
    results_.Append(value, readable);
  }

  void SetKeyframe(store::Keyframe keyframe) { block_.keyframe = std::move(keyframe); }

  // The block with the calls so far, for a moment: adding goes on after Resume.
  store::Block& Finished();
  void Resume();
  // Empties it for the calls that follow. Between Finished and Resume.
  void Clear();

 private:
  // Bytes with room behind them. No std::string, which writes zeros into all that it has for each block that is begun.
  struct Heap {
    static constexpr size_t kShort = 32;

    std::unique_ptr<char[]> memory;
    size_t room = 0, used = 0;

    void Append(std::string_view bytes, size_t readable) {
      if (room - used < bytes.size() + kShort) [[unlikely]]
        Grow(bytes.size());
      char* to = memory.get() + used;
      // Most are short, and copying a fixed number of bytes is a few instructions.
      if (bytes.size() <= kShort && readable >= kShort) [[likely]] {
        memcpy(to, bytes.data(), kShort);
      } else if (!bytes.empty()) {
        memcpy(to, bytes.data(), bytes.size());
      }
      used += bytes.size();
    }
    void Grow(size_t more);
    std::string_view content() const { return {memory.get(), used}; }
  };

  void Resize(size_t rows);

  store::Block block_;
  uint32_t size_ = 0, capacity_;
  Heap args_, results_;
  // The columns' memory.
  uint32_t *function_, *thread_, *depth_, *args_end_, *result_at_, *result_size_;
  int64_t *start_, *duration_;
  store::Outcome* outcome_;
  store::Start* kind_;
  uint64_t* frame_;
};

}  // namespace pytrace::dumper

#endif  // PYTRACE_DUMPER_BLOCK_BUILDER_H_
