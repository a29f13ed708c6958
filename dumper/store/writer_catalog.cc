// The names behind the ids: runs, processes, threads, functions, types; and where a dumper that takes over goes on.
#include <unistd.h>

#include <algorithm>

#include "dumper/store/sqlite_writer.h"
#include "dumper/store/text.h"

namespace pytrace::store {
namespace {

// What makes two functions of a run the same. Two lambdas of one line, or two methods that dataclasses makes, may
// differ in their arguments only.
std::string FunctionKey(std::string_view module, std::string_view qualname, std::string_view file, int64_t line,
                        std::string_view arguments) {
  std::string key;
  key.reserve(module.size() + qualname.size() + file.size() + arguments.size() + 24);
  key.append(module).append(1, '\0').append(qualname).append(1, '\0').append(file).append(1, '\0');
  return key.append(std::to_string(line)).append(1, '\0').append(arguments);
}

}  // namespace

// A reboot takes the segments with it: processes that are not ended and have none will never be.
bool SqliteWriter::EndLostProcesses() {
  if (options_.rundir.empty()) return true;
  Statement live(db_,
                 "SELECT p.id, p.segment, max(coalesce(max(r.last_ns), 0), p.started_ns)"
                 " FROM processes p LEFT JOIN rings r ON r.process = p.id WHERE p.ended_ns IS NULL GROUP BY p.id");
  if (!live.ok()) return false;
  std::vector<std::pair<int64_t, int64_t>> lost;
  while (live.Step()) {
    std::string segment = options_.rundir + "/" + std::string(live.TextAt(1));
    if (access(segment.c_str(), F_OK) != 0) lost.emplace_back(live.IntAt(0), live.IntAt(2));
  }
  bool read = live.result() == SQLITE_DONE;
  live.Reset();
  for (auto [process, ended_ns] : lost) EndProcess(process, ended_ns);
  return read && Commit();
}

bool SqliteWriter::FindProcess(std::string_view segment, ProcessState* out) {
  if (failed_) return false;
  Statement& find = sql_->find_process;
  if (!find.Prepare(db_, "SELECT id, run, main_ns, ended_ns FROM processes WHERE segment = ?")) {
    Fail();
    return false;
  }
  bool found = find.Text(segment).Step();
  if (found) {
    *out = ProcessState();
    out->process = find.IntAt(0);
    out->run = find.IntAt(1);
    out->main_seen = !find.IsNull(2);
    out->ended = !find.IsNull(3);
  } else if (find.result() != SQLITE_DONE) {
    Fail();
  }
  find.Reset();
  return found && LoadRings(out) && LoadFunctionIds(out) && LoadTasks(out);
}

bool SqliteWriter::LoadRings(ProcessState* out) {
  Statement& rings = sql_->rings_of;
  if (!rings.Prepare(db_,
                     "SELECT ring, generation, thread, position, last_ticks, last_ns, next_call, open_calls"
                     " FROM rings WHERE process = ? ORDER BY ring")) {
    Fail();
    return false;
  }
  rings.Int(out->process);
  while (rings.Step()) {
    RingRow row;
    row.ring = static_cast<uint32_t>(rings.IntAt(0));
    row.generation = static_cast<uint64_t>(rings.IntAt(1));
    row.thread = static_cast<uint32_t>(rings.IntAt(2));
    row.position = static_cast<uint64_t>(rings.IntAt(3));
    row.last_ticks = static_cast<uint64_t>(rings.IntAt(4));
    row.last_ns = rings.IntAt(5);
    row.next_call = static_cast<uint64_t>(rings.IntAt(6));
    row.open_calls = rings.BlobAt(7);
    out->rings.push_back(std::move(row));
  }
  bool read = rings.result() == SQLITE_DONE;
  if (!read) Fail();
  rings.Reset();
  return read;
}

bool SqliteWriter::LoadFunctionIds(ProcessState* out) {
  Statement& ids = sql_->function_ids_of;
  if (!ids.Prepare(db_, "SELECT id, function, main FROM function_ids WHERE process = ? ORDER BY id")) {
    Fail();
    return false;
  }
  ids.Int(out->process);
  while (ids.Step()) {
    out->functions.push_back(
        {static_cast<uint32_t>(ids.IntAt(0)), static_cast<uint32_t>(ids.IntAt(1)), ids.IntAt(2) != 0});
  }
  bool read = ids.result() == SQLITE_DONE;
  if (!read) Fail();
  ids.Reset();
  return read;
}

bool SqliteWriter::LoadTasks(ProcessState* out) {
  Statement& tasks = sql_->tasks_of;
  if (!tasks.Prepare(db_, "SELECT frame, call_id FROM tasks WHERE process = ? AND last_call IS NULL")) {
    Fail();
    return false;
  }
  tasks.Int(out->process);
  while (tasks.Step()) out->tasks.push_back({static_cast<uint64_t>(tasks.IntAt(0)), tasks.IntAt(1)});
  bool read = tasks.result() == SQLITE_DONE;
  if (!read) Fail();
  tasks.Reset();
  return read;
}

int64_t SqliteWriter::RunByToken(std::string_view token, int64_t started_ns, const std::string& program,
                                 std::string_view cwd) {
  if (!Ready(&sql_->find_run, "SELECT id FROM runs WHERE token = ?") ||
      !Ready(&sql_->add_run, "INSERT INTO runs(token, started_ns, program, cwd) VALUES (?, ?, ?, ?)")) {
    return 0;
  }
  bool found = sql_->find_run.Text(token).Step();
  int64_t run = found ? sql_->find_run.IntAt(0) : 0;
  sql_->find_run.Reset();
  if (found) return run;
  std::string clean_program = CleanUtf8(program), clean_cwd = CleanUtf8(cwd);
  if (!Run(sql_->add_run.Text(token).Int(started_ns).Text(clean_program).Text(clean_cwd))) return 0;
  return sqlite3_last_insert_rowid(db_);
}

int64_t SqliteWriter::AddProcess(const ProcessRow& row) {
  // A segment's name may come again after a reboot; FindProcess must find the one that is there now.
  if (!Ready(&sql_->forget_segment, "UPDATE processes SET segment = NULL WHERE segment = ?") ||
      !Ready(&sql_->reopen_run, "UPDATE runs SET ended_ns = NULL WHERE id = ? AND ended_ns IS NOT NULL") ||
      !Ready(&sql_->add_process,
             "INSERT INTO processes(run, pid, parent_pid, started_ns, python, mode, mode_reason, executable, argv, cwd,"
             " segment) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)") ||
      !Run(sql_->forget_segment.Text(row.segment)) || !Run(sql_->reopen_run.Int(row.run))) {
    return 0;
  }
  std::string python = CleanUtf8(row.python), mode = CleanUtf8(row.mode), reason = CleanUtf8(row.mode_reason);
  std::string executable = CleanUtf8(row.executable), argv = JsonArray(row.argv), cwd = CleanUtf8(row.cwd);
  Statement& add = sql_->add_process;
  add.Int(row.run).Int(row.pid).Int(row.parent_pid).Int(row.started_ns).Text(python).Text(mode).Text(reason);
  add.Text(executable).Text(argv).Text(cwd).Text(row.segment);
  return Run(add) ? sqlite3_last_insert_rowid(db_) : 0;
}

uint32_t SqliteWriter::AddThread(int64_t process, uint32_t tid, std::string_view name, bool main, int64_t started_ns) {
  if (!Ready(&sql_->add_thread, "INSERT INTO threads(process, tid, name, main, started_ns) VALUES (?, ?, ?, ?, ?)")) {
    return 0;
  }
  std::string clean = CleanUtf8(name);
  bool added = Run(sql_->add_thread.Int(process).Int(tid).Text(clean).Int(main).Int(started_ns));
  return added ? static_cast<uint32_t>(sqlite3_last_insert_rowid(db_)) : 0;
}

void SqliteWriter::RenameThread(uint32_t thread, std::string_view name) {
  if (!Ready(&sql_->rename_thread, "UPDATE threads SET name = ? WHERE id = ?")) return;
  std::string clean = CleanUtf8(name);
  Run(sql_->rename_thread.Text(clean).Int(thread));
}

void SqliteWriter::EndThread(uint32_t thread, int64_t ended_ns) {
  if (!Ready(&sql_->end_thread, "UPDATE threads SET ended_ns = ? WHERE id = ?")) return;
  Run(sql_->end_thread.Int(ended_ns).Int(thread));
}

SqliteWriter::FunctionMap* SqliteWriter::FunctionsOf(int64_t run) {
  auto [entry, is_new] = functions_.try_emplace(run);
  if (!is_new) return &entry->second;
  if (!Ready(&sql_->functions_of, "SELECT id, module, qualname, file, line, arguments FROM functions WHERE run = ?")) {
    return nullptr;
  }
  Statement& all = sql_->functions_of;
  all.Int(run);
  while (all.Step()) {
    entry->second.emplace(FunctionKey(all.TextAt(1), all.TextAt(2), all.TextAt(3), all.IntAt(4), all.TextAt(5)),
                          static_cast<uint32_t>(all.IntAt(0)));
  }
  bool read = all.result() == SQLITE_DONE;
  if (!read) Fail();
  all.Reset();
  return read ? &entry->second : nullptr;
}

uint32_t SqliteWriter::AddFunction(int64_t process, int64_t run, uint32_t id, const FunctionRow& row, bool main) {
  if (!Ready(&sql_->add_function,
             "INSERT INTO functions(run, module, func, qualname, file, line, flags, arguments, star, star_star)"
             " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)") ||
      !Ready(&sql_->put_function_id,
             "INSERT OR REPLACE INTO function_ids(process, id, function, main) VALUES (?, ?, ?, ?)")) {
    return 0;
  }
  FunctionMap* functions = FunctionsOf(run);
  if (functions == nullptr) return 0;
  std::string module = CleanUtf8(row.module), func = CleanUtf8(row.func), qualname = CleanUtf8(row.qualname);
  std::string file = CleanUtf8(row.file);
  std::string arguments = JsonArray(row.arguments);
  auto [entry, is_new] = functions->try_emplace(FunctionKey(module, qualname, file, row.line, arguments), 0);
  if (is_new) {
    Statement& add = sql_->add_function;
    add.Int(run).Text(module).Text(func).Text(qualname).Text(file).Int(row.line).Int(row.flags).Text(arguments);
    add.Int(row.star).Int(row.star_star);
    if (!Run(add)) return 0;
    entry->second = static_cast<uint32_t>(sqlite3_last_insert_rowid(db_));
  }
  Run(sql_->put_function_id.Int(process).Int(id).Int(entry->second).Int(main));
  return entry->second;
}

void SqliteWriter::AddType(int64_t process, uint32_t id, std::string_view name) {
  if (!Ready(&sql_->add_type, "INSERT OR REPLACE INTO types(process, id, name) VALUES (?, ?, ?)")) return;
  std::string clean = CleanUtf8(name);
  Run(sql_->add_type.Int(process).Int(id).Text(clean));
}

void SqliteWriter::AddTask(int64_t process, const TaskRow& task, std::string_view name) {
  if (!Ready(&sql_->add_task, "INSERT OR REPLACE INTO tasks(process, frame, call_id, name) VALUES (?, ?, ?, ?)"))
    return;
  std::string clean = CleanUtf8(name);
  Run(sql_->add_task.Int(process).Int(static_cast<int64_t>(task.frame)).Int(task.call_id).Text(clean));
}

void SqliteWriter::EndTask(int64_t process, const TaskRow& task, int64_t last_call) {
  if (!Ready(&sql_->end_task, "UPDATE tasks SET last_call = ? WHERE process = ? AND frame = ? AND call_id = ?")) return;
  Run(sql_->end_task.Int(last_call).Int(process).Int(static_cast<int64_t>(task.frame)).Int(task.call_id));
}

void SqliteWriter::SetMain(int64_t process, int64_t main_ns) {
  if (!Ready(&sql_->set_main, "UPDATE processes SET main_ns = ? WHERE id = ?")) return;
  Run(sql_->set_main.Int(main_ns).Int(process));
}

void SqliteWriter::SetMainEnd(int64_t process, int64_t main_end_ns) {
  if (!Ready(&sql_->set_main_end, "UPDATE processes SET main_end_ns = ? WHERE id = ?")) return;
  Run(sql_->set_main_end.Int(main_end_ns).Int(process));
}

void SqliteWriter::EndProcess(int64_t process, int64_t ended_ns) {
  bool ready = Ready(&sql_->end_process, "UPDATE processes SET ended_ns = ? WHERE id = ?") &&
               Ready(&sql_->end_threads, "UPDATE threads SET ended_ns = ? WHERE process = ? AND ended_ns IS NULL") &&
               Ready(&sql_->drop_rings, "DELETE FROM rings WHERE process = ?") &&
               Ready(&sql_->drop_function_ids, "DELETE FROM function_ids WHERE process = ?") &&
               Ready(&sql_->end_run,
                     "UPDATE runs SET ended_ns = ?1 WHERE id = (SELECT run FROM processes WHERE id = ?2) AND NOT EXISTS"
                     " (SELECT 1 FROM processes p WHERE p.run = runs.id AND p.ended_ns IS NULL)");
  if (!ready) return;
  Run(sql_->end_process.Int(ended_ns).Int(process)) && Run(sql_->end_threads.Int(ended_ns).Int(process)) &&
      Run(sql_->drop_rings.Int(process)) && Run(sql_->drop_function_ids.Int(process)) &&
      Run(sql_->end_run.Int(ended_ns).Int(process));
}

}  // namespace pytrace::store
