#include "reader/profile.h"

#include <algorithm>
#include <utility>

#include "dumper/store/bounds.h"

namespace pytrace::reader {
namespace {

// A damaged block may name any id.
constexpr uint32_t kMaxFunction = 1u << 22;

void Sort(std::vector<std::pair<uint32_t, EdgeSums>>* edges) {
  std::sort(edges->begin(), edges->end(), [](const auto& a, const auto& b) {
    return a.second.total_ns != b.second.total_ns ? a.second.total_ns > b.second.total_ns : a.first < b.first;
  });
}

}  // namespace

void Profile::Reset() {
  const std::vector<store::ZoneMap>& zones = window_->database()->zones();
  blocks_ = zones.size();
  walk_.emplace(window_, 0, blocks_);
  functions_.clear();
  edges_.clear();
  threads_.clear();
  first_ns_ = last_ns_ = 0;
  auto in_run = [&](uint32_t thread) { return window_->InRun(thread); };
  for (const store::ZoneMap& zone : zones) {
    if (!std::any_of(zone.threads.begin(), zone.threads.end(), in_run)) continue;
    if (first_ns_ == 0) first_ns_ = zone.first_start_ns;
    last_ns_ = zone.last_start_ns;
  }
}

int Profile::percent() const {
  return walk_ ? static_cast<int>(100 * walk_->done() / std::max<size_t>(1, blocks_)) : 100;
}

void Profile::Add(const CallWalk& walk) {
  const store::DecodedBlock& block = walk.block();
  ThreadSums* thread = nullptr;
  uint32_t thread_id = 0;
  for (uint32_t row = 0; row < block.size(); ++row) {
    uint32_t function = block.function[row];
    if (!walk.shown(row) || function >= kMaxFunction) continue;
    if (function >= functions_.size()) functions_.resize(function + 1);
    bool ended = block.duration_ns[row] >= 0, raised = block.outcome[row] == store::Outcome::kException;
    int64_t duration = ended ? block.duration_ns[row] : 0, self = ended ? duration - block.children_ns[row] : 0;
    FunctionSums& sums = functions_[function];
    ++sums.calls;
    sums.exceptions += raised;
    store::AddTo(&sums.total_ns, duration);
    store::AddTo(&sums.self_ns, self);
    if (sums.slowest == 0 || duration > sums.longest_ns) {
      sums.longest_ns = duration;
      sums.slowest = block.first_id + row;
    }
    EdgeSums& edge = edges_[static_cast<uint64_t>(walk.caller(row).function) << 32 | function];
    ++edge.calls;
    store::AddTo(&edge.total_ns, duration);
    if (thread == nullptr || block.thread[row] != thread_id) thread = &threads_[thread_id = block.thread[row]];
    int64_t start = block.start_ns[row];
    if (thread->calls++ == 0) thread->first_ns = start, thread->first_call = block.first_id + row;
    thread->exceptions += raised;
    store::AddTo(&thread->self_ns, self);
    if (thread->slowest == 0 || duration > thread->longest_ns) {
      thread->longest_ns = duration;
      thread->slowest = block.first_id + row;
    }
    thread->last_ns = std::max(thread->last_ns, start + duration);
    if (walk.caller(row).id == 0) store::AddTo(&thread->busy_ns, duration);
    double part =
        static_cast<double>(start - first_ns_) / static_cast<double>(std::max<int64_t>(1, last_ns_ - first_ns_));
    size_t slot = static_cast<size_t>(std::clamp(part, 0.0, 1.0) * (ThreadSums::kSlots - 1));
    ++thread->slots[slot];
  }
}

bool Profile::Work(Deadline deadline) {
  while (walk_) {
    if (!walk_->Next()) {
      walk_.reset();
      return false;
    }
    Add(*walk_);
    if (std::chrono::steady_clock::now() >= deadline) return true;
  }
  return false;
}

std::vector<FunctionSums> Profile::Functions() const {
  std::vector<FunctionSums> found;
  for (uint32_t id = 0; id < functions_.size(); ++id) {
    if (functions_[id].calls == 0) continue;
    found.push_back(functions_[id]);
    found.back().function = id;
  }
  return found;
}

std::vector<std::pair<uint32_t, EdgeSums>> Profile::Callers(uint32_t function) const {
  std::vector<std::pair<uint32_t, EdgeSums>> found;
  for (const auto& [key, sums] : edges_) {
    if (static_cast<uint32_t>(key) == function) found.emplace_back(static_cast<uint32_t>(key >> 32), sums);
  }
  Sort(&found);
  return found;
}

std::vector<std::pair<uint32_t, EdgeSums>> Profile::Callees(uint32_t function) const {
  std::vector<std::pair<uint32_t, EdgeSums>> found;
  for (const auto& [key, sums] : edges_) {
    if (static_cast<uint32_t>(key >> 32) == function) found.emplace_back(static_cast<uint32_t>(key), sums);
  }
  Sort(&found);
  return found;
}

}  // namespace pytrace::reader
