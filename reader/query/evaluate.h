// Runs a plan: over one event, field by field, or over all calls of a block at once, column by column.
#ifndef PYTRACE_READER_QUERY_EVALUATE_H_
#define PYTRACE_READER_QUERY_EVALUATE_H_

#include <cstdint>
#include <deque>
#include <vector>

#include "dumper/store/database.h"
#include "dumper/store/events.h"
#include "reader/query/argument_row.h"
#include "reader/query/plan.h"

namespace pytrace::query {

// What a filter may ask of one event. Negative: the event has no such thing.
struct EventFacts {
  store::EventKind kind = store::EventKind::kCall;
  int64_t time_ns = 0;
  int64_t call_id = 0;
  uint32_t thread = 0;
  uint32_t function = 0;
  int64_t depth = -1;
  int64_t duration_ns = -1;
  int64_t self_ns = -1;
  int64_t children_ns = 0;
  int64_t row = -1;     // in the block that is looked at
  bool is_call = true;  // has a start and an end; false: log, lost
};

class Evaluator {
 public:
  // `database`: for what a filter asks of other calls; may be nullptr.
  Evaluator(Plan plan, const store::Catalog* catalog, store::Database* database);

  bool needs_values() const { return needs_values_ || callers_need_values_; }
  // Whether it asks for parent or children_ns of blocks.
  bool needs_callers() const { return needs_callers_; }
  bool sides_differ() const { return sides_differ_; }
  // The catalogue was read anew.
  void Refresh() {
    plan_.ForgetThreads();
    rows_.Forget();
    for (Plan* plan : structures_) plan->structure->Refresh();
  }
  // What is to be read before the first Match. Whether anything is left.
  bool Prepare(Structure::Deadline deadline);

  void NarrowSpan(int64_t* from_ns, int64_t* until_ns) const { plan_.NarrowSpan(from_ns, until_ns); }
  // false: no event of a call of the block matches.
  bool MayMatch(const store::ZoneMap& zone) { return MayMatch(&plan_, zone); }
  // One byte for each call of the block, 1 where its start (or end) matches; of a call without an end the end may be 1.
  // `ids`: where the rows are not consecutive calls.
  void Match(const store::DecodedBlock& block, Side side, const std::vector<int64_t>* ids, std::vector<uint8_t>* out);
  // To be called before Match for a block.
  void Begin(const store::DecodedBlock& block, const std::vector<int64_t>* ids);
  // All of this at once: 1 where the start or the end of a call matches.
  void MatchCalls(const store::DecodedBlock& block, const std::vector<int64_t>* ids, std::vector<uint8_t>* out);
  // A log or lost row; `text` of a log is its only argument, a str called `log`.
  bool Match(const EventFacts& facts, const std::string* text);

 private:
  struct Columns {
    const store::DecodedBlock& block;
    Side side;
    const std::vector<int64_t>* ids;
  };
  bool MayMatch(Plan* plan, const store::ZoneMap& zone);
  // All ones where arguments decide: what it leaves out cannot match.
  void UpperBound(Plan* plan, const Columns& columns, size_t depth, std::vector<uint8_t>* out);
  void Join(Plan* plan, const Columns& columns, size_t depth, std::vector<uint8_t>* out);
  void ArgumentBound(Plan* plan, const Columns& columns, std::vector<uint8_t>* out);
  bool Ask(const EventFacts& facts);  // with rows_ as its arguments
  bool Test(Plan* plan, const EventFacts& facts, ArgumentRow* current);
  bool TestCallers(Plan* plan, const EventFacts& facts);
  void AddStructures(Plan* plan, store::Database* database);
  bool TestAny(Plan* plan, const EventFacts& facts);

  Plan plan_;
  const store::Catalog& catalog_;
  ArgumentRows rows_;
  bool needs_values_, needs_names_, sides_differ_, needs_facts_, needs_callers_;
  bool callers_need_values_ = false;
  std::vector<Plan*> structures_;  // the parts of the plan that have one
  std::vector<uint8_t> ends_;
  std::deque<std::vector<uint8_t>> scratch_;  // by depth in the plan
};

// The facts of a call's start or end.
EventFacts FactsOf(const store::DecodedBlock& block, uint32_t row, Side side, int64_t call_id);

}  // namespace pytrace::query

#endif  // PYTRACE_READER_QUERY_EVALUATE_H_
