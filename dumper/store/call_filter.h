// Which calls are wanted, by function and thread: as a test of a call, and of a whole block through its zone map.
#ifndef PYTRACE_DUMPER_STORE_CALL_FILTER_H_
#define PYTRACE_DUMPER_STORE_CALL_FILTER_H_

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "dumper/store/block.h"

namespace pytrace::store {

// A set of ids; one that was not limited has them all.
class IdSet {
 public:
  // Keeps only what is in `ids`, too.
  void Limit(std::vector<uint32_t> ids) {
    std::sort(ids.begin(), ids.end());
    if (!ids_) {
      ids_ = std::move(ids);
      return;
    }
    std::erase_if(*ids_, [&](uint32_t id) { return !std::binary_search(ids.begin(), ids.end(), id); });
  }
  bool Has(uint32_t id) const { return !ids_ || std::binary_search(ids_->begin(), ids_->end(), id); }
  // `others`: rising.
  bool HasOneOf(const std::vector<uint32_t>& others) const {
    return !ids_ || std::any_of(ids_->begin(), ids_->end(),
                                [&](uint32_t id) { return std::binary_search(others.begin(), others.end(), id); });
  }
  bool limited() const { return ids_.has_value(); }

 private:
  std::optional<std::vector<uint32_t>> ids_;  // rising
};

struct CallFilter {
  IdSet functions, threads;

  bool limited() const { return functions.limited() || threads.limited(); }
  bool MayMatch(const ZoneMap& zone) const {
    return functions.HasOneOf(zone.functions) && threads.HasOneOf(zone.threads);
  }
  bool Matches(uint32_t function, uint32_t thread) const { return functions.Has(function) && threads.Has(thread); }
};

}  // namespace pytrace::store

#endif  // PYTRACE_DUMPER_STORE_CALL_FILTER_H_
