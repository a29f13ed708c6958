// What a filter asks about the calls around a call: within(), contains(), caller() and stack. A call matches the filter
// inside the brackets when its start or its end does.
#ifndef PYTRACE_READER_QUERY_STRUCTURE_H_
#define PYTRACE_READER_QUERY_STRUCTURE_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "dumper/store/database.h"
#include "reader/query/predicate.h"
#include "reader/query/stack_tree.h"

namespace pytrace::query {

class Evaluator;

class Structure {
 public:
  enum class Kind { kWithin, kContains, kCaller, kStack };
  using Deadline = std::chrono::steady_clock::time_point;

  // `inner` for all but kStack, which has `stack`. `database` may be nullptr: then only what a block and its keyframe
  // say is known.
  Structure(Kind kind, std::unique_ptr<Evaluator> inner, TextTest stack, store::Database* database,
            const store::Catalog* catalog);
  ~Structure();

  bool needs_values() const;
  // One byte for each call of the block. `ids`: where the rows are not consecutive calls.
  void Mark(const store::DecodedBlock& block, const std::vector<int64_t>* ids, std::vector<uint8_t>* out);
  // The same for one call. false: it was let go.
  bool OfCall(int64_t id, bool* holds);
  // kContains looks at the whole recording first. Whether anything is left; what is left is done by Mark.
  bool Prepare(Deadline deadline);
  void Refresh();

 private:
  void MarkStack(const store::DecodedBlock& block, std::vector<uint8_t>* out);
  void Climb(const store::DecodedBlock& block, std::vector<uint8_t>* containing);
  bool Matches(const store::OpenCall& call, uint32_t thread);
  bool MatchesById(int64_t id, bool* known);

  Kind kind_;
  std::unique_ptr<Evaluator> inner_;
  store::Database* database_;
  const store::Catalog& catalog_;
  std::vector<uint8_t> direct_, last_mask_;
  std::unordered_map<int64_t, uint8_t> open_;             // of the keyframe's calls: what their callees inherit
  std::unordered_map<size_t, std::vector<bool>> blocks_;  // direct matches of blocks that were asked for single calls
  int64_t last_first_id_ = 0;                             // of last_mask_
  store::DecodedBlock other_;
  // kContains: calls with a match inside that lies in a later block; blocks up to `prepared_` are known.
  std::unordered_set<int64_t> containers_;
  size_t prepared_ = 0;
  StackTree stacks_;  // kStack
  std::vector<uint32_t> row_stacks_;
};

}  // namespace pytrace::query

#endif  // PYTRACE_READER_QUERY_STRUCTURE_H_
