#include "reader/tui/child_search.h"

#include <algorithm>
#include <limits>

namespace pytrace::reader::tui {
namespace {

// The block behind those that were begun before the call ended.
size_t EndOf(const store::Database& database, const CallFacts& call) {
  const std::vector<store::ZoneMap>& zones = database.zones();
  if (call.duration_ns < 0) return zones.size();
  int64_t until = call.start_ns + call.duration_ns;
  auto after = std::upper_bound(zones.begin(), zones.end(), until,
                                [](int64_t time, const store::ZoneMap& zone) { return time < zone.first_start_ns; });
  return static_cast<size_t>(after - zones.begin());
}

}  // namespace

ChildSearch::ChildSearch(Window* window, const CallFacts& call, bool longest)
    : ChildSearch(window, call, longest, window->database()->FindBlock(call.id), EndOf(*window->database(), call)) {}

ChildSearch::ChildSearch(Window* window, const CallFacts& call, bool longest, size_t first, size_t end)
    : call_(call), longest_(longest), first_(first), end_(std::max(first, end)), walk_(window, first, end_) {}

int ChildSearch::percent() const {
  return static_cast<int>(100 * (walk_.done() - first_) / std::max<size_t>(1, end_ - first_));
}

bool ChildSearch::Work(Deadline deadline) {
  while (longest_ || found_.id == 0) {
    if (std::chrono::steady_clock::now() >= deadline) return true;
    if (!walk_.Next()) return false;
    for (uint32_t row = 0; row < walk_.block().size(); ++row) {
      if (!walk_.shown(row) || walk_.caller(row).id != call_.id) continue;
      CallFacts child = FactsOf(walk_.block(), row);
      if (found_.id == 0 || (longest_ && child.duration_ns > found_.duration_ns)) found_ = child;
    }
  }
  return false;
}

}  // namespace pytrace::reader::tui
