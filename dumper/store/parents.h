// The rule by which a block's parents follow from thread and depth.
#ifndef PYTRACE_DUMPER_STORE_PARENTS_H_
#define PYTRACE_DUMPER_STORE_PARENTS_H_

#include <cstdint>
#include <vector>

#include "dumper/store/block.h"

namespace pytrace::store {

// parent[row]: the newest earlier call of the thread that is one less deep, among the block's calls and those of its
// keyframe, or what a ParentFix says; 0: none.
void FindParents(const Block& block, std::vector<int64_t>* parent);

}  // namespace pytrace::store

#endif  // PYTRACE_DUMPER_STORE_PARENTS_H_
