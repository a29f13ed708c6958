// Which characters Python's repr prints as they are.
#ifndef PYTRACE_RINGBUF_RECORD_PRINTABLE_H_
#define PYTRACE_RINGBUF_RECORD_PRINTABLE_H_

#include <cstdint>

namespace pytrace::record {

bool IsPrintable(uint32_t character);

}  // namespace pytrace::record

#endif  // PYTRACE_RINGBUF_RECORD_PRINTABLE_H_
