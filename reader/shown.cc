#include "reader/shown.h"

#include <algorithm>
#include <utility>

namespace pytrace::reader {
namespace {

void And(const std::vector<uint8_t>& mask, std::vector<uint8_t>* bytes) {
  const uint8_t* from = mask.data();
  uint8_t* to = bytes->data();
  for (size_t i = 0, size = bytes->size(); i < size; ++i) to[i] &= from[i];
}

}  // namespace

Shown::Shown(store::Database* database) : database_(database), imports_(&database->catalog()) {}

void Shown::Select(Selection selection) { selection_ = std::move(selection); }

void Shown::Refresh() {
  for (query::Filter* filter : selection_.filters) filter->Refresh();
  const std::vector<store::Run>& runs = database_->catalog().runs();
  run_ = selection_.run != kNewestRun ? selection_.run : runs.empty() ? kAllRuns : runs.back().id;
}

bool Shown::InRun(uint32_t thread) const {
  if (run_ == kAllRuns) return true;
  const store::Process* process = database_->catalog().process_of_thread(thread);
  return process != nullptr && process->run == run_;
}

bool Shown::MayShow(const store::ZoneMap& zone) const {
  if (!std::any_of(zone.threads.begin(), zone.threads.end(), [&](uint32_t thread) { return InRun(thread); }))
    return false;
  return std::all_of(selection_.filters.begin(), selection_.filters.end(),
                     [&](query::Filter* filter) { return filter->MayMatch(zone); });
}

// What a thread ran before __main__ and after it lies outside one span of time: where first and last call are inside,
// all are.
void Shown::HideStartup(const store::DecodedBlock& block, std::vector<uint8_t>* shown) const {
  const store::Catalog& catalog = database_->catalog();
  auto [first, last] = std::minmax_element(block.start_ns.begin(), block.start_ns.end());
  uint32_t thread = 0, size = block.size();
  bool all_inside = false;
  for (uint32_t i = 0; i < size; ++i) {
    if (i == 0 || block.thread[i] != thread) {
      thread = block.thread[i];
      all_inside = !catalog.IsStartup(thread, *first) && !catalog.IsStartup(thread, *last);
    }
    if (!all_inside && catalog.IsStartup(thread, block.start_ns[i])) (*shown)[i] = 0;
  }
}

void Shown::HideImports(const store::DecodedBlock& block, std::vector<uint8_t>* shown) {
  imports_.Mark(block, &importing_);
  for (uint32_t i = 0; i < block.size(); ++i) (*shown)[i] &= static_cast<uint8_t>(!importing_[i]);
}

void Shown::ShowRun(const store::DecodedBlock& block, std::vector<uint8_t>* shown) const {
  uint32_t thread = 0;
  uint8_t in_run = 0;
  for (uint32_t i = 0; i < block.size(); ++i) {
    if (i == 0 || block.thread[i] != thread) in_run = InRun(thread = block.thread[i]);
    (*shown)[i] = in_run;
  }
}

void Shown::Mark(const store::DecodedBlock& block, const store::ZoneMap* zone, const std::vector<int64_t>* ids) {
  const store::Catalog& catalog = database_->catalog();
  auto inside = [&](uint32_t thread) {
    return !catalog.IsStartup(thread, zone->first_start_ns) && !catalog.IsStartup(thread, zone->last_start_ns);
  };
  auto all = [&](auto&& what) {
    return zone != nullptr && std::all_of(zone->threads.begin(), zone->threads.end(), what);
  };
  uint32_t size = block.size();
  starts_.assign(size, 1);
  if (size > 0 && run_ != kAllRuns && !all([&](uint32_t thread) { return InRun(thread); })) ShowRun(block, &starts_);
  if (size > 0 && !selection_.startup && !all(inside)) HideStartup(block, &starts_);
  // Rows that are no block are late ends: their imports have been left out by the caller.
  if (size > 0 && !selection_.startup && zone != nullptr && imports_.MayMark(block, zone->functions)) {
    HideImports(block, &starts_);
  }
  ends_.resize(size);
  const int64_t* durations = block.duration_ns.data();
  uint8_t *starts = starts_.data(), *ends = ends_.data();
  for (uint32_t i = 0; i < size; ++i)
    ends[i] = starts[i] & static_cast<uint8_t>(~static_cast<uint64_t>(durations[i]) >> 63);
  if (!selection_.filters.empty()) unfiltered_ = starts_;
  for (query::Filter* filter : selection_.filters) {
    filter->Match(block, &mask_[0], &mask_[1], ids);
    And(mask_[0], &starts_);
    And(mask_[1], &ends_);
  }
}

bool Shown::needs_values() const {
  return std::any_of(selection_.filters.begin(), selection_.filters.end(),
                     [](query::Filter* filter) { return filter->needs_values(); });
}

bool Shown::needs_callers() const {
  return std::any_of(selection_.filters.begin(), selection_.filters.end(),
                     [](query::Filter* filter) { return filter->needs_callers(); });
}

void Shown::MarkStack(const store::ThreadStack& stack, std::vector<uint8_t>* shown) {
  shown->assign(stack.calls.size(), InRun(stack.thread));
  if (selection_.startup) return;
  imports_.Mark(stack, &importing_);
  for (size_t i = 0; i < stack.calls.size(); ++i) {
    if (importing_[i] || database_->catalog().IsStartup(stack.thread, stack.calls[i].start_ns)) (*shown)[i] = 0;
  }
}

const std::vector<uint8_t>& Shown::Imports(const store::ThreadStack& stack) {
  if (selection_.startup) {
    importing_.assign(stack.calls.size(), 0);
  } else {
    imports_.Mark(stack, &importing_);
  }
  return importing_;
}

}  // namespace pytrace::reader
