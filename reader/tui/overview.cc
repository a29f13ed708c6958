#include "reader/tui/overview.h"

#include <algorithm>
#include <utility>

namespace pytrace::reader::tui {
namespace {

// The newest block and the one before are written anew while a recording grows.
constexpr size_t kUnsettled = 2;

}  // namespace

void Overview::Reset(bool grown) {
  size_t kept = grown && marks_.size() > kUnsettled ? marks_.size() - kUnsettled : 0;
  reader_.Forget();
  for (size_t page = kept; page < marks_.size(); ++page) events_ -= page_events_[page];
  marks_.resize(kept);
  page_events_.resize(kept);
  if (hit_pages_.size() > kept) {
    hits_ = hit_pages_[kept].before;
    hit_pages_.resize(kept);
  }
}

void Overview::CountHits(EventList::Matcher matches, EventList::EventMatcher may_match) {
  matches_ = std::move(matches);
  may_match_ = std::move(may_match);
  stopped_ = false;
  hits_ = 0;
  hit_pages_.clear();
  for (PageMarks& marks : marks_) marks.hits = 0;
}

int Overview::hits_percent() const {
  return static_cast<int>(100 * hit_pages_.size() / std::max<size_t>(1, window_->pages()));
}

int Overview::percent() const {
  size_t pages = std::max<size_t>(1, window_->pages());
  if (!counted()) return static_cast<int>(100 * marks_.size() / pages);
  return matches_ != nullptr && !stopped_ && !hits_counted() ? hits_percent() : -1;
}

int64_t Overview::HitNumber(size_t page, size_t entry) const {
  if (page >= hit_pages_.size()) return 0;
  const std::vector<uint32_t>& entries = hit_pages_[page].entries;
  auto at = std::lower_bound(entries.begin(), entries.end(), entry);
  return at == entries.end() || *at != entry ? 0 : hit_pages_[page].before + (at - entries.begin()) + 1;
}

void Overview::SumPage() {
  bool marks_only = window_->selection().filters.empty();
  Window::Sums sums = window_->Sum(marks_.size(), marks_only);
  marks_.push_back({0, sums.exceptions, sums.losses});
  page_events_.push_back(std::max<int64_t>(0, sums.events));
  events_ += page_events_.back();
}

void Overview::SearchPage() {
  size_t number = hit_pages_.size();
  HitPage found;
  found.before = hits_;
  std::shared_ptr<const Page> page = window_->Get(number);
  size_t size = page == nullptr ? 0 : page->entries.size();
  for (size_t entry = 0; entry < size; ++entry) {
    EventRef event = window_->At(*page, entry);
    if (may_match_ != nullptr && !may_match_(event)) continue;
    reader_.Read(event, &scratch_.event);
    MakeCallText(scratch_.event, &scratch_.call);
    if (!matches_(scratch_)) continue;
    found.entries.push_back(static_cast<uint32_t>(entry));
    marks_[number].hits |= uint64_t{1} << (64 * entry / size);
  }
  hits_ += static_cast<int64_t>(found.entries.size());
  hit_pages_.push_back(std::move(found));
}

bool Overview::Work(Deadline deadline) {
  auto late = [&] { return std::chrono::steady_clock::now() >= deadline; };
  while (!counted()) {
    if (late()) return true;
    SumPage();
  }
  if (matches_ == nullptr || stopped_) return false;
  while (!hits_counted()) {
    if (late()) return true;
    SearchPage();
  }
  return false;
}

}  // namespace pytrace::reader::tui
