// The database was removed or replaced while processes are being recorded. Their records to come rely on what was told
// before: names of functions and types, and how far the rings are read. So that is copied from the old database, which
// is there as long as it is open, to the new one.
#include <unistd.h>

#include <unordered_map>

#include "dumper/store/sqlite_writer.h"

namespace pytrace::store {
namespace {

using Ids = std::unordered_map<int64_t, int64_t>;  // old -> new

// Copies the rows of `from`: column 0 is the old id, the others go to the parameters of `to` behind the first, which
// gets `owner`. False: an error.
bool CopyRows(Statement* from, Statement* to, int64_t owner, sqlite3* db, Ids* ids) {
  while (from->Step()) {
    to->Int(owner);
    for (int column = 1; column < from->columns(); ++column) to->Value(*from, column);
    if (to->Run() != SQLITE_DONE) return false;
    if (ids != nullptr) (*ids)[from->IntAt(0)] = sqlite3_last_insert_rowid(db);
  }
  return from->result() == SQLITE_DONE;
}

class CarryOver {
 public:
  CarryOver(sqlite3* from, sqlite3* to, std::string_view no_open_calls)
      : from_(from), to_(to), no_open_calls_(no_open_calls) {}

  bool Process(int64_t old_id, int64_t run) {
    Statement process(from_,
                      "SELECT id, pid, parent_pid, started_ns, main_ns, main_end_ns, python, mode, mode_reason,"
                      " executable, argv, cwd, segment FROM processes WHERE id = ?");
    Statement add(to_,
                  "INSERT INTO processes(run, pid, parent_pid, started_ns, main_ns, main_end_ns, python, mode,"
                  " mode_reason, executable, argv, cwd, segment) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    Ids processes;
    if (!process.ok() || !add.ok() || !CopyRows(&process.Int(old_id), &add, run, to_, &processes)) return false;
    int64_t id = processes[old_id];
    return Functions(old_id, id, run) && Types(old_id, id) && Threads(old_id, id) && Rings(old_id, id);
  }

 private:
  // Those of all processes of a run are the same rows.
  bool Functions(int64_t old_process, int64_t process, int64_t run) {
    Statement functions(from_,
                        "SELECT DISTINCT f.id, f.module, f.func, f.qualname, f.file, f.line, f.flags, f.arguments,"
                        " f.star, f.star_star FROM function_ids i JOIN functions f ON f.id = i.function"
                        " WHERE i.process = ?");
    Statement add(to_,
                  "INSERT INTO functions(run, module, func, qualname, file, line, flags, arguments, star, star_star)"
                  " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    if (!functions.ok() || !add.ok()) return false;
    functions.Int(old_process);
    while (functions.Step()) {
      int64_t& id = functions_[functions.IntAt(0)];
      if (id != 0) continue;
      add.Int(run);
      for (int column = 1; column < functions.columns(); ++column) add.Value(functions, column);
      if (add.Run() != SQLITE_DONE) return false;
      id = sqlite3_last_insert_rowid(to_);
    }
    Statement ids(from_, "SELECT id, function, main FROM function_ids WHERE process = ?");
    Statement put(to_, "INSERT INTO function_ids(process, id, function, main) VALUES (?, ?, ?, ?)");
    if (functions.result() != SQLITE_DONE || !ids.ok() || !put.ok()) return false;
    ids.Int(old_process);
    while (ids.Step()) {
      put.Int(process).Value(ids, 0).Int(functions_[ids.IntAt(1)]).Value(ids, 2);
      if (put.Run() != SQLITE_DONE) return false;
    }
    return ids.result() == SQLITE_DONE;
  }

  bool Types(int64_t old_process, int64_t process) {
    Statement types(from_, "SELECT 0, id, name FROM types WHERE process = ?");
    Statement add(to_, "INSERT INTO types(process, id, name) VALUES (?, ?, ?)");
    return types.ok() && add.ok() && CopyRows(&types.Int(old_process), &add, process, to_, nullptr);
  }

  bool Threads(int64_t old_process, int64_t process) {
    threads_.clear();
    Statement threads(from_,
                      "SELECT id, tid, name, main, started_ns FROM threads WHERE process = ? AND ended_ns IS NULL");
    Statement add(to_, "INSERT INTO threads(process, tid, name, main, started_ns) VALUES (?, ?, ?, ?, ?)");
    return threads.ok() && add.ok() && CopyRows(&threads.Int(old_process), &add, process, to_, &threads_);
  }

  // The calls that were open stay in the old database.
  bool Rings(int64_t old_process, int64_t process) {
    Statement rings(from_,
                    "SELECT ring, generation, thread, position, last_ticks, last_ns, next_call, open_calls FROM rings"
                    " WHERE process = ?");
    Statement add(to_,
                  "INSERT INTO rings(process, ring, generation, thread, position, last_ticks, last_ns, next_call,"
                  " open_calls) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
    if (!rings.ok() || !add.ok()) return false;
    rings.Int(old_process);
    while (rings.Step()) {
      auto thread = threads_.find(rings.IntAt(2));
      add.Int(process).Value(rings, 0).Value(rings, 1).Int(thread == threads_.end() ? 0 : thread->second);
      for (int column = 3; column <= 6; ++column) add.Value(rings, column);
      add.Blob(rings.BlobAt(7).empty() ? std::string_view() : no_open_calls_);
      if (add.Run() != SQLITE_DONE) return false;
    }
    return rings.result() == SQLITE_DONE;
  }

  sqlite3* from_;
  sqlite3* to_;
  std::string_view no_open_calls_;
  Ids functions_, threads_;
};

}  // namespace

void SqliteWriter::CarryOver(Writer* replaced, std::string_view no_open_calls) {
  auto* old = static_cast<SqliteWriter*>(replaced);
  // What was not committed is read again.
  if (old->begun_) old->Execute("ROLLBACK");
  old->begun_ = false;
  Statement living(old->db_,
                   "SELECT p.id, p.segment, r.token, r.started_ns, r.program, r.cwd FROM processes p"
                   " JOIN runs r ON r.id = p.run WHERE p.ended_ns IS NULL AND p.segment IS NOT NULL ORDER BY p.id");
  if (!living.ok() || !Begin()) return;
  store::CarryOver carry(old->db_, db_, no_open_calls);
  while (living.Step()) {
    ProcessState known;
    std::string segment(living.TextAt(1));
    // An older copy of the same database knows it already.
    if (access((options_.rundir + "/" + segment).c_str(), F_OK) != 0 || FindProcess(segment, &known)) continue;
    int64_t run = RunByToken(living.TextAt(2), living.IntAt(3), std::string(living.TextAt(4)), living.TextAt(5));
    if (failed_ || carry.Process(living.IntAt(0), run)) continue;
    return Fail();
  }
}

}  // namespace pytrace::store
