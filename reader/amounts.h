// Numbers and durations as people read them.
#ifndef PYTRACE_READER_AMOUNTS_H_
#define PYTRACE_READER_AMOUNTS_H_

#include <cstdint>
#include <string>

namespace pytrace::reader {

std::string Grouped(int64_t number);  // 1,234,567
// 814ns, 10.9µs, 1.02ms, 13.0s; `ascii`: us.
std::string DurationText(int64_t ns, bool ascii);
// Rounded; 0 where there is nothing to have a part of.
int64_t Percent(int64_t part, int64_t all);
bool IsBelow(int64_t part, int64_t percent, int64_t all);
// A difference of times, with a sign so that it is no time of day: +12.000345s.
std::string DifferenceText(int64_t ns);

}  // namespace pytrace::reader

#endif  // PYTRACE_READER_AMOUNTS_H_
