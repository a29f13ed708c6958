// How calls begin and end: the numbers of record.proto's Start and Outcome.
#ifndef PYTRACE_PYSHIM_EVENTS_H_
#define PYTRACE_PYSHIM_EVENTS_H_

#include <cstdint>

namespace pytrace::py {

enum class Start : uint8_t { kCall = 0, kResume = 1, kThrow = 2 };
enum class Outcome : uint8_t { kReturn = 0, kException = 1, kYield = 2 };

}  // namespace pytrace::py

#endif  // PYTRACE_PYSHIM_EVENTS_H_
