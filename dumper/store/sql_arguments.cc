#include "dumper/store/sql_cursors.h"
#include "dumper/store/sql_module.h"
#include "dumper/store/sql_plan.h"
#include "ringbuf/record/value_text.h"

namespace pytrace::store {
namespace {

enum Column { kCallId, kPosition, kName, kType, kValue };

constexpr Role kRoles[] = {Role::kId, Role::kNone, Role::kNone, Role::kNone, Role::kNone};
constexpr uint64_t kAllColumns = ~uint64_t{0};  // even how many rows there are follows from the values
constexpr double kRowsACall = 3;

const char* ResultName(Outcome outcome) {
  switch (outcome) {
    case Outcome::kException:
      return "exception";
    case Outcome::kYield:
      return "yield value";
    default:
      return "return value";
  }
}

}  // namespace

int ArgumentsCursor::BestIndex(SqlContext* context, sqlite3_index_info* info) {
  int result = store::BestIndex(context, kRoles, kAllColumns, kRowsACall, false, info);
  bool by_call = info->nOrderBy == 2 && info->aOrderBy[0].iColumn == kCallId && !info->aOrderBy[0].desc;
  if (by_call && info->aOrderBy[1].iColumn == kPosition && !info->aOrderBy[1].desc) info->orderByConsumed = 1;
  return result;
}

bool ArgumentsCursor::Start(const char* index, sqlite3_value** values) {
  Plan plan;
  rowid_ = 0;
  if (!MakePlan(context_, index, values, &plan)) return false;
  plan.values = true;
  if (!scan_.Start(context_, std::move(plan))) return false;
  if (scan_.at_end()) return true;
  EnterCall();
  return FindValue();
}

bool ArgumentsCursor::Next() {
  ++rowid_;
  return FindValue();
}

void ArgumentsCursor::EnterCall() {
  rest_ = scan_.block().Args(scan_.row());
  position_ = -1;
  is_result_ = false;
}

bool ArgumentsCursor::FindValue() {
  while (!NextOfCall()) {
    if (!scan_.Next()) return false;
    if (scan_.at_end()) return true;
    EnterCall();
  }
  return true;
}

bool ArgumentsCursor::NextOfCall() {
  if (is_result_) return false;
  while (record::NextValue(&rest_, &value_)) {
    ++position_;
    if (!record::IsUnbound(value_)) return true;
  }
  const DecodedBlock& block = scan_.block();
  const uint32_t row = scan_.row();
  is_result_ = true;
  const Function* function = context_->catalog().function(block.function[row]);
  int names = function ? static_cast<int>(function->arguments.size()) : 0;
  position_ = std::max(position_ + 1, names);
  value_ = block.Result(row);
  return block.outcome[row] != Outcome::kNone;
}

void ArgumentsCursor::Column(sqlite3_context* out, int column) const {
  const DecodedBlock& block = scan_.block();
  const uint32_t row = scan_.row();
  switch (column) {
    case kCallId:
      return sqlite3_result_int64(out, scan_.id());
    case kPosition:
      return sqlite3_result_int64(out, position_);
    case kType:
      return ResultText(out, context_->ValueType(block.thread[row], value_));
    case kValue:
      return ResultText(out, context_->ValueText(block.thread[row], value_));
    default:
      break;
  }
  if (is_result_) return sqlite3_result_text(out, ResultName(block.outcome[row]), -1, SQLITE_STATIC);
  const Function* function = context_->catalog().function(block.function[row]);
  bool named = function != nullptr && position_ < static_cast<int>(function->arguments.size());
  ResultText(out, named ? std::string_view(function->arguments[position_]) : "?");
}

}  // namespace pytrace::store
