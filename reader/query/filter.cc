#include "reader/query/filter.h"

#include <utility>

#include "reader/query/evaluate.h"
#include "reader/query/parse.h"

namespace pytrace::query {

FilterContext ContextOf(store::Database& database) {
  FilterContext context;
  context.catalog = &database.catalog();
  context.database = &database;
  if (!database.catalog().runs().empty()) context.first_ns = database.catalog().runs().back().started_ns;
  if (!database.zones().empty()) context.last_ns = database.zones().back().last_start_ns;
  return context;
}

std::unique_ptr<Filter> Filter::Parse(std::string_view text, const FilterContext& context, std::string* error,
                                      size_t* column) {
  Problem problem;
  NodePtr node = ParseFilter(text, {context.first_ns, context.last_ns}, &problem);
  if (node == nullptr) {
    if (error != nullptr) *error = std::move(problem.message);
    if (column != nullptr) *column = problem.column;
    return nullptr;
  }
  std::unique_ptr<Filter> filter(new Filter);
  filter->evaluator_ = std::make_unique<Evaluator>(Plan(std::move(node)), context.catalog, context.database);
  return filter;
}

Filter::~Filter() = default;

bool Filter::needs_values() const { return evaluator_->needs_values(); }
bool Filter::needs_callers() const { return evaluator_->needs_callers(); }
void Filter::NarrowSpan(int64_t* from_ns, int64_t* until_ns) const { evaluator_->NarrowSpan(from_ns, until_ns); }
bool Filter::MayMatch(const store::ZoneMap& zone) { return evaluator_->MayMatch(zone); }
bool Filter::Prepare(std::chrono::steady_clock::time_point deadline) { return evaluator_->Prepare(deadline); }
void Filter::Refresh() { evaluator_->Refresh(); }

void Filter::Match(const store::DecodedBlock& block, std::vector<uint8_t>* starts, std::vector<uint8_t>* ends,
                   const std::vector<int64_t>* ids) {
  evaluator_->Begin(block, ids);
  evaluator_->Match(block, Side::kStart, ids, starts);
  if (evaluator_->sides_differ()) {
    evaluator_->Match(block, Side::kEnd, ids, ends);
  } else {
    *ends = *starts;
  }
  uint8_t* bytes = ends->data();
  const int64_t* durations = block.duration_ns.data();
  for (size_t i = 0; i < ends->size(); ++i)
    bytes[i] &= static_cast<uint8_t>(~static_cast<uint64_t>(durations[i]) >> 63);
}

bool Filter::Match(const store::LogRow& log) {
  EventFacts facts;
  facts.kind = store::EventKind::kLog;
  facts.time_ns = log.time_ns;
  facts.call_id = log.call_id;
  facts.thread = log.thread;
  facts.is_call = false;
  return evaluator_->Match(facts, &log.text);
}

bool Filter::Match(const store::Loss& loss) {
  EventFacts facts;
  facts.kind = store::EventKind::kLost;
  facts.time_ns = loss.time_ns;
  facts.thread = loss.thread;
  facts.is_call = false;
  return evaluator_->Match(facts, nullptr);
}

}  // namespace pytrace::query
