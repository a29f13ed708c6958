#include "dumper/store/sql_cursors.h"
#include "dumper/store/sql_module.h"
#include "dumper/store/sql_plan.h"

namespace pytrace::store {
namespace {

enum Column { kTime, kKind, kPid, kTid, kDepth, kModule, kFunc, kCallId };

constexpr Role kRoles[] = {Role::kTime, Role::kNone,   Role::kPid,  Role::kTid,
                           Role::kNone, Role::kModule, Role::kFunc, Role::kId};
constexpr double kRowsACall = 2;

// The newest call that had started by `ns`, or the first: all events from then on come after its start.
int64_t CallBefore(const std::vector<ZoneMap>& zones, int64_t ns) {
  auto after = std::upper_bound(zones.begin(), zones.end(), ns,
                                [](int64_t value, const ZoneMap& zone) { return value < zone.first_start_ns; });
  return after == zones.begin() ? 0 : after[-1].first_id;
}

}  // namespace

int TracesCursor::BestIndex(SqlContext* context, sqlite3_index_info* info) {
  // Events are in the order of time, not of calls: a range of ids is of no use, and no order.
  int result = store::BestIndex(context, kRoles, 0, kRowsACall, false, info);
  if (info->nOrderBy > 0 && info->aOrderBy[0].iColumn != kTime) info->orderByConsumed = 0;
  return result;
}

bool TracesCursor::Start(const char* index, sqlite3_value** values) {
  walker_ = nullptr;
  events_.clear();
  next_event_ = 0;
  rowid_ = -1;
  if (!MakePlan(context_, index, values, &plan_)) return false;
  if (plan_.min_id == plan_.max_id) return StartOfCall(plan_.min_id) && Next();
  int64_t first_id = plan_.min_ns == INT64_MIN ? 0 : CallBefore(context_->database().zones(), plan_.min_ns);
  walker_ = std::make_unique<EventWalker>(&context_->database(), first_id, false, plan_.filter);
  return Next();
}

// The two events of a call, and the notes made in it, in the order of time.
bool TracesCursor::StartOfCall(int64_t id) {
  Plan one;
  one.min_id = one.max_id = id;
  CallScan scan;
  if (!scan.Start(context_, one)) return false;
  if (!scan.at_end()) {
    const DecodedBlock& block = scan.block();
    const uint32_t row = scan.row();
    Event event = {};
    event.kind = block.start_kind[row] == store::Start::kCall ? EventKind::kCall : EventKind::kResume;
    event.time_ns = block.start_ns[row];
    event.call_id = id;
    event.thread = block.thread[row];
    event.function = block.function[row];
    event.depth = block.depth[row];
    events_.push_back(event);
    if (block.duration_ns[row] != kOpen) {
      event.kind = KindOf(block.outcome[row]);
      event.time_ns += block.duration_ns[row];
      events_.push_back(event);
    }
  }
  return true;
}

bool TracesCursor::Next() {
  ++rowid_;
  if (walker_ == nullptr) {
    at_end_ = next_event_ == events_.size();
    if (!at_end_) event_ = events_[next_event_++];
    return true;
  }
  do {
    at_end_ = !walker_->Next(&event_) || event_.time_ns > plan_.max_ns;
  } while (!at_end_ && event_.time_ns < plan_.min_ns);
  return !(at_end_ && walker_->failed());
}

void TracesCursor::Column(sqlite3_context* out, int column) const {
  const Catalog& catalog = context_->catalog();
  const Function* function = catalog.function(event_.function);
  switch (column) {
    case kTime:
      return sqlite3_result_double(out, static_cast<double>(event_.time_ns) / 1e9);
    case kKind:
      return sqlite3_result_text(out, KindName(event_.kind), -1, SQLITE_STATIC);
    case kDepth:
      return sqlite3_result_int64(out, event_.depth);
    case kModule:
      return function ? ResultText(out, function->module) : void();
    case kFunc:
      return function ? ResultText(out, function->func) : void();
    case kCallId:
      return ResultIntOrNull(out, event_.call_id);
    default:
      break;
  }
  const Thread* thread = catalog.thread(event_.thread);
  const Process* process = catalog.process_of_thread(event_.thread);
  if (column == kTid && thread) sqlite3_result_int64(out, thread->tid);
  if (column == kPid && process) sqlite3_result_int64(out, process->pid);
}

}  // namespace pytrace::store
