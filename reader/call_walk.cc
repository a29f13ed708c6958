#include "reader/call_walk.h"

#include <algorithm>
#include <utility>

namespace pytrace::reader {

const std::vector<store::OpenCall>& CallWalk::open_stack(uint32_t thread) const {
  static const std::vector<store::OpenCall> none;
  auto found = stacks_.find(thread);
  return found == stacks_.end() ? none : found->second;
}

bool CallWalk::WasShown(int64_t id) {
  size_t number = window_->database()->FindBlock(id);
  const std::vector<store::ZoneMap>& zones = window_->database()->zones();
  if (number >= zones.size() || zones[number].first_id > id) return false;  // let go
  auto [at, is_new] = bits_.try_emplace(number);
  if (is_new && window_->Calls(number, &other_, &mask_)) at->second.assign(mask_.begin(), mask_.end());
  size_t row = static_cast<size_t>(id - zones[number].first_id);
  return row < at->second.size() && at->second[row];
}

void CallWalk::ReadStacks() {
  stack_.clear();
  stacks_.clear();
  bool asked = !all_ && !window_->selection().filters.empty();
  for (const store::ThreadStack& stack : block_.keyframe) {
    window_->StackShown(stack, &mask_);
    std::vector<uint8_t> shown = mask_;
    Caller caller;
    for (size_t i = 0; i < stack.calls.size(); ++i) {
      const store::OpenCall& call = stack.calls[i];
      if (shown[i] && (!asked || WasShown(call.id))) {
        caller = {call.id, call.function};
        stacks_[stack.thread].push_back(call);
      }
      stack_[call.id] = caller;
    }
  }
}

bool CallWalk::Next() {
  if (next_ >= end_) return false;
  size_t number = next_++;
  if (!window_->Calls(number, &block_, &shown_, all_ ? &unfiltered_ : nullptr, all_blocks_)) {
    block_.Clear(0);
    shown_.clear();
    unfiltered_.clear();
  }
  if (!window_->selection().filters.empty()) bits_[number].assign(shown_.begin(), shown_.end());
  uint32_t size = block_.size();
  if (size == 0) return true;
  ReadStacks();
  callers_.assign(size, {});
  nearest_.resize(size);
  for (uint32_t row = 0; row < size; ++row) {
    int64_t parent = block_.parent[row], id = block_.first_id + row;
    if (parent >= block_.first_id && parent < id) {
      callers_[row] = nearest_[static_cast<size_t>(parent - block_.first_id)];
    } else if (auto found = stack_.find(parent); parent > 0 && found != stack_.end()) {
      callers_[row] = found->second;
    }
    nearest_[row] = walked(row) ? Caller{id, block_.function[row]} : callers_[row];
  }
  return true;
}

}  // namespace pytrace::reader
