// Times and durations as people write them.
#ifndef PYTRACE_READER_QUERY_TIMES_H_
#define PYTRACE_READER_QUERY_TIMES_H_

#include <cstdint>
#include <string_view>

namespace pytrace::query {

// [ns, ns + precision_ns): '12:30' stands for a minute, '12:30:01' for a second, '12:30:01.5' for a tenth.
struct TimeLiteral {
  int64_t ns = 0;
  int64_t precision_ns = 1;
};

// 2012/08/15 01:23:45[.frac], the same with - and T, with a Z or +hh:mm behind it (else local time), a date alone,
// 01:23[:45[.frac]] on the day of `first_ns`, +1.5s after `first_ns`, -10s before `last_ns`. false: none of these.
bool ParseTime(std::string_view text, int64_t first_ns, int64_t last_ns, TimeLiteral* out);

// How many nanoseconds a unit of duration has: ns us µs ms s m h; 0: no such unit.
int64_t UnitNs(std::string_view unit);

}  // namespace pytrace::query

#endif  // PYTRACE_READER_QUERY_TIMES_H_
