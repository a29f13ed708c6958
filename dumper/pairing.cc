#include "dumper/pairing.h"

#include <utility>

namespace pytrace::dumper {

Pairing::Pairing(store::Writer* writer, store::Block block)
    : writer_(writer),
      block_(std::move(block), std::max<uint32_t>(1, writer->block_calls())),
      last_start_ns_(writer->newest_start_ns()) {}

void RingCalls::RunStrand(uint32_t id) {
  if (id == strand) return;
  if (thread != 0) waiting[strand] = std::move(static_cast<Strand&>(*this));
  static_cast<Strand&>(*this) = {};
  strand = id;
  auto found = waiting.find(id);
  if (found == waiting.end()) return;
  static_cast<Strand&>(*this) = std::move(found->second);
  waiting.erase(found);
}

// The open calls from the top down to one that is not newer than `serial`: their ends will never be seen.
void Pairing::CloseNewerThan(RingCalls* ring, uint64_t serial) {
  while (!ring->open.empty() && ring->open.back().serial > serial) ring->open.pop_back();
}

// Called at the moment when a call has no room, not when the last room was taken: ends that come in between still go to
// the block, and the keyframe is just what is open before the new block's first call.
void Pairing::NextBlock() {
  if (block_.size() != 0) {
    writer_->PutBlock(block_.Finished());
    block_.Clear();
    block_.Resume();
  }
  store::Keyframe keyframe;
  auto add = [&keyframe](const Strand& strand) {
    if (strand.open.empty()) return;
    store::ThreadStack stack;
    stack.thread = strand.thread;
    stack.calls.reserve(strand.open.size());
    for (const OpenCall& call : strand.open) {
      stack.calls.push_back({call.id, call.function.id(), static_cast<uint32_t>(stack.calls.size()), call.start_ns});
    }
    keyframe.push_back(std::move(stack));
  };
  for (const RingCalls* ring : rings_) {
    add(*ring);
    for (const auto& [id, strand] : ring->waiting) add(strand);
  }
  std::sort(keyframe.begin(), keyframe.end(), [](const auto& a, const auto& b) { return a.thread < b.thread; });
  block_.SetKeyframe(std::move(keyframe));
}

void Pairing::Lose(RingCalls* ring, int64_t ns, const record::Loss& loss) {
  if (loss.next_call != 0) ring->next_serial = loss.next_call;
  writer_->AddLoss({ring->thread, Stamp(ring, ns), loss.enters, loss.leaves, loss.others, loss.reason}, newest_call());
}

Pairing::Count& Pairing::FirstCount(uint32_t function) {
  if (function >= counts_.size()) counts_.resize(std::max<size_t>(function + 1, counts_.size() * 2));
  changed_.push_back(function);
  return counts_[function];
}

void Pairing::Flush() {
  if (block_dirty_ && block_.size() != 0) {
    writer_->PutBlock(block_.Finished());
    block_.Resume();
  }
  block_dirty_ = false;
  if (changed_.empty()) return;
  std::vector<store::FunctionCounts> counts;
  counts.reserve(changed_.size());
  for (uint32_t function : changed_) {
    const Count& c = counts_[function];
    counts.push_back({function, c.calls, c.exceptions, c.total_ns, c.self_ns});
    counts_[function] = {};
  }
  changed_.clear();
  writer_->AddCounts(counts);
}

}  // namespace pytrace::dumper
