// Many rings, one order of time.
#ifndef PYTRACE_DUMPER_MERGE_H_
#define PYTRACE_DUMPER_MERGE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "dumper/ring_source.h"

namespace pytrace::dumper {

class Merge {
 public:
  // Takes the records of `sources` with times up to `until`, in the order of time, and stops early after about `budget`
  // bytes. Returns how many bytes it took.
  //
  // `until` must be read from the clock before this is called: then a record that becomes visible too late for this
  // pass is not older than what the pass has taken.
  size_t Run(const std::vector<RingSource*>& sources, int64_t until, size_t budget);

 private:
  std::vector<RingSource*> heap_;
};

}  // namespace pytrace::dumper

#endif  // PYTRACE_DUMPER_MERGE_H_
