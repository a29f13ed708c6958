#include "dumper/store/sql_plan.h"

#include <cmath>
#include <cstring>

namespace pytrace::store {
namespace {

constexpr double kLookUpCost = 60;  // a call by its id: mostly a remembered block
constexpr char kFlagValues = 'v', kFlagDescending = 'D';
constexpr int64_t kTimeSlackNs = 1000;  // seconds in a double are exact to some 240 ns

// '=', or the side of the value on which the rows are: '>' and '<', with the value itself 'g' and 'l'.
char Operator(int op) {
  switch (op) {
    case SQLITE_INDEX_CONSTRAINT_EQ:
      return '=';
    case SQLITE_INDEX_CONSTRAINT_GT:
      return '>';
    case SQLITE_INDEX_CONSTRAINT_GE:
      return 'g';
    case SQLITE_INDEX_CONSTRAINT_LT:
      return '<';
    case SQLITE_INDEX_CONSTRAINT_LE:
      return 'l';
    default:
      return 0;
  }
}
bool IsUpper(char op) { return op == '<' || op == 'l'; }
bool IsLower(char op) { return op == '>' || op == 'g'; }

bool IsRange(Role role) {
  return role == Role::kId || role == Role::kStart || role == Role::kTime || role == Role::kDuration;
}
bool IsText(Role role) {
  return role == Role::kFunc || role == Role::kModule || role == Role::kQualname || role == Role::kFile ||
         role == Role::kThread || role == Role::kOutcome;
}

// Part of the calls that remains, by guess.
double Selectivity(Role role, char op) {
  if (op != '=') return role == Role::kDuration ? 0.2 : 0.3;
  switch (role) {
    case Role::kId:
      return 0;
    case Role::kStart:
    case Role::kTime:
      return 1e-6;
    case Role::kParent:
      return 0.001;
    case Role::kFunc:
    case Role::kQualname:
      return 0.02;
    case Role::kOutcome:
    case Role::kModule:
    case Role::kFile:
      return 0.1;
    default:
      return 0.3;
  }
}

// Whether the rows come as the statement wants them anyway; *descending: in the reverse.
bool IsOurOrder(std::span<const Role> roles, bool descends, const sqlite3_index_info& info, bool* descending) {
  if (info.nOrderBy == 0) return false;
  auto role = [&](int i) { return info.aOrderBy[i].iColumn < 0 ? Role::kNone : roles[info.aOrderBy[i].iColumn]; };
  bool desc = info.aOrderBy[0].desc != 0;
  Role first = role(0);
  if (desc && !descends) return false;
  *descending = desc;
  // Many calls may start in the same nanosecond; further terms would order those.
  if (first == Role::kStart || first == Role::kTime) return info.nOrderBy == 1;
  return first == Role::kId && info.nOrderBy == 1;
}

// The outermost integer that may satisfy the constraint; false: the value is no number, and SQLite has to decide.
bool AsInt(sqlite3_value* value, char op, int64_t* out) {
  int type = sqlite3_value_type(value);
  if (type == SQLITE_INTEGER) {
    *out = sqlite3_value_int64(value);
    if (op == '>' && *out < INT64_MAX) ++*out;
    if (op == '<' && *out > INT64_MIN) --*out;
    return true;
  }
  if (type != SQLITE_FLOAT) return false;
  double number = sqlite3_value_double(value);
  number = IsUpper(op) ? std::ceil(number) : std::floor(number);
  if (!(number > -9.2e18 && number < 9.2e18)) return false;
  *out = static_cast<int64_t>(number);
  return true;
}

void Narrow(char op, int64_t value, int64_t slack, int64_t* min, int64_t* max) {
  if (!IsUpper(op)) *min = std::max(*min, value > INT64_MIN + slack ? value - slack : INT64_MIN);
  if (!IsLower(op)) *max = std::min(*max, value < INT64_MAX - slack ? value + slack : INT64_MAX);
}

void NarrowTime(char op, sqlite3_value* value, Plan* plan) {
  int type = sqlite3_value_type(value);
  if (type != SQLITE_INTEGER && type != SQLITE_FLOAT) return;
  double ns = sqlite3_value_double(value) * 1e9;
  if (!(ns > -9.2e18 && ns < 9.2e18)) return;
  Narrow(op, static_cast<int64_t>(ns), kTimeSlackNs, &plan->min_ns, &plan->max_ns);
}

template <class Test>
std::vector<uint32_t> FunctionsWith(const Catalog& catalog, Test test) {
  std::vector<uint32_t> ids;
  for (const auto& [id, function] : catalog.functions()) {
    if (test(function)) ids.push_back(id);
  }
  return ids;
}

template <class Test>
std::vector<uint32_t> ThreadsWith(const Catalog& catalog, Test test) {
  static const Process kNoProcess;
  std::vector<uint32_t> ids;
  for (const auto& [id, thread] : catalog.threads()) {
    const Process* process = catalog.process(thread.process);
    if (test(thread, process ? *process : kNoProcess)) ids.push_back(id);
  }
  return ids;
}

void LimitByText(const Catalog& catalog, Role role, sqlite3_value* value, Plan* plan) {
  if (sqlite3_value_type(value) != SQLITE_TEXT) return;
  const char* bytes = reinterpret_cast<const char*>(sqlite3_value_text(value));
  if (bytes == nullptr) return;
  std::string_view text(bytes, sqlite3_value_bytes(value));
  IdSet& functions = plan->filter.functions;
  switch (role) {
    case Role::kFunc:
      return functions.Limit(FunctionsWith(catalog, [&](const Function& f) { return f.func == text; }));
    case Role::kModule:
      return functions.Limit(FunctionsWith(catalog, [&](const Function& f) { return f.module == text; }));
    case Role::kQualname:
      return functions.Limit(FunctionsWith(catalog, [&](const Function& f) { return f.qualname == text; }));
    case Role::kFile:
      return functions.Limit(FunctionsWith(catalog, [&](const Function& f) { return f.file == text; }));
    case Role::kThread:
      return plan->filter.threads.Limit(
          ThreadsWith(catalog, [&](const Thread& t, const Process&) { return t.name == text; }));
    case Role::kOutcome:
      plan->exceptions_only |= text == "exception";
      return;
    default:
      return;
  }
}

void LimitByNumber(const Catalog& catalog, Role role, int64_t number, Plan* plan) {
  switch (role) {
    case Role::kRun:
      return plan->filter.threads.Limit(
          ThreadsWith(catalog, [&](const Thread&, const Process& p) { return p.run == number; }));
    case Role::kPid:
      return plan->filter.threads.Limit(
          ThreadsWith(catalog, [&](const Thread&, const Process& p) { return p.pid == number; }));
    case Role::kTid:
      return plan->filter.threads.Limit(
          ThreadsWith(catalog, [&](const Thread& t, const Process&) { return t.tid == number; }));
    case Role::kLine:
      return plan->filter.functions.Limit(FunctionsWith(catalog, [&](const Function& f) { return f.line == number; }));
    default:
      return;
  }
}

// The calls below a call are of its thread, come after it, and begin before it ends.
void LimitByParent(SqlContext* context, int64_t parent, Plan* plan) {
  if (parent <= 0) return;
  plan->min_id = std::max(plan->min_id, parent < INT64_MAX ? parent + 1 : parent);
  const auto& zones = context->database().zones();
  size_t zone = context->database().FindBlock(parent);
  if (zone == zones.size() || parent < zones[zone].first_id) return;
  bool gone;
  auto block = context->Block(zone, false, &gone);
  if (!block || parent >= block->next_id()) return;
  int64_t row = parent - block->first_id;
  plan->filter.threads.Limit({block->thread[row]});
  if (block->duration_ns[row] != kOpen) {
    plan->max_ns = std::min(plan->max_ns, block->start_ns[row] + block->duration_ns[row]);
  }
}

void Apply(SqlContext* context, Role role, char op, sqlite3_value* value, Plan* plan) {
  if (role == Role::kTime) return NarrowTime(op, value, plan);
  if (IsText(role)) return LimitByText(context->catalog(), role, value, plan);
  int64_t number;
  if (!AsInt(value, op, &number)) return;
  if (op == '=' && sqlite3_value_type(value) == SQLITE_FLOAT && sqlite3_value_double(value) != number) return;
  int64_t ignored = INT64_MAX;
  switch (role) {
    case Role::kId:
      return Narrow(op, number, 0, &plan->min_id, &plan->max_id);
    case Role::kStart:
      return Narrow(op, number, 0, &plan->min_ns, &plan->max_ns);
    case Role::kDuration:
      return Narrow(op, number, 0, &plan->min_duration_ns, &ignored);
    case Role::kParent:
      return LimitByParent(context, number, plan);
    default:
      return LimitByNumber(context->catalog(), role, number, plan);
  }
}

}  // namespace

bool Plan::MayMatch(const ZoneMap& zone) const {
  if (zone.calls == 0 || !filter.MayMatch(zone)) return false;
  if (zone.last_start_ns < min_ns || zone.first_start_ns > max_ns) return false;
  // Ends that are not in the block say nothing in its zone map.
  if (zone.open > 0) return true;
  return zone.max_duration_ns >= min_duration_ns && (!exceptions_only || zone.exceptions > 0);
}

int BestIndex(SqlContext* context, std::span<const Role> roles, uint64_t value_columns, double rows_a_call,
              bool descends, sqlite3_index_info* info) {
  std::string index;
  double part = 1;
  int arguments = 0;
  bool by_id = false;
  for (int i = 0; i < info->nConstraint; ++i) {
    const auto& constraint = info->aConstraint[i];
    if (!constraint.usable || constraint.iColumn < 0) continue;
    Role role = roles[constraint.iColumn];
    char op = Operator(constraint.op);
    if (role == Role::kNone || op == 0 || (op != '=' && !IsRange(role))) continue;
    // 'F' = func under NOCASE is not our equality.
    if (IsText(role) && strcmp(sqlite3_vtab_collation(info, i), "BINARY") != 0) continue;
    index += {static_cast<char>(role), op};
    info->aConstraintUsage[i].argvIndex = ++arguments;
    part *= Selectivity(role, op);
    by_id |= role == Role::kId && op == '=';
  }
  bool descending = false;
  if (IsOurOrder(roles, descends, *info, &descending)) info->orderByConsumed = 1;
  if (descending && info->orderByConsumed) index += {kFlagDescending, ' '};
  bool values = (info->colUsed & value_columns) != 0;
  if (values) index += {kFlagValues, ' '};
  double calls = context->Calls();
  double rows = std::max(1.0, calls * part * rows_a_call);
  info->estimatedRows = by_id ? static_cast<sqlite3_int64>(std::ceil(rows_a_call)) : static_cast<sqlite3_int64>(rows);
  // What zone maps skip costs little, what they cannot skip is decoded.
  info->estimatedCost = by_id ? kLookUpCost : calls * std::max(part, 0.05) * (values ? 3 : 1) + rows;
  if (by_id && rows_a_call == 1) info->idxFlags |= SQLITE_INDEX_SCAN_UNIQUE;
  info->idxStr = sqlite3_mprintf("%s", index.c_str());
  info->needToFreeIdxStr = 1;
  return info->idxStr == nullptr ? SQLITE_NOMEM : SQLITE_OK;
}

bool MakePlan(SqlContext* context, const char* index, sqlite3_value** values, Plan* plan) {
  *plan = Plan();
  if (!context->Refresh()) return false;
  int argument = 0;
  for (const char* at = index; at != nullptr && at[0] != 0 && at[1] != 0; at += 2) {
    if (at[0] == kFlagValues) {
      plan->values = true;
    } else if (at[0] == kFlagDescending) {
      plan->descending = true;
    } else {
      Apply(context, static_cast<Role>(at[0]), at[1], values[argument++], plan);
    }
  }
  return true;
}

}  // namespace pytrace::store
