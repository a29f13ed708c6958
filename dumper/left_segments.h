// The segments of a run-time directory, looked at without a database to record them into.
#ifndef PYTRACE_DUMPER_LEFT_SEGMENTS_H_
#define PYTRACE_DUMPER_LEFT_SEGMENTS_H_

#include "dumper/rundir.h"

namespace pytrace::dumper {

bool SegmentsLeft(const Rundir& rundir);
// Whether the process of a segment lives.
bool AnyProducerLives(const Rundir& rundir);
// Removes the segments whose processes are dead, with all that they hold.
void RemoveDeadSegments(const Rundir& rundir);

}  // namespace pytrace::dumper

#endif  // PYTRACE_DUMPER_LEFT_SEGMENTS_H_
