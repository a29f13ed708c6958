#include "dumper/pairing.h"

#include <utility>

namespace pytrace::dumper {

Pairing::Pairing(store::Writer* writer, store::Block block)
    : writer_(writer),
      block_(std::move(block)),
      block_calls_(std::max<uint32_t>(1, writer->block_calls())),
      last_start_ns_(writer->newest_start_ns()) {}

// The open calls from the top down to one that is not newer than `serial`: their ends will never be seen.
void Pairing::CloseNewerThan(RingCalls* ring, uint64_t serial) {
  while (!ring->open.empty() && ring->open.back().serial > serial) ring->open.pop_back();
}

// Called at the moment when a call has no room, not when the last room was taken: ends that come in between still go to
// the block, and the keyframe is just what is open before the new block's first call.
void Pairing::NextBlock() {
  if (block_.size() != 0) {
    writer_->PutBlock(block_);
    block_.Clear(block_.next_id());
  }
  store::Keyframe keyframe;
  for (const RingCalls* ring : rings_) {
    if (ring->open.empty()) continue;
    store::ThreadStack stack;
    stack.thread = ring->thread;
    stack.calls.reserve(ring->open.size());
    for (const OpenCall& call : ring->open) {
      stack.calls.push_back({call.id, call.function.id(), static_cast<uint32_t>(stack.calls.size()), call.start_ns});
    }
    keyframe.push_back(std::move(stack));
  }
  std::sort(keyframe.begin(), keyframe.end(), [](const auto& a, const auto& b) { return a.thread < b.thread; });
  block_.keyframe = std::move(keyframe);
}

void Pairing::Lose(RingCalls* ring, int64_t ns, const record::Loss& loss) {
  if (loss.next_call != 0) ring->next_serial = loss.next_call;
  writer_->AddLoss({ring->thread, Stamp(ring, ns), loss.enters, loss.leaves, loss.others, loss.reason}, newest_call());
}

void Pairing::Flush() {
  if (block_dirty_ && block_.size() != 0) writer_->PutBlock(block_);
  block_dirty_ = false;
  if (dirty_.empty()) return;
  std::vector<store::FunctionCounts> counts;
  counts.reserve(dirty_.size());
  for (uint32_t function : dirty_) {
    const Count& c = counts_[function];
    counts.push_back({function, c.calls, c.exceptions, c.total_ns, c.self_ns});
    counts_[function] = {};
  }
  dirty_.clear();
  writer_->AddCounts(counts);
}

}  // namespace pytrace::dumper
