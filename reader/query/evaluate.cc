#include "reader/query/evaluate.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "reader/query/event_column.h"

namespace pytrace::query {
namespace {

using store::EventKind;
using store::Outcome;

bool TestEvent(const Leaf& leaf, const EventFacts& facts) {
  switch (leaf.field) {
    case Field::kTime:
      return leaf.range(facts.time_ns);
    case Field::kKind:
      return leaf.text(store::KindName(facts.kind));
    case Field::kId:
      return facts.call_id > 0 && leaf.range(facts.call_id);
    case Field::kDepth:
      return facts.depth >= 0 && leaf.range(facts.depth);
    case Field::kDuration:
      return facts.duration_ns >= 0 && leaf.range(facts.duration_ns);
    case Field::kSelf:
      return facts.duration_ns >= 0 && leaf.range(facts.self_ns);
    case Field::kOpen:
      return facts.is_call && leaf.range(facts.duration_ns < 0);
    case Field::kLeaf:
      return facts.duration_ns >= 0 && leaf.range(facts.children_ns == 0);
    default:
      return false;
  }
}

bool TestArgument(Plan* plan, ArgumentRow* row) {
  switch (plan->leaf.field) {
    case Field::kArg:
      return plan->leaf.text(row->name());
    case Field::kType:
      return plan->leaf.text(row->Type());
    default:
      return row->HasValue(plan->leaf, &plan->test);
  }
}

}  // namespace

EventFacts FactsOf(const store::DecodedBlock& block, uint32_t row, Side side, int64_t call_id) {
  EventFacts facts;
  facts.kind = KindOf(block, row, side);
  facts.call_id = call_id;
  facts.thread = block.thread[row];
  facts.function = block.function[row];
  facts.depth = block.depth[row];
  facts.duration_ns = block.duration_ns[row];
  facts.children_ns = block.children_ns.empty() ? 0 : block.children_ns[row];
  facts.row = row;
  facts.self_ns = facts.duration_ns < 0 ? -1 : facts.duration_ns - facts.children_ns;
  facts.time_ns = block.start_ns[row] + (side == Side::kEnd ? facts.duration_ns : 0);
  return facts;
}

Evaluator::Evaluator(Plan plan, const store::Catalog* catalog, store::Database* database)
    : plan_(std::move(plan)),
      catalog_(*catalog),
      rows_(catalog),
      needs_values_(plan_.NeedsArguments()),
      needs_names_(plan_.NeedsNames()),
      sides_differ_(plan_.SidesDiffer()),
      needs_facts_(plan_.NeedsFacts()),
      needs_callers_(plan_.NeedsCallers()) {
  AddStructures(&plan_, database);
}

void Evaluator::AddStructures(Plan* plan, store::Database* database) {
  for (Plan& child : plan->children) AddStructures(&child, database);
  if (plan->kind != Plan::Kind::kCallers) return;
  std::unique_ptr<Evaluator> inner;
  if (plan->inner != nullptr) inner = std::make_unique<Evaluator>(Plan(std::move(plan->inner)), &catalog_, database);
  plan->structure = std::make_unique<Structure>(plan->callers, std::move(inner), plan->leaf.text, database, &catalog_);
  callers_need_values_ |= plan->structure->needs_values();
  structures_.push_back(plan);
}

bool Evaluator::Prepare(Structure::Deadline deadline) {
  return std::any_of(structures_.begin(), structures_.end(),
                     [&](Plan* plan) { return plan->structure->Prepare(deadline); });
}

void Evaluator::Begin(const store::DecodedBlock& block, const std::vector<int64_t>* ids) {
  for (Plan* plan : structures_) {
    plan->structure->Mark(block, ids, &plan->mask);
    if (!plan->negated) continue;
    for (uint8_t& bit : plan->mask) bit ^= 1;
  }
}

void Evaluator::MatchCalls(const store::DecodedBlock& block, const std::vector<int64_t>* ids,
                           std::vector<uint8_t>* out) {
  Begin(block, ids);
  Match(block, Side::kStart, ids, out);
  if (!sides_differ_) return;
  Match(block, Side::kEnd, ids, &ends_);
  for (uint32_t row = 0; row < block.size(); ++row)
    (*out)[row] |= ends_[row] & static_cast<uint8_t>(block.duration_ns[row] >= 0);
}

bool Evaluator::TestCallers(Plan* plan, const EventFacts& facts) {
  if (facts.row >= 0) return plan->mask[static_cast<size_t>(facts.row)];
  // A log is in its call. Of a loss nothing is known.
  bool holds = false;
  return !facts.is_call && plan->structure->OfCall(facts.call_id, &holds) && holds != plan->negated;
}

bool Evaluator::MayMatch(Plan* plan, const store::ZoneMap& zone) {
  auto child = [&](Plan& one) { return MayMatch(&one, zone); };
  auto function = [&](uint32_t id) { return plan->HasFunction(catalog_, id); };
  constexpr int64_t kEver = std::numeric_limits<int64_t>::max();
  switch (plan->kind) {
    case Plan::Kind::kAnd:
      return std::all_of(plan->children.begin(), plan->children.end(), child);
    case Plan::Kind::kOr:
      return std::any_of(plan->children.begin(), plan->children.end(), child);
    case Plan::Kind::kFunctions:
      return std::any_of(zone.functions.begin(), zone.functions.end(), function);
    case Plan::Kind::kThreads:
      return std::any_of(zone.threads.begin(), zone.threads.end(),
                         [&](uint32_t id) { return plan->HasThread(catalog_, id); });
    case Plan::Kind::kArgument:
    case Plan::Kind::kNamed:
      return plan->MayBeResult("return value") || plan->MayBeResult("exception") || plan->MayBeResult("yield value") ||
             std::any_of(zone.functions.begin(), zone.functions.end(), function);
    case Plan::Kind::kAny:
      return MayMatch(&plan->children[0], zone);
    case Plan::Kind::kNotAny:
    case Plan::Kind::kCallers:
      return true;
    case Plan::Kind::kEvent:
      break;
  }
  const Leaf& leaf = plan->leaf;
  int64_t longest = zone.open > 0 ? kEver : zone.max_duration_ns;
  switch (leaf.field) {
    case Field::kTime:
      return leaf.range.MayPass(zone.first_start_ns, zone.open > 0 ? kEver : zone.last_start_ns + longest);
    case Field::kDepth:
      return leaf.range.MayPass(0, zone.max_depth);
    case Field::kId:
      return leaf.range.MayPass(zone.first_id, zone.first_id + zone.calls - 1);
    case Field::kDuration:
      return leaf.range.MayPass(0, longest);
    case Field::kOpen:
      return leaf.range.MayPass(0, zone.open > 0);
    case Field::kKind: {
      bool exceptions = zone.exceptions > 0 || zone.open > 0;
      for (EventKind kind : {EventKind::kCall, EventKind::kResume, EventKind::kReturn, EventKind::kYield}) {
        if (leaf.text(store::KindName(kind))) return true;
      }
      return exceptions && leaf.text(store::KindName(EventKind::kException));
    }
    default:
      return true;
  }
}

void Evaluator::Join(Plan* plan, const Columns& columns, size_t depth, std::vector<uint8_t>* out) {
  bool all = plan->kind == Plan::Kind::kAnd;
  if (plan->children.empty() || out->empty()) {
    std::fill(out->begin(), out->end(), all);
    return;
  }
  if (scratch_.size() <= depth) scratch_.resize(depth + 1);
  UpperBound(&plan->children[0], columns, depth + 1, out);
  for (size_t i = 1; i < plan->children.size(); ++i) {
    if (std::memchr(out->data(), all, out->size()) == nullptr) return;  // decided for all rows
    std::vector<uint8_t>& other = scratch_[depth];
    other.resize(out->size());
    UpperBound(&plan->children[i], columns, depth + 1, &other);
    for (size_t k = 0; k < out->size(); ++k) (*out)[k] = all ? (*out)[k] & other[k] : (*out)[k] | other[k];
  }
}

void Evaluator::ArgumentBound(Plan* plan, const Columns& columns, std::vector<uint8_t>* out) {
  const store::Block& block = columns.block;
  if (columns.side == Side::kStart) {
    plan->MarkFunctions(catalog_, block.function, out);
    return;
  }
  uint8_t by_outcome[4];
  for (int outcome = 0; outcome < 4; ++outcome)
    by_outcome[outcome] = plan->MayBeResult(ResultName(static_cast<Outcome>(outcome)));
  for (uint32_t i = 0; i < block.size(); ++i) (*out)[i] = by_outcome[static_cast<size_t>(block.outcome[i]) & 3];
}

void Evaluator::UpperBound(Plan* plan, const Columns& columns, size_t depth, std::vector<uint8_t>* out) {
  const store::DecodedBlock& block = columns.block;
  switch (plan->kind) {
    case Plan::Kind::kAnd:
    case Plan::Kind::kOr:
      Join(plan, columns, depth, out);
      break;
    case Plan::Kind::kFunctions:
      plan->MarkFunctions(catalog_, block.function, out);
      break;
    case Plan::Kind::kThreads:
      for (uint32_t i = 0; i < block.size(); ++i) (*out)[i] = plan->HasThread(catalog_, block.thread[i]);
      break;
    case Plan::Kind::kEvent:
      FillEvent(plan->leaf, block, columns.side, columns.ids, out);
      break;
    case Plan::Kind::kArgument:
    case Plan::Kind::kNamed:
      ArgumentBound(plan, columns, out);
      break;
    case Plan::Kind::kAny:
      UpperBound(&plan->children[0], columns, depth, out);
      break;
    case Plan::Kind::kNotAny:
      std::fill(out->begin(), out->end(), 1);
      break;
    case Plan::Kind::kCallers:
      std::copy(plan->mask.begin(), plan->mask.end(), out->begin());
      break;
  }
}

void Evaluator::Match(const store::DecodedBlock& block, Side side, const std::vector<int64_t>* ids,
                      std::vector<uint8_t>* out) {
  out->assign(block.size(), 0);
  UpperBound(&plan_, {block, side, ids}, 0, out);
  if (!needs_values_) return;
  // What the bound says of the other conditions is exact.
  Plan* value = plan_.OnlyValue();
  EventFacts facts;
  for (uint32_t i = 0; i < block.size(); ++i) {
    if (!(*out)[i] || (side == Side::kEnd && block.duration_ns[i] < 0)) continue;
    if (value != nullptr) {
      (*out)[i] = rows_.AnyHasValue(value->leaf, &value->test, block, i, side);
      continue;
    }
    rows_.Read(block, i, side, needs_names_);
    if (needs_facts_) facts = FactsOf(block, i, side, ids != nullptr ? (*ids)[i] : block.first_id + i);
    (*out)[i] = Ask(facts);
  }
}

bool Evaluator::Match(const EventFacts& facts, const std::string* text) {
  rows_.Clear();
  if (text != nullptr) rows_.SetText("log", *text);
  return Ask(facts);
}

bool Evaluator::Ask(const EventFacts& facts) {
  if (!needs_values_ || rows_.empty()) return Test(&plan_, facts, nullptr);
  return TestAny(&plan_, facts);
}

bool Evaluator::TestAny(Plan* plan, const EventFacts& facts) {
  return std::any_of(rows_.begin(), rows_.end(), [&](ArgumentRow& row) { return Test(plan, facts, &row); });
}

bool Evaluator::Test(Plan* plan, const EventFacts& facts, ArgumentRow* current) {
  auto test = [&](Plan& child) { return Test(&child, facts, current); };
  switch (plan->kind) {
    case Plan::Kind::kAnd:
      return std::all_of(plan->children.begin(), plan->children.end(), test);
    case Plan::Kind::kOr:
      return std::any_of(plan->children.begin(), plan->children.end(), test);
    case Plan::Kind::kFunctions:
      return plan->HasFunction(catalog_, facts.function);
    case Plan::Kind::kThreads:
      return plan->HasThread(catalog_, facts.thread);
    case Plan::Kind::kEvent:
      return TestEvent(plan->leaf, facts);
    case Plan::Kind::kArgument:
      return current != nullptr && TestArgument(plan, current);
    case Plan::Kind::kNamed:
      return std::any_of(rows_.begin(), rows_.end(), [&](ArgumentRow& row) {
        return row.name() == plan->leaf.name && row.HasValue(plan->leaf, &plan->test);
      });
    case Plan::Kind::kAny:
      return TestAny(&plan->children[0], facts);
    case Plan::Kind::kNotAny:
      return !TestAny(&plan->children[0], facts);
    case Plan::Kind::kCallers:
      return TestCallers(plan, facts);
  }
  return false;
}

}  // namespace pytrace::query
