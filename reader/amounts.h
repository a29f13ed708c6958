// Numbers and durations as people read them.
#ifndef PYTRACE_READER_AMOUNTS_H_
#define PYTRACE_READER_AMOUNTS_H_

#include <cstdint>
#include <string>

namespace pytrace::reader {

std::string Grouped(int64_t number);  // 1,234,567
// 814ns, 10.9µs, 1.02ms, 13.0s; `ascii`: us.
std::string DurationText(int64_t ns, bool ascii);

}  // namespace pytrace::reader

#endif  // PYTRACE_READER_AMOUNTS_H_
