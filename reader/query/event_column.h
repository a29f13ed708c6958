// A condition on the event itself - its time, depth, duration ... - for all calls of a block at once.
#ifndef PYTRACE_READER_QUERY_EVENT_COLUMN_H_
#define PYTRACE_READER_QUERY_EVENT_COLUMN_H_

#include <cstdint>
#include <vector>

#include "dumper/store/database.h"
#include "dumper/store/events.h"
#include "reader/query/arguments.h"
#include "reader/query/tree.h"

namespace pytrace::query {

store::EventKind KindOf(const store::Block& block, uint32_t row, Side side);

// 1 where the start (or end) of the row's call passes, 0 elsewhere and where it is not known. (*out) has the block's
// size. `ids`: where the rows are not consecutive calls.
void FillEvent(const Leaf& leaf, const store::DecodedBlock& block, Side side, const std::vector<int64_t>* ids,
               std::vector<uint8_t>* out);

}  // namespace pytrace::query

#endif  // PYTRACE_READER_QUERY_EVENT_COLUMN_H_
