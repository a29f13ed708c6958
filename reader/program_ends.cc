#include "reader/program_ends.h"

#include <algorithm>

#include "reader/options.h"

namespace pytrace::reader {

bool Live(const store::Catalog& catalog, int64_t run) {
  if (run == kNewestRun) run = catalog.runs().empty() ? kAllRuns : catalog.runs().back().id;
  return std::any_of(catalog.processes().begin(), catalog.processes().end(), [run](const auto& entry) {
    return entry.second.ended_ns == 0 && (run == kAllRuns || entry.second.run == run);
  });
}

std::vector<const store::Process*> CutOff(const store::Catalog& catalog, int64_t run) {
  std::vector<const store::Process*> found;
  for (const auto& [id, process] : catalog.processes()) {
    if (run != kAllRuns && process.run != run) continue;
    // The __main__ of a fork's child began, for the child, with the child.
    bool forked = process.main_ns <= process.started_ns;
    if (process.ended_ns != 0 && process.main_ns != 0 && process.main_end_ns == 0 && !forked) found.push_back(&process);
  }
  std::sort(found.begin(), found.end(),
            [](const store::Process* a, const store::Process* b) { return a->id < b->id; });
  return found;
}

}  // namespace pytrace::reader
