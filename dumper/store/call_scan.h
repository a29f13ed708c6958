// Walks the calls that a plan lets through, by rising or falling id, decoding only blocks that may have some.
#ifndef PYTRACE_DUMPER_STORE_CALL_SCAN_H_
#define PYTRACE_DUMPER_STORE_CALL_SCAN_H_

#include <memory>

#include "dumper/store/sql_plan.h"

namespace pytrace::store {

class CallScan {
 public:
  // Goes to the first call. False: an error, see context->error().
  bool Start(SqlContext* context, Plan plan);
  bool Next();
  bool at_end() const { return block_ == nullptr; }
  const DecodedBlock& block() const { return *block_; }
  uint32_t row() const { return row_; }
  int64_t id() const { return block_->first_id + row_; }

 private:
  bool EnterBlock();
  bool FindRow();
  bool Matches(uint32_t row) const;

  SqlContext* context_ = nullptr;
  Plan plan_;
  std::shared_ptr<const DecodedBlock> block_;
  uint32_t row_ = 0;
  int64_t at_ = 0;  // where the next block is looked for; ids, as the indexes of zones change when blocks come and go
};

}  // namespace pytrace::store

#endif  // PYTRACE_DUMPER_STORE_CALL_SCAN_H_
