// A ring's stacks of open calls as bytes: rings.open_calls, for the dumper that takes over. Varints: of the strand that
// runs how many, then of each the difference of its id, serial and start to the call below it, its function * 2 + main,
// and its children's time. Where there are other strands (greenlets) follow the id of the one that runs, and of each
// that waits its id, its thread and its calls in the same way.
#ifndef PYTRACE_DUMPER_OPEN_CALLS_H_
#define PYTRACE_DUMPER_OPEN_CALLS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dumper/pairing.h"

namespace pytrace::dumper {

std::string EncodeOpenCalls(const RingCalls& ring);
// Sets `open`, `strand` and `waiting`. False: not what EncodeOpenCalls made, or calls beyond `newest_call`; then they
// are as of a new ring.
bool DecodeOpenCalls(std::string_view bytes, int64_t newest_call, RingCalls* ring);

}  // namespace pytrace::dumper

#endif  // PYTRACE_DUMPER_OPEN_CALLS_H_
