#include "dumper/store/sql_cursors.h"
#include "dumper/store/sql_module.h"
#include "dumper/store/sql_plan.h"

namespace pytrace::store {
namespace {

enum Column {
  kId,
  kParentId,
  kRun,
  kPid,
  kTid,
  kThread,
  kModule,
  kFunc,
  kQualname,
  kFile,
  kLine,
  kDepth,
  kStartNs,
  kEndNs,
  kDurationNs,
  kSelfNs,
  kOutcome,
  kResultType,
  kResult,
  kFrame,
  kTask,
};

constexpr Role kRoles[] = {
    Role::kId,       Role::kParent,   Role::kRun,     Role::kPid,  Role::kTid,  Role::kThread, Role::kModule,
    Role::kFunc,     Role::kQualname, Role::kFile,    Role::kLine, Role::kNone, Role::kStart,  Role::kNone,
    Role::kDuration, Role::kNone,     Role::kOutcome, Role::kNone, Role::kNone, Role::kNone,   Role::kNone,
};
constexpr uint64_t kValueColumns = 1u << kResultType | 1u << kResult;

const char* OutcomeName(Outcome outcome) {
  switch (outcome) {
    case Outcome::kReturn:
      return "return";
    case Outcome::kException:
      return "exception";
    case Outcome::kYield:
      return "yield";
    case Outcome::kNone:
      break;
  }
  return nullptr;
}

}  // namespace

int CallsCursor::BestIndex(SqlContext* context, sqlite3_index_info* info) {
  return store::BestIndex(context, kRoles, kValueColumns, 1, true, info);
}

bool CallsCursor::Start(const char* index, sqlite3_value** values) {
  Plan plan;
  return MakePlan(context_, index, values, &plan) && scan_.Start(context_, std::move(plan));
}

void CallsCursor::Column(sqlite3_context* out, int column) const {
  const DecodedBlock& block = scan_.block();
  const uint32_t row = scan_.row();
  const int64_t duration = block.duration_ns[row];
  switch (column) {
    case kId:
      return sqlite3_result_int64(out, scan_.id());
    case kParentId:
      return ResultIntOrNull(out, block.parent[row]);
    case kDepth:
      return sqlite3_result_int64(out, block.depth[row]);
    case kStartNs:
      return sqlite3_result_int64(out, block.start_ns[row]);
    case kEndNs:
      if (duration != kOpen) sqlite3_result_int64(out, block.start_ns[row] + duration);
      return;
    case kDurationNs:
      if (duration != kOpen) sqlite3_result_int64(out, duration);
      return;
    case kSelfNs:
      if (duration != kOpen) sqlite3_result_int64(out, duration - block.children_ns[row]);
      return;
    case kOutcome:
      if (const char* name = OutcomeName(block.outcome[row])) sqlite3_result_text(out, name, -1, SQLITE_STATIC);
      return;
    case kFrame:
      return ResultIntOrNull(out, static_cast<int64_t>(block.frame[row]));
    case kTask:
      return TaskColumn(out);
    case kResultType:
    case kResult:
      return ResultColumn(out, column);
    default:
      return column <= kThread ? ThreadColumn(out, column) : FunctionColumn(out, column);
  }
}

void CallsCursor::ThreadColumn(sqlite3_context* out, int column) const {
  const Thread* thread = context_->catalog().thread(scan_.block().thread[scan_.row()]);
  const Process* process = thread ? context_->catalog().process(thread->process) : nullptr;
  switch (column) {
    case kRun:
      return process ? sqlite3_result_int64(out, process->run) : void();
    case kPid:
      return process ? sqlite3_result_int64(out, process->pid) : void();
    case kTid:
      return thread ? sqlite3_result_int64(out, thread->tid) : void();
    default:
      return thread ? ResultText(out, thread->name) : void();
  }
}

void CallsCursor::TaskColumn(sqlite3_context* out) const {
  const DecodedBlock& block = scan_.block();
  const uint64_t frame = block.frame[scan_.row()];
  const Thread* thread = context_->catalog().thread(block.thread[scan_.row()]);
  if (frame == 0 || thread == nullptr) return;
  std::string name;
  if (context_->database().TaskOf(thread->process, frame, scan_.id(), &name)) ResultText(out, name);
}

void CallsCursor::FunctionColumn(sqlite3_context* out, int column) const {
  const Function* function = context_->catalog().function(scan_.block().function[scan_.row()]);
  if (function == nullptr) return column == kLine ? void() : ResultText(out, "?");
  switch (column) {
    case kModule:
      return ResultText(out, function->module);
    case kFunc:
      return ResultText(out, function->func);
    case kQualname:
      return ResultText(out, function->qualname);
    case kFile:
      return ResultText(out, function->file);
    default:
      return sqlite3_result_int64(out, function->line);
  }
}

void CallsCursor::ResultColumn(sqlite3_context* out, int column) const {
  const DecodedBlock& block = scan_.block();
  const uint32_t row = scan_.row();
  if (block.outcome[row] == Outcome::kNone) return;
  std::string_view value = block.Result(row);
  ResultText(out, column == kResult ? context_->ValueText(block.thread[row], value)
                                    : context_->ValueType(block.thread[row], value));
}

}  // namespace pytrace::store
