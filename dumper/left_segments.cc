#include "dumper/left_segments.h"

#include "dumper/clock.h"
#include "dumper/guest.h"
#include "ringbuf/drain.h"
#include "ringbuf/record/decode.h"

namespace pytrace::dumper {
namespace {

// Calls use(name, whether its process lives) for each.
template <class Use>
void ForEachSegment(const Rundir& rundir, Use use) {
  for (const std::string& name : rundir.Scan()) {
    ring::AttachError error;
    auto drain = ring::Drain::Attach(rundir.PathOf(name).c_str(), &error);
    if (drain == nullptr) continue;
    record::ProcessInfo info;
    if (!Decode(drain->info(), &info)) info = {};
    use(name, !Guest(drain->facts(), info.pid_namespace, name).Gone(drain->ended(), SteadyNs()));
  }
}

}  // namespace

bool SegmentsLeft(const Rundir& rundir) {
  bool some = false;
  ForEachSegment(rundir, [&](const std::string&, bool) { some = true; });
  return some;
}

bool AnyProducerLives(const Rundir& rundir) {
  bool some = false;
  ForEachSegment(rundir, [&](const std::string&, bool lives) { some |= lives; });
  return some;
}

void RemoveDeadSegments(const Rundir& rundir) {
  ForEachSegment(rundir, [&](const std::string& name, bool lives) {
    if (!lives) rundir.Remove(name);
  });
}

}  // namespace pytrace::dumper
