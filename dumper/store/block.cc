#include "dumper/store/block.h"

#include <algorithm>
#include <cstring>
#include <memory>

#include "dumper/store/block_parts.h"
#include "dumper/store/columns.h"
#include "dumper/store/value_words.h"

namespace pytrace::store {
namespace {

// Distinct ids of a column and what each row becomes: its index among them, the commonest id first, so that most fit in
// a byte.
class Dictionary {
 public:
  void Build(const std::vector<uint32_t>& column, std::vector<uint32_t>* indexes) {
    ids_.clear();
    indexes->assign(column.size(), 0);
    if (column.empty()) return;
    if (std::equal(column.begin() + 1, column.end(), column.begin())) {
      ids_.push_back(column[0]);
      return;
    }
    for (uint32_t id : column) {
      if (id >= count_.size()) count_.resize(id + 1 + id / 2, 0);
      if (count_[id]++ == 0) ids_.push_back(id);
    }
    std::stable_sort(ids_.begin(), ids_.end(), [&](uint32_t a, uint32_t b) { return count_[a] > count_[b]; });
    for (uint32_t i = 0; i < ids_.size(); ++i) count_[ids_[i]] = i;
    for (size_t i = 0; i < column.size(); ++i) (*indexes)[i] = count_[column[i]];
    for (uint32_t id : ids_) count_[id] = 0;
  }
  const std::vector<uint32_t>& ids() const { return ids_; }

 private:
  std::vector<uint32_t> ids_;
  std::vector<uint32_t> count_;  // by id; all 0 between the calls
};

std::string Varints(const std::vector<uint32_t>& values) {
  std::string out;
  for (uint32_t value : values) PutVarint(value, &out);
  return out;
}

std::string EncodeSet(std::vector<uint32_t>* ids) {
  std::sort(ids->begin(), ids->end());
  std::string out;
  uint32_t before = 0;
  for (uint32_t id : *ids) {
    PutVarint(id - before, &out);
    before = id;
  }
  return out;
}

class Encoder {
 public:
  void Calls(const Block& block, EncodedBlock* out);
  void Values(const Block& block, ValueForm form, std::string* out);
  void Stacks(const Keyframe& keyframe, std::string* out);

 private:
  void Times(const Block& block);
  void Sparse(const Block& block);
  void BestValues(const Block& block, std::string* out);
  void PlainValues(const Block& block, std::string* out);
  void WordValues(const Block& block, std::string* out);
  void GatherResults(const Block& block);

