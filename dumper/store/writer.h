// The dumper's side of the database: everything of one commit goes through here, in one transaction.
//
// Use: any calls in any order, then Commit(). What was not committed is gone after a crash, together, and the rings'
// positions with it, so that the next dumper reads the same records again: no call is lost, none is there twice.
// Errors: the first failure is kept and makes all later calls do nothing; Commit() says false and
// `error()`/`disk_full()` why.
#ifndef PYTRACE_DUMPER_STORE_WRITER_H_
#define PYTRACE_DUMPER_STORE_WRITER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dumper/store/block.h"

namespace pytrace::store {

struct WriterOptions {
  std::string path;
  std::string rundir;               // recorded in `meta`
  int64_t max_calls = 100'000'000;  // 0: keep all
  int64_t max_bytes = int64_t{2} << 30;
  uint32_t block_calls = kBlockCalls;  // Writer may lower it so that max_calls can be kept by whole blocks
  // Asked twice a second while another program has the database locked. True: no more waiting, gave_up().
  std::function<bool()> give_up;
};

struct ProcessRow {
  int64_t run = 0;
  int64_t pid = 0, parent_pid = 0;
  int64_t started_ns = 0;
  std::string python, mode, mode_reason, executable, cwd, segment;
  std::vector<std::string> argv;
};

struct FunctionRow {
  std::string module, func, qualname, file;
  uint32_t line = 0, flags = 0, star = 0, star_star = 0;
  std::vector<std::string> arguments;
};

// Added to a function's counters since the last commit.
struct FunctionCounts {
  uint32_t function = 0;
  int64_t calls = 0, exceptions = 0, total_ns = 0, self_ns = 0;
};

struct LateEnd {
  int64_t call_id;
  int64_t end_ns, children_ns;
  Outcome outcome;
  std::string result;
};

// A row of `rings`.
struct RingRow {
  uint32_t ring = 0;
  uint64_t generation = 0;
  uint32_t thread = 0;
  uint64_t position = 0;
  uint64_t last_ticks = 0;
  int64_t last_ns = 0;
  uint64_t next_call = 1;
  std::string open_calls;  // the dumper's own encoding
};

struct FunctionId {
  uint32_t id;        // of the process
  uint32_t function;  // functions.id
  bool main;
};

// An asyncio task: the frame of its coroutine (Enter.frame) and calls.id of that one's first run.
struct TaskRow {
  uint64_t frame;
  int64_t call_id;
};

// What a dumper that takes over finds.
struct ProcessState {
  int64_t process = 0;
  int64_t run = 0;
  bool main_seen = false;
  bool ended = false;  // EndProcess was committed: nothing of the segment is to be read again, only its file is left
  std::vector<RingRow> rings;
  std::vector<FunctionId> functions;
  std::vector<TaskRow> tasks;  // that have not ended
};

class Writer {
 public:
  // Opens or creates the database (mode 0600), sets WAL, page size, application_id, user_version and the tables; takes
  // the one-dumper lock (an OFD lock far behind SQLite's own bytes) and waits up to `lock_wait_ms` for it. nullptr with
  // one line in *error: a foreign or newer database, a symlink or another user's file at the path, a read-only folder
  // ... *disk_full: that is why, and it may work later.
  static std::unique_ptr<Writer> Open(const WriterOptions& options, int lock_wait_ms, std::string* error,
                                      bool* disk_full = nullptr);
  virtual ~Writer() = default;

  // The partial newest block that an earlier dumper left (empty with the right first_id when there is none), to be
  // continued.
  virtual bool LoadNewestBlock(Block* block) = 0;
  virtual bool FindProcess(std::string_view segment, ProcessState* out) = 0;  // false: unknown, a new process

  virtual int64_t RunByToken(std::string_view token, int64_t started_ns, const std::string& program,
                             std::string_view cwd) = 0;
  virtual int64_t AddProcess(const ProcessRow& row) = 0;
  virtual uint32_t AddThread(int64_t process, uint32_t tid, std::string_view name, bool main, int64_t started_ns) = 0;
  virtual void RenameThread(uint32_t thread, std::string_view name) = 0;
  virtual void EndThread(uint32_t thread, int64_t ended_ns) = 0;
  // functions.id: the one that this run already has for the same module, qualname, file and line, or a new one. Also
  // remembers `id` -> it.
  virtual uint32_t AddFunction(int64_t process, int64_t run, uint32_t id, const FunctionRow& row, bool main) = 0;
  virtual void AddType(int64_t process, uint32_t id, std::string_view name) = 0;
  virtual void SetMain(int64_t process, int64_t main_ns) = 0;
  virtual void SetMainEnd(int64_t process, int64_t main_end_ns) = 0;
  // The process is gone and all it wrote is here: sets ended_ns, drops its `rings` and `function_ids`; ends the run
  // when it was the last.
  virtual void EndProcess(int64_t process, int64_t ended_ns) = 0;

  virtual void PutBlock(const Block& block) = 0;  // inserts, or replaces the row with the same first_id
  virtual void AddLateEnd(const LateEnd& end) = 0;
  virtual void AddCounts(const std::vector<FunctionCounts>& counts) = 0;
  virtual void AddLoss(const LossMark& loss, int64_t before_call) = 0;
  virtual void AddLog(uint32_t thread, int64_t time_ns, int64_t call_id, uint32_t level, std::string_view text) = 0;
  virtual void AddTask(int64_t process, const TaskRow& task, std::string_view name) = 0;
  virtual void EndTask(int64_t process, const TaskRow& task, int64_t last_call) = 0;
  virtual void PutRing(int64_t process, const RingRow& row) = 0;
  virtual void DropRing(int64_t process, uint32_t ring) = 0;
  virtual void SetMeta(std::string_view key, std::string_view value) = 0;

  // How many calls make a block full (options.block_calls, or fewer with a small max_calls).
  virtual uint32_t block_calls() const = 0;

  // Somebody removed the database's file or put another in its place: what is committed now would go nowhere.
  virtual bool replaced() const { return false; }

  // For the writer of the database that is at the path now: takes over what the records of living processes rely on
  // (names, positions of rings) from the one that was replaced. `no_open_calls`: RingRow.open_calls of an empty stack.
  virtual void CarryOver(Writer*, std::string_view /*no_open_calls*/) {}

  // start_ns of the newest call in the database, 0: none. Ids rise with time, also when the clock was set back between
  // two runs.
  virtual int64_t newest_start_ns() const = 0;

  // Lets go of the oldest blocks beyond the limits, then commits. While another program writes to the database it
  // waits. false: nothing of it is in the database.
  virtual bool Commit() = 0;
  virtual bool disk_full() const = 0;
  // The failure is that options.give_up said so. Nothing is wrong with the database.
  virtual bool gave_up() const { return false; }
  virtual const std::string& error() const = 0;
};

}  // namespace pytrace::store

#endif  // PYTRACE_DUMPER_STORE_WRITER_H_
