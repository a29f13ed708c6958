#include "dumper/merge.h"

#include <algorithm>

namespace pytrace::dumper {

size_t Merge::Run(const std::vector<RingSource*>& sources, int64_t until, size_t budget) {
  auto later = [](const RingSource* a, const RingSource* b) { return a->head_ns() > b->head_ns(); };
  heap_.clear();
  for (RingSource* source : sources) {
    if (source->Look(until) && source->head_ns() <= until) heap_.push_back(source);
  }
  std::make_heap(heap_.begin(), heap_.end(), later);
  size_t taken = 0;
  while (!heap_.empty() && taken < budget) {
    std::pop_heap(heap_.begin(), heap_.end(), later);
    RingSource* source = heap_.back();
    heap_.pop_back();
    // Most of the time one thread runs for a while: take all that it did before the next one has something to say.
    int64_t limit = heap_.empty() ? until : heap_.front()->head_ns();
    bool more;
    do {
      taken += source->Take(limit, until);
      more = source->Look(until);
    } while (more && source->head_ns() <= limit && taken < budget);
    if (more && source->head_ns() <= until) {
      heap_.push_back(source);
      std::push_heap(heap_.begin(), heap_.end(), later);
    }
  }
  return taken;
}

}  // namespace pytrace::dumper