  ColumnWriter writer_;
  Dictionary functions_, threads_;
  std::vector<uint32_t> numbers_;
  std::vector<uint64_t> times_;
  std::string heap_;
  std::unique_ptr<WordEncoder> words_;  // has much memory
  bool words_pay_ = false;
  uint32_t until_trial_ = 1, patience_ = 2;  // blocks until the other form is tried again
  std::string other_;
};

void Encoder::Calls(const Block& block, EncodedBlock* out) {
  const uint32_t n = block.size();
  writer_.Begin(n);
  functions_.Build(block.function, &numbers_);
  writer_.Add(kFunctionIds, Varints(functions_.ids()));
  writer_.AddNumbers(kFunction, numbers_.data());
  threads_.Build(block.thread, &numbers_);
  writer_.Add(kThreadIds, Varints(threads_.ids()));
  writer_.AddNumbers(kThread, numbers_.data());
  Times(block);
  writer_.AddNumbers(kDepth, block.depth.data());
  for (uint32_t i = 0; i < n; ++i) {
    numbers_[i] = static_cast<uint32_t>(block.outcome[i]) | static_cast<uint32_t>(block.start_kind[i]) << 2;
  }
  writer_.AddNumbers(kKind, numbers_.data());
  Sparse(block);
  writer_.Finish(&out->calls);
  out->zone.functions = functions_.ids();
  out->zone.threads = threads_.ids();
}

void Encoder::Times(const Block& block) {
  const uint32_t n = block.size();
  if (n == 0) return;
  heap_.clear();
  PutVarint(ZigZag(block.start_ns[0]), &heap_);
  writer_.Add(kFirstStart, heap_);
  times_.resize(n);
  times_[0] = 0;
  for (uint32_t i = 1; i < n; ++i) {
    times_[i] = static_cast<uint64_t>(block.start_ns[i]) - static_cast<uint64_t>(block.start_ns[i - 1]);
  }
  writer_.AddNumbers(kStart, times_.data());
  for (uint32_t i = 0; i < n; ++i) times_[i] = static_cast<uint64_t>(block.duration_ns[i]) + 1;
  writer_.AddNumbers(kDuration, times_.data());
}

void Encoder::Sparse(const Block& block) {
  heap_.clear();
  uint32_t before = 0;
  for (uint32_t i = 0; i < block.size(); ++i) {
    if (block.frame[i] == 0) continue;
    PutVarint(i - before, &heap_);
    PutVarint(block.frame[i], &heap_);
    before = i;
  }
  writer_.Add(kFrames, heap_);
  heap_.clear();
  before = 0;
  for (const ParentFix& fix : block.parent_fixes) {
    PutVarint(fix.row - before, &heap_);
    PutVarint(ZigZag(fix.parent), &heap_);
    before = fix.row;
  }
  writer_.Add(kFixes, heap_);
}

void Encoder::PlainValues(const Block& block, std::string* out) {
  const uint32_t n = block.size();
  writer_.Begin(n);
  numbers_.resize(n);
  for (uint32_t i = 0; i < n; ++i) numbers_[i] = block.args_end[i] - (i == 0 ? 0 : block.args_end[i - 1]);
  writer_.AddNumbers(kArgsSize, numbers_.data());
  writer_.Add(kArgs, block.args);
  GatherResults(block);
  writer_.AddNumbers(kResultSize, block.result_size.data());
  writer_.Add(kResults, heap_);
  writer_.Finish(out);
}

void Encoder::WordValues(const Block& block, std::string* out) {
  if (words_ == nullptr) words_ = std::make_unique<WordEncoder>();
  writer_.Begin(block.size(), kWordsVersion);
  words_->Write(block, &writer_);
  writer_.Finish(out);
}

// To take words out costs more time than it saves where zstd has little to do, and about as much where it has; a
// program's blocks resemble each other, so that what is better need be found out now and then only: soon after it
// changed, and ever more seldom while it stays.
void Encoder::BestValues(const Block& block, std::string* out) {
  constexpr uint32_t kTellingRows = 1024, kMinPatience = 8, kMaxPatience = 32;
  const uint32_t n = block.size();
  const bool may = block.args.size() + block.results.size() <= kMaxWordsBytes;
  const bool words = words_pay_ && may;
  Values(block, words ? ValueForm::kWords : ValueForm::kPlain, out);
  const bool small = !words && out->size() <= n;
  if (!may || small || n < kTellingRows || --until_trial_ > 0) return;
  Values(block, words ? ValueForm::kPlain : ValueForm::kWords, &other_);
  const std::string &plain = words ? other_ : *out, &apart = words ? *out : other_;
  words_pay_ = plain.size() > n && apart.size() < plain.size() / 4 * 3;
  patience_ = words_pay_ == words ? std::min(2 * patience_, kMaxPatience) : kMinPatience;
  until_trial_ = patience_;
  if (words_pay_ != words) out->swap(other_);
}

void Encoder::Values(const Block& block, ValueForm form, std::string* out) {
  if (form == ValueForm::kPlain) return PlainValues(block, out);
  if (form == ValueForm::kWords) return WordValues(block, out);
  BestValues(block, out);
}

// The results in the order of calls. Most are small: a copy of a fixed size costs less than one of the right size.
void Encoder::GatherResults(const Block& block) {
  constexpr size_t kSmall = 32;
  heap_.resize(block.results.size() + kSmall);
  char* to = heap_.data();
  for (uint32_t i = 0; i < block.size(); ++i) {
    size_t at = block.result_at[i], size = block.result_size[i];
    if (size <= kSmall && at + kSmall <= block.results.size()) {
      memcpy(to, block.results.data() + at, kSmall);
    } else {
      memcpy(to, block.results.data() + at, size);
    }
    to += size;
  }
  heap_.resize(to - heap_.data());
}

void Encoder::Stacks(const Keyframe& keyframe, std::string* out) {
  heap_.clear();
  PutVarint(keyframe.size(), &heap_);
  for (const ThreadStack& stack : keyframe) {
    PutVarint(stack.thread, &heap_);
    PutVarint(stack.calls.size(), &heap_);
    int64_t id = 0, start = 0;
    for (const OpenCall& call : stack.calls) {
      PutVarint(ZigZag(call.id - id), &heap_);
      PutVarint(call.function, &heap_);
      PutVarint(call.depth, &heap_);
      PutVarint(ZigZag(call.start_ns - start), &heap_);
      id = call.id;
      start = call.start_ns;
    }
  }
  writer_.Begin(0);
  writer_.Add(kStacks, heap_);
  writer_.Finish(out);
}

Encoder& ThreadEncoder() {
  thread_local Encoder encoder;
  return encoder;
}

void FillZone(const Block& block, ZoneMap* zone) {
  const uint32_t n = block.size();
  zone->first_id = block.first_id;
  zone->calls = n;
  zone->first_start_ns = n ? block.start_ns.front() : 0;
  zone->last_start_ns = n ? block.start_ns.back() : 0;
  int64_t longest = 0;
  uint32_t deepest = 0, exceptions = 0, open = 0;
  for (uint32_t i = 0; i < n; ++i) {
    longest = std::max(longest, block.duration_ns[i]);
    deepest = std::max(deepest, block.depth[i]);
    exceptions += block.outcome[i] == Outcome::kException;
    open += block.duration_ns[i] == kOpen;
  }
  zone->max_duration_ns = longest;
  zone->max_depth = deepest;
  zone->exceptions = exceptions;
  zone->open = open;
}

}  // namespace

void Block::Clear(int64_t first) {
  first_id = first;
  function.clear();
  thread.clear();
  start_ns.clear();
  duration_ns.clear();
  depth.clear();
  outcome.clear();
  start_kind.clear();
  frame.clear();
  args_end.clear();
  args.clear();
  result_at.clear();
  result_size.clear();
  results.clear();
  parent_fixes.clear();
  keyframe.clear();
}

void Encode(const Block& block, EncodedBlock* out, ValueForm form) {
  Encoder& encoder = ThreadEncoder();
  FillZone(block, &out->zone);
  encoder.Calls(block, out);
  encoder.Values(block, form, &out->values);
  encoder.Stacks(block.keyframe, &out->keyframe);
  out->functions = EncodeSet(&out->zone.functions);
  out->threads = EncodeSet(&out->zone.threads);
}

std::string EncodeKeyframe(const Keyframe& keyframe) {
  std::string out;
  ThreadEncoder().Stacks(keyframe, &out);
  return out;
}

}  // namespace pytrace::store
