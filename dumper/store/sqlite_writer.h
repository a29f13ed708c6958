// Writer over SQLite; the rest of the program sees writer.h only.
#ifndef PYTRACE_DUMPER_STORE_SQLITE_WRITER_H_
#define PYTRACE_DUMPER_STORE_SQLITE_WRITER_H_

#include <memory>
#include <string>
#include <unordered_map>

#include "dumper/store/database_file.h"
#include "dumper/store/reserve.h"
#include "dumper/store/retention.h"
#include "dumper/store/statement.h"
#include "dumper/store/writer.h"

namespace pytrace::store {

class SqliteWriter : public Writer {
 public:
  SqliteWriter(const WriterOptions& options, std::unique_ptr<DatabaseFile> file);
  ~SqliteWriter() override;
  bool Open(std::string* error);

  bool LoadNewestBlock(Block* block) override;
  bool FindProcess(std::string_view segment, ProcessState* out) override;

  int64_t RunByToken(std::string_view token, int64_t started_ns, const std::string& program,
                     std::string_view cwd) override;
  int64_t AddProcess(const ProcessRow& row) override;
  uint32_t AddThread(int64_t process, uint32_t tid, std::string_view name, bool main, int64_t started_ns) override;
  void RenameThread(uint32_t thread, std::string_view name) override;
  void EndThread(uint32_t thread, int64_t ended_ns) override;
  uint32_t AddFunction(int64_t process, int64_t run, uint32_t id, const FunctionRow& row, bool main) override;
  void AddType(int64_t process, uint32_t id, std::string_view name) override;
  void SetMain(int64_t process, int64_t main_ns) override;
  void SetMainEnd(int64_t process, int64_t main_end_ns) override;
  void EndProcess(int64_t process, int64_t ended_ns) override;

  void PutBlock(const Block& block) override;
  void AddLateEnd(const LateEnd& end) override;
  void AddCounts(const std::vector<FunctionCounts>& counts) override;
  void AddLoss(const LossMark& loss, int64_t before_call) override;
  void AddTask(int64_t process, const TaskRow& task, std::string_view name) override;
  void EndTask(int64_t process, const TaskRow& task, int64_t last_call) override;
  void AddLog(uint32_t thread, int64_t time_ns, int64_t call_id, uint32_t level, std::string_view text) override;
  void PutRing(int64_t process, const RingRow& row) override;
  void DropRing(int64_t process, uint32_t ring) override;
  void SetMeta(std::string_view key, std::string_view value) override;

  uint32_t block_calls() const override { return block_calls_; }
  void CarryOver(Writer* replaced, std::string_view no_open_calls) override;
  bool replaced() const override { return !file_->IsAt(options_.path); }
  int64_t newest_start_ns() const override { return retention_.newest_start_ns(); }
  bool Commit() override;
  bool disk_full() const override { return disk_full_; }
  bool gave_up() const override { return gave_up_; }
  const std::string& error() const override { return error_; }

 private:
  using FunctionMap = std::unordered_map<std::string, uint32_t>;

  bool Execute(const char* sql);
  // One attempt at what Open does behind the lock.
  bool Prepare(std::string* error);
  bool MustGiveUp() const { return options_.give_up && options_.give_up(); }
  // Opens the transaction when none is open, once nobody else writes. False after a failure.
  bool Begin();
  // Begin, and the statement is there. False: after a failure.
  bool Ready(Statement* statement, const char* sql);
  // Runs it; a failure is kept. Returns whether it worked.
  bool Run(Statement* statement);
  bool Run(Statement& statement) { return Run(&statement); }
  void Fail();
  void NoteStopped();

  bool EndLostProcesses();
  FunctionMap* FunctionsOf(int64_t run);
  bool LoadRings(ProcessState* out);
  bool LoadFunctionIds(ProcessState* out);
  bool LoadTasks(ProcessState* out);

  const WriterOptions options_;
  const uint32_t block_calls_;
  std::unique_ptr<DatabaseFile> file_;
  Reserve reserve_;
  sqlite3* db_ = nullptr;
  bool begun_ = false, failed_ = false, disk_full_ = false, gave_up_ = false;
  std::string error_;
  std::unordered_map<int64_t, FunctionMap> functions_;  // by run, then what makes a function the same
  EncodedBlock encoded_;

  // Prepared when first used. After db_, which the destructor closes behind them.
  struct Statements;
  std::unique_ptr<Statements> sql_;
  Retention retention_;
};

struct SqliteWriter::Statements {
  Statement newest_block, find_process, rings_of, function_ids_of, tasks_of;
  Statement find_run, add_run, reopen_run, end_run;
  Statement forget_segment, add_process, set_main, set_main_end, end_process, end_threads, drop_rings,
      drop_function_ids;
  Statement add_thread, rename_thread, end_thread;
  Statement functions_of, add_function, put_function_id, add_type, add_counts;
  Statement put_block, add_late_end, add_loss, add_log, add_task, end_task, put_ring, drop_ring, set_meta;
};

}  // namespace pytrace::store

#endif  // PYTRACE_DUMPER_STORE_SQLITE_WRITER_H_
