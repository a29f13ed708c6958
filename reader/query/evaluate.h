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
  bool is_call = true;  // has a start and an end; false: log, lost
};

class Evaluator {
 public:
  Evaluator(Plan plan, const store::Catalog* catalog)
      : plan_(std::move(plan)),
        catalog_(*catalog),
        rows_(catalog),
        needs_values_(plan_.NeedsArguments()),
        needs_names_(plan_.NeedsNames()),
        sides_differ_(plan_.SidesDiffer()),
        needs_facts_(plan_.NeedsFacts()) {}

  bool needs_values() const { return needs_values_; }
  bool sides_differ() const { return sides_differ_; }
  // The catalogue was read anew.
  void Refresh() {
    plan_.ForgetThreads();
    rows_.Forget();
  }

  // false: no event of a call of the block matches.
  bool MayMatch(const store::ZoneMap& zone) { return MayMatch(&plan_, zone); }
  // One byte for each call of the block, 1 where its start (or end) matches; of a call without an end the end may be 1.
  // `ids`: where the rows are not consecutive calls.
  void Match(const store::DecodedBlock& block, Side side, const std::vector<int64_t>* ids, std::vector<uint8_t>* out);
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
  bool TestAny(Plan* plan, const EventFacts& facts);

  Plan plan_;
  const store::Catalog& catalog_;
  ArgumentRows rows_;
  bool needs_values_, needs_names_, sides_differ_, needs_facts_;
  std::deque<std::vector<uint8_t>> scratch_;  // by depth in the plan
};

// The facts of a call's start or end.
EventFacts FactsOf(const store::DecodedBlock& block, uint32_t row, Side side, int64_t call_id);

}  // namespace pytrace::query

#endif  // PYTRACE_READER_QUERY_EVALUATE_H_
