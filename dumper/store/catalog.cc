// The names behind the ids.
#include <algorithm>

#include "dumper/store/bounds.h"
#include "dumper/store/database.h"
#include "dumper/store/database_sql.h"
#include "dumper/store/text.h"

namespace pytrace::store {
namespace {

constexpr uint32_t kMaxTypeId = 1u << 20;  // ids count from 1; one that is far beyond is damage

template <class Map, class Key>
auto Find(const Map& map, Key key) -> const typename Map::mapped_type* {
  auto found = map.find(key);
  return found == map.end() ? nullptr : &found->second;
}

}  // namespace

const Function* Catalog::function(uint32_t id) const { return Find(functions_, id); }
const Thread* Catalog::thread(uint32_t id) const { return Find(threads_, id); }
const Process* Catalog::process(int64_t id) const { return Find(processes_, id); }

const Process* Catalog::process_of_thread(uint32_t thread) const {
  const Thread* found = this->thread(thread);
  return found == nullptr ? nullptr : process(found->process);
}

std::string_view Catalog::type_name(int64_t process, uint32_t type) const {
  const std::vector<std::string>* names = Find(types_, process);
  if (names == nullptr || type >= names->size() || (*names)[type].empty()) return "?";
  return (*names)[type];
}

bool Catalog::IsStartup(uint32_t thread, int64_t start_ns) const {
  const Thread* on = this->thread(thread);
  const Process* process = on == nullptr ? nullptr : this->process(on->process);
  // An interpreter that never ran a __main__ is inside some other program: all that it does is that program's.
  if (process == nullptr || process->main_ns == 0) return false;
  return start_ns < process->main_ns || (on->main && process->main_end_ns != 0 && start_ns > process->main_end_ns);
}

bool Database::LoadRuns() {
  Statement& all = sql_->runs;
  if (!all.Prepare(connection_, "SELECT id, started_ns, ended_ns, program FROM main.runs ORDER BY id")) {
    return Failed("reading runs");
  }
  Using use(&all);
  catalog_.runs_.clear();
  while (all.Step()) {
    catalog_.runs_.push_back({all.IntAt(0), Bounded(all.IntAt(1)), Bounded(all.IntAt(2)), std::string(all.TextAt(3))});
  }
  return all.result() == SQLITE_DONE || Failed("reading runs");
}

bool Database::LoadProcesses() {
  Statement& all = sql_->processes;
  if (!all.Prepare(connection_,
                   "SELECT id, run, pid, parent_pid, started_ns, main_ns, main_end_ns, ended_ns, python, mode,"
                   " mode_reason, executable, argv, cwd FROM main.processes")) {
    return Failed("reading processes");
  }
  Using use(&all);
  while (all.Step()) {
    Process& process = catalog_.processes_[all.IntAt(0)];
    process.id = all.IntAt(0);
    process.run = all.IntAt(1);
    process.pid = all.IntAt(2);
    process.parent_pid = all.IntAt(3);
    process.started_ns = Bounded(all.IntAt(4));
    process.main_ns = Bounded(all.IntAt(5));
    process.main_end_ns = Bounded(all.IntAt(6));
    process.ended_ns = Bounded(all.IntAt(7));
    process.python = all.TextAt(8);
    process.mode = all.TextAt(9);
    process.mode_reason = all.TextAt(10);
    process.executable = all.TextAt(11);
    process.argv = all.TextAt(12);
    process.cwd = all.TextAt(13);
  }
  return all.result() == SQLITE_DONE || Failed("reading processes");
}

bool Database::LoadThreads() {
  Statement& all = sql_->threads;
  if (!all.Prepare(connection_, "SELECT id, process, tid, name, main, started_ns, ended_ns FROM main.threads")) {
    return Failed("reading threads");
  }
  Using use(&all);
  while (all.Step()) {
    Thread& thread = catalog_.threads_[static_cast<uint32_t>(all.IntAt(0))];
    thread.id = static_cast<uint32_t>(all.IntAt(0));
    thread.process = all.IntAt(1);
    thread.tid = all.IntAt(2);
    thread.name = all.TextAt(3);
    thread.main = all.IntAt(4) != 0;
    thread.started_ns = Bounded(all.IntAt(5));
    thread.ended_ns = Bounded(all.IntAt(6));
  }
  return all.result() == SQLITE_DONE || Failed("reading threads");
}

// What a function is never changes; only new ones are read.
bool Database::LoadFunctions() {
  Statement& all = sql_->functions;
  if (!all.Prepare(connection_,
                   "SELECT id, run, module, func, qualname, file, line, flags, star, star_star, arguments"
                   " FROM main.functions WHERE id > ? ORDER BY id")) {
    return Failed("reading functions");
  }
  Using use(&all);
  all.Int(newest_function_);
  while (all.Step()) {
    uint32_t id = static_cast<uint32_t>(all.IntAt(0));
    Function& function = catalog_.functions_[id];
    function.id = id;
    function.run = all.IntAt(1);
    function.module = all.TextAt(2);
    function.func = all.TextAt(3);
    function.qualname = all.TextAt(4);
    function.file = all.TextAt(5);
    function.line = static_cast<uint32_t>(all.IntAt(6));
    function.flags = static_cast<uint32_t>(all.IntAt(7));
    function.star = static_cast<uint32_t>(all.IntAt(8));
    function.star_star = static_cast<uint32_t>(all.IntAt(9));
    function.arguments = ParseJsonArray(all.TextAt(10));
    newest_function_ = std::max(newest_function_, id);
  }
  return all.result() == SQLITE_DONE || Failed("reading functions");
}

bool Database::LoadCounters() {
  Statement& all = sql_->counters;
  if (!all.Prepare(connection_, "SELECT id, calls, exceptions, total_ns, self_ns FROM main.functions")) {
    return Failed("reading functions");
  }
  Using use(&all);
  while (all.Step()) {
    auto found = catalog_.functions_.find(static_cast<uint32_t>(all.IntAt(0)));
    if (found == catalog_.functions_.end()) continue;
    Function& function = found->second;
    function.calls = Bounded(all.IntAt(1));
    function.exceptions = Bounded(all.IntAt(2));
    function.total_ns = Bounded(all.IntAt(3));
    function.self_ns = Bounded(all.IntAt(4));
  }
  return all.result() == SQLITE_DONE || Failed("reading functions");
}

bool Database::LoadTypes() {
  Statement& more = sql_->types;
  if (!more.Prepare(connection_, "SELECT id, name FROM main.types WHERE process = ? AND id >= ? ORDER BY id")) {
    return Failed("reading types");
  }
  for (const auto& [id, process] : catalog_.processes_) {
    Using use(&more);
    std::vector<std::string>& names = catalog_.types_[id];
    more.Int(id).Int(static_cast<int64_t>(names.size()));
    while (more.Step()) {
      int64_t type = more.IntAt(0);
      if (type < 0 || type > kMaxTypeId) continue;
      if (type >= static_cast<int64_t>(names.size())) names.resize(type + 1);
      names[type] = more.TextAt(1);
    }
    if (more.result() != SQLITE_DONE) return Failed("reading types");
  }
  return true;
}

}  // namespace pytrace::store
