// Runs a plan: over one event, field by field, or over all calls of a block at once, column by column.
#ifndef PYTRACE_READER_QUERY_EVALUATE_H_
#define PYTRACE_READER_QUERY_EVALUATE_H_

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dumper/store/database.h"
#include "dumper/store/events.h"
#include "reader/query/arguments.h"
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

// An argument whose texts are made when first asked for.
class ArgumentRow {
 public:
  ArgumentRow(Argument argument, const record::TypeNames* types)
      : name_(argument.name), value_(argument.value), types_(types) {}
  static ArgumentRow OfText(std::string_view name, std::string_view text);

  std::string_view name() const { return name_; }
  const std::string& Text();
  const std::string& Type();
  bool Number(double* out) const { return types_ != nullptr && record::ValueNumber(value_, out); }

 private:
  std::string_view name_, value_;
  const record::TypeNames* types_;
  std::optional<std::string> text_, type_;
};

class Evaluator {
 public:
  Evaluator(Plan plan, const store::Catalog* catalog)
      : plan_(std::move(plan)), catalog_(*catalog), needs_values_(plan_.NeedsArguments()) {}

  bool needs_values() const { return needs_values_; }
  void ForgetThreads() { plan_.ForgetThreads(); }

  // false: no event of a call of the block matches.
  bool MayMatch(const store::ZoneMap& zone) { return MayMatch(&plan_, zone); }
  // One byte for each call of the block, 1 where its start (or end) matches; calls without an end never match by it.
  // `ids`: where the rows are not consecutive calls.
  void Match(const store::DecodedBlock& block, Side side, const std::vector<int64_t>* ids, std::vector<uint8_t>* out);
  bool Match(const EventFacts& facts, std::vector<ArgumentRow>* arguments);

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
  bool Test(Plan* plan, const EventFacts& facts, std::vector<ArgumentRow>* arguments, ArgumentRow* current);
  bool TestAny(Plan* plan, const EventFacts& facts, std::vector<ArgumentRow>* arguments);

  Plan plan_;
  const store::Catalog& catalog_;
  bool needs_values_;
  std::deque<std::vector<uint8_t>> scratch_;  // by depth in the plan
};

// The facts of a call's start or end.
EventFacts FactsOf(const store::DecodedBlock& block, uint32_t row, Side side, int64_t call_id);

}  // namespace pytrace::query

#endif  // PYTRACE_READER_QUERY_EVALUATE_H_
