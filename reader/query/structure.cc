#include "reader/query/structure.h"

#include <algorithm>
#include <utility>

#include "reader/query/evaluate.h"

namespace pytrace::query {
namespace {

constexpr size_t kMostStacks = 1u << 20;  // some 30 MB; then they are learnt anew
// The newest block and the one before are written anew while a recording grows.
constexpr size_t kUnsettled = 2;

bool MayStayOpen(const store::DecodedBlock& block, uint32_t row) {
  return block.duration_ns[row] < 0 || block.start_ns[row] + block.duration_ns[row] >= block.start_ns.back();
}

}  // namespace

Structure::Structure(Kind kind, std::unique_ptr<Evaluator> inner, TextTest stack, store::Database* database,
                     const store::Catalog* catalog)
    : kind_(kind), inner_(std::move(inner)), database_(database), catalog_(*catalog), stacks_(std::move(stack), catalog) {}

Structure::~Structure() = default;

bool Structure::needs_values() const { return inner_ != nullptr && inner_->needs_values(); }

void Structure::Refresh() {
  blocks_.clear();
  last_first_id_ = 0;
  prepared_ = prepared_ > kUnsettled ? prepared_ - kUnsettled : 0;
  if (inner_ != nullptr) inner_->Refresh();
}

// Of a call outside the block that is looked at.
bool Structure::MatchesById(int64_t id, bool* known) {
  *known = false;
  if (database_ == nullptr || id <= 0) return false;
  const std::vector<store::ZoneMap>& zones = database_->zones();
  size_t number = database_->FindBlock(id);
  if (number >= zones.size() || zones[number].first_id > id) return false;
  auto [at, is_new] = blocks_.try_emplace(number);
  if (is_new && inner_->MayMatch(zones[number]) && database_->ReadBlock(number, inner_->needs_values(), &other_)) {
    std::vector<uint8_t> mask;
    inner_->MatchCalls(other_, nullptr, &mask);
    at->second.assign(mask.begin(), mask.end());
  }
  *known = true;
  size_t row = static_cast<size_t>(id - zones[number].first_id);
  return row < at->second.size() && at->second[row];
}

// A call whose block was let go has no more than its keyframe says.
bool Structure::Matches(const store::OpenCall& call, uint32_t thread) {
  bool known;
  bool matches = MatchesById(call.id, &known);
  if (known) return matches;
  EventFacts facts;
  facts.time_ns = call.start_ns;
  facts.call_id = call.id;
  facts.thread = thread;
  facts.function = call.function;
  facts.depth = call.depth;
  return inner_->Match(facts, nullptr);
}

void Structure::MarkStack(const store::DecodedBlock& block, std::vector<uint8_t>* out) {
  if (stacks_.size() > kMostStacks) stacks_.Clear();
  std::unordered_map<int64_t, uint32_t> open;
  for (const store::ThreadStack& stack : block.keyframe) {
    uint32_t node = StackTree::kEmpty;
    for (const store::OpenCall& call : stack.calls) open[call.id] = node = stacks_.Below(node, call.function);
  }
  row_stacks_.resize(block.size());
  for (uint32_t row = 0; row < block.size(); ++row) {
    int64_t parent = block.parent[row];
    uint32_t above = StackTree::kEmpty;
    if (parent >= block.first_id && parent < block.first_id + row) {
      above = row_stacks_[static_cast<size_t>(parent - block.first_id)];
    } else if (auto found = open.find(parent); parent > 0 && found != open.end()) {
      above = found->second;
    }
    row_stacks_[row] = stacks_.Below(above, block.function[row]);
    (*out)[row] = stacks_.Answer(row_stacks_[row]);
  }
}

// From calls that match up to their callers in the block.
void Structure::Climb(const store::DecodedBlock& block, std::vector<uint8_t>* containing) {
  for (uint32_t row = block.size(); row-- > 0;) {
    int64_t parent = block.parent[row];
    if (!(direct_[row] || (*containing)[row]) || parent < block.first_id || parent >= block.first_id + row) continue;
    (*containing)[static_cast<size_t>(parent - block.first_id)] = 1;
  }
}

bool Structure::Prepare(Deadline deadline) {
  if (inner_ != nullptr && inner_->Prepare(deadline)) return true;
  if (kind_ != Kind::kContains || database_ == nullptr) return false;
  const std::vector<store::ZoneMap>& zones = database_->zones();
  store::DecodedBlock block;
  std::vector<uint8_t> containing;
  while (prepared_ < zones.size()) {
    if (std::chrono::steady_clock::now() >= deadline) return true;
    size_t number = prepared_++;
    if (!inner_->MayMatch(zones[number]) || !database_->ReadBlock(number, inner_->needs_values(), &block)) continue;
    inner_->MatchCalls(block, nullptr, &direct_);
    containing.assign(block.size(), 0);
    Climb(block, &containing);
    std::unordered_map<uint32_t, int64_t> innermost;  // by thread: the caller before the block that is deepest
    for (uint32_t row = 0; row < block.size(); ++row) {
      if (!(direct_[row] || containing[row]) || block.parent[row] >= block.first_id) continue;
      int64_t& deepest = innermost[block.thread[row]];
      deepest = std::max(deepest, block.parent[row]);
    }
    for (const store::ThreadStack& stack : block.keyframe) {
      auto caller = innermost.find(stack.thread);
      if (caller == innermost.end()) continue;
      for (const store::OpenCall& call : stack.calls) {
        if (call.id <= caller->second) containers_.insert(call.id);
      }
    }
  }
  return false;
}

void Structure::Mark(const store::DecodedBlock& block, const std::vector<int64_t>* ids, std::vector<uint8_t>* out) {
  Prepare(Deadline::max());
  out->assign(block.size(), 0);
  if (ids != nullptr) {
    bool holds;
    for (uint32_t row = 0; row < block.size(); ++row) (*out)[row] = OfCall((*ids)[row], &holds) && holds;
    return;
  }
  if (block.size() == 0) return;
  if (kind_ == Kind::kStack) return MarkStack(block, out);
  inner_->MatchCalls(block, nullptr, &direct_);
  if (kind_ == Kind::kContains) {
    Climb(block, out);
    for (uint32_t row = 0; row < block.size(); ++row) {
      if (MayStayOpen(block, row) && containers_.contains(block.first_id + row)) (*out)[row] = 1;
    }
    return;
  }
  open_.clear();
  std::vector<uint8_t> direct = direct_;  // asking for other calls uses direct_
  for (const store::ThreadStack& stack : block.keyframe) {
    bool inherited = false;
    for (const store::OpenCall& call : stack.calls) {
      bool matches = Matches(call, stack.thread);
      inherited = kind_ == Kind::kWithin ? inherited || matches : matches;
      open_[call.id] = inherited;
    }
  }
  for (uint32_t row = 0; row < block.size(); ++row) {
    int64_t parent = block.parent[row];
    bool above = false, known;
    if (parent >= block.first_id && parent < block.first_id + row) {
      size_t at = static_cast<size_t>(parent - block.first_id);
      above = kind_ == Kind::kWithin ? (*out)[at] : direct[at];
    } else if (auto found = open_.find(parent); found != open_.end()) {
      above = found->second;
    } else if (parent > 0) {
      above = MatchesById(parent, &known);
    }
    (*out)[row] = kind_ == Kind::kWithin ? above || direct[row] : above;
  }
}

bool Structure::OfCall(int64_t id, bool* holds) {
  if (database_ == nullptr || id <= 0) return false;
  const std::vector<store::ZoneMap>& zones = database_->zones();
  size_t number = database_->FindBlock(id);
  if (number >= zones.size() || zones[number].first_id > id) return false;
  if (last_first_id_ != zones[number].first_id) {
    store::DecodedBlock block;
    if (!database_->ReadBlock(number, needs_values(), &block)) return false;
    std::vector<uint8_t> mask;
    Mark(block, nullptr, &mask);
    last_mask_ = std::move(mask);
    last_first_id_ = zones[number].first_id;
  }
  size_t row = static_cast<size_t>(id - last_first_id_);
  *holds = row < last_mask_.size() && last_mask_[row];
  return row < last_mask_.size();
}

}  // namespace pytrace::query
