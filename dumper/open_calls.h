// A ring's stack of open calls as bytes: rings.open_calls, for the dumper that takes over. Varints: how many, then of
// each the difference of its id, serial and start to the call below it, its function * 2 + main, and its children's
// time.
#ifndef PYTRACE_DUMPER_OPEN_CALLS_H_
#define PYTRACE_DUMPER_OPEN_CALLS_H_

#include <string>
#include <string_view>
#include <vector>

#include "dumper/pairing.h"

namespace pytrace::dumper {

std::string EncodeOpenCalls(const std::vector<OpenCall>& calls);
// False: not what EncodeOpenCalls made.
bool DecodeOpenCalls(std::string_view bytes, std::vector<OpenCall>* out);

}  // namespace pytrace::dumper

#endif  // PYTRACE_DUMPER_OPEN_CALLS_H_
