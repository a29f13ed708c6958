// The transaction: opening, committing, failing; and the rows of a commit.
#include "dumper/store/writer.h"

#include <cstring>
#include <utility>

#include "dumper/store/failure.h"
#include "dumper/store/schema.h"
#include "dumper/store/sqlite_writer.h"
#include "dumper/store/text.h"

namespace pytrace::store {
namespace {

constexpr int kBusyMs = 500;

bool IsBusy(int result) { return (result & 0xff) == SQLITE_BUSY || (result & 0xff) == SQLITE_LOCKED; }

const char* ReasonName(uint32_t reason) {
  static constexpr const char* kNames[] = {"full", "stopped", "no_memory", "damaged", "deep"};
  return reason < std::size(kNames) ? kNames[reason] : "unknown";
}

}  // namespace

std::unique_ptr<Writer> Writer::Open(const WriterOptions& options, int lock_wait_ms, std::string* error,
                                     bool* disk_full) {
  std::unique_ptr<DatabaseFile> file = DatabaseFile::Open(options.path, lock_wait_ms, error);
  if (!file) return nullptr;
  auto writer = std::make_unique<SqliteWriter>(options, std::move(file));
  bool opened = writer->Open(error);
  if (disk_full != nullptr) *disk_full = writer->disk_full();
  if (!opened) return nullptr;
  return writer;
}

SqliteWriter::SqliteWriter(const WriterOptions& options, std::unique_ptr<DatabaseFile> file)
    : options_(options),
      block_calls_(Retention::BlockCalls(options.max_calls, options.block_calls)),
      file_(std::move(file)),
      sql_(std::make_unique<Statements>()) {}

SqliteWriter::~SqliteWriter() {
  if (begun_) Execute("ROLLBACK");
  // The journal beside the path belongs to what is there now.
  int keep = 1;
  if (replaced()) sqlite3_file_control(db_, "main", SQLITE_FCNTL_PERSIST_WAL, &keep);
  // close_v2: the statements that members still hold are finalized after this, and the connection goes with the last.
  sqlite3_close_v2(db_);
}

bool SqliteWriter::Open(std::string* error) {
  constexpr int kFlags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
  const std::string& path = options_.path;
  if (sqlite3_open_v2(path.c_str(), &db_, kFlags, nullptr) != SQLITE_OK) {
    *error = "cannot open " + path + ": " + sqlite3_errmsg(db_);
    return false;
  }
  sqlite3_busy_timeout(db_, kBusyMs);
  reserve_.Hold(path);
  if (!file_->IsAt(path)) {
    *error = path + " was replaced while it was opened";
    return false;
  }
  while (!Prepare(error)) {
    if (!IsBusy(sqlite3_errcode(db_)) || failed_ || MustGiveUp()) return false;
  }
  return true;
}

bool SqliteWriter::Prepare(std::string* error) {
  const std::string& path = options_.path;
  Identity identity = Identify(db_, path, error);
  if (identity == Identity::kRefused) {
    disk_full_ = FailureOf(db_, path).disk_full;
    return false;
  }
  bool ready = (identity != Identity::kEmpty || Execute("PRAGMA page_size = 16384")) &&
               Execute("PRAGMA journal_mode = WAL") && Execute("PRAGMA synchronous = NORMAL") &&
               (identity != Identity::kEmpty ? UpgradeSchema(db_) : CreateSchema(db_, options_.rundir)) &&
               retention_.Load(db_, options_.max_calls, options_.max_bytes) && EndLostProcesses();
  if (!ready) {
    Failure failure = FailureOf(db_, path);
    disk_full_ = disk_full_ || failure.disk_full;
    *error = "cannot record into " + path + ": " + (error_.empty() ? failure.text : error_);
    return false;
  }
  return true;
}

bool SqliteWriter::Execute(const char* sql) { return sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) == SQLITE_OK; }

bool SqliteWriter::Begin() {
  if (failed_) return false;
  if (begun_) return true;
  // Whoever writes to the database beside us only makes us wait: what we have not read yet is safe in the segments.
  int result;
  do {
    result = sqlite3_exec(db_, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr);
    gave_up_ = IsBusy(result) && MustGiveUp();
  } while (IsBusy(result) && !gave_up_);
  begun_ = result == SQLITE_OK;
  if (!begun_) Fail();
  return begun_;
}

bool SqliteWriter::Ready(Statement* statement, const char* sql) {
  if (!Begin()) return false;
  if (statement->Prepare(db_, sql)) return true;
  Fail();
  return false;
}

bool SqliteWriter::Run(Statement* statement) {
  if (statement->Run() == SQLITE_DONE) return true;
  Fail();
  return false;
}

void SqliteWriter::Fail() {
  if (failed_) return;
  failed_ = true;
  Failure failure = FailureOf(db_, options_.path);
  disk_full_ = failure.disk_full;
  error_ = std::move(failure.text);
  if (begun_) Execute("ROLLBACK");
  begun_ = false;
  if (!gave_up_) NoteStopped();
}

// On a full disk there need not be room for another page: what the transaction that failed had of the journal may be
// none.
void SqliteWriter::NoteStopped() {
  reserve_.Release();
  Statement note(db_, "INSERT OR REPLACE INTO meta(key, value) VALUES ('stopped', ?)");
  if (note.ok()) note.Text(error_).Run();
}

bool SqliteWriter::Commit() {
  if (failed_) return false;
  if (!begun_) return true;
  if (!retention_.LetGo() || !Execute("COMMIT")) {
    Fail();
    return false;
  }
  begun_ = false;
  return true;
}

bool SqliteWriter::LoadNewestBlock(Block* block) {
  block->Clear(retention_.next_id());
  if (retention_.empty() || failed_) return !failed_;
  Statement& find = sql_->newest_block;
  if (!find.Prepare(db_, "SELECT call_columns, keyframe, value_columns FROM blocks WHERE first_id = ?") ||
      !find.Int(retention_.newest_first_id()).Step()) {
    Fail();
    return false;
  }
  bool whole = DecodeCalls(find.BlobAt(0), find.BlobAt(1), block) && DecodeValues(find.BlobAt(2), block);
  find.Reset();
  block->first_id = retention_.newest_first_id();
  // A damaged block stays as it is; the next call begins a new one.
  if (!whole || block->next_id() != retention_.next_id() || block->full(block_calls_)) {
    block->Clear(retention_.next_id());
  }
  return true;
}

void SqliteWriter::PutBlock(const Block& block) {
  if (block.size() == 0 ||
      !Ready(&sql_->put_block,
             "INSERT OR REPLACE INTO blocks(first_id, calls, first_start_ns, last_start_ns, max_duration_ns, max_depth,"
             " exceptions, open, functions, threads, keyframe, call_columns, value_columns)"
             " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
    return;
  }
  Encode(block, &encoded_);
  const ZoneMap& zone = encoded_.zone;
  Statement& put = sql_->put_block;
  put.Int(zone.first_id).Int(zone.calls).Int(zone.first_start_ns).Int(zone.last_start_ns).Int(zone.max_duration_ns);
  put.Int(zone.max_depth).Int(zone.exceptions).Int(zone.open);
  put.Blob(encoded_.functions).Blob(encoded_.threads).Blob(encoded_.keyframe);
  put.Blob(encoded_.calls).Blob(encoded_.values);
  if (Run(put)) retention_.Put(zone.first_id, zone.calls, zone.first_start_ns, zone.last_start_ns);
}

void SqliteWriter::AddLateEnd(const LateEnd& end) {
  if (!Ready(&sql_->add_late_end,
             "INSERT OR REPLACE INTO late_ends(call_id, end_ns, children_ns, outcome, result)"
             " VALUES (?, ?, ?, ?, ?)")) {
    return;
  }
  Statement& add = sql_->add_late_end;
  add.Int(end.call_id).Int(end.end_ns).Int(end.children_ns).Int(static_cast<int>(end.outcome)).Blob(end.result);
  Run(add);
}

void SqliteWriter::AddCounts(const std::vector<FunctionCounts>& counts) {
  if (counts.empty() ||
      !Ready(&sql_->add_counts,
             "UPDATE functions SET calls = calls + ?, exceptions = exceptions + ?, total_ns = total_ns + ?,"
             " self_ns = self_ns + ? WHERE id = ?")) {
    return;
  }
  for (const FunctionCounts& count : counts) {
    Statement& add = sql_->add_counts;
    add.Int(count.calls).Int(count.exceptions).Int(count.total_ns).Int(count.self_ns).Int(count.function);
    if (!Run(add)) return;
  }
}

void SqliteWriter::AddLoss(const LossMark& loss, int64_t before_call) {
  if (!Ready(&sql_->add_loss,
             "INSERT INTO losses(thread, time_ns, before_call, reason, enters, leaves, others)"
             " VALUES (?, ?, ?, ?, ?, ?, ?)")) {
    return;
  }
  Statement& add = sql_->add_loss;
  add.Int(loss.thread).Int(loss.time_ns).Int(before_call).Text(ReasonName(loss.reason));
  add.Int(static_cast<int64_t>(loss.enters)).Int(static_cast<int64_t>(loss.leaves));
  add.Int(static_cast<int64_t>(loss.others));
  Run(add);
}

void SqliteWriter::AddLog(uint32_t thread, int64_t time_ns, int64_t call_id, uint32_t level, std::string_view text) {
  if (!Ready(&sql_->add_log, "INSERT INTO logs(thread, time_ns, call_id, level, text) VALUES (?, ?, ?, ?, ?)")) return;
  std::string clean = CleanUtf8(text);
  Run(sql_->add_log.Int(thread).Int(time_ns).Int(call_id).Int(level).Text(clean));
}

void SqliteWriter::PutRing(int64_t process, const RingRow& row) {
  if (!Ready(&sql_->put_ring,
             "INSERT OR REPLACE INTO rings(process, ring, generation, thread, position, last_ticks, last_ns, next_call,"
             " open_calls) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
    return;
  }
  Statement& put = sql_->put_ring;
  put.Int(process).Int(row.ring).Int(static_cast<int64_t>(row.generation)).Int(row.thread);
  put.Int(static_cast<int64_t>(row.position)).Int(static_cast<int64_t>(row.last_ticks)).Int(row.last_ns);
  put.Int(static_cast<int64_t>(row.next_call)).Blob(row.open_calls);
  Run(put);
}

void SqliteWriter::DropRing(int64_t process, uint32_t ring) {
  if (!Ready(&sql_->drop_ring, "DELETE FROM rings WHERE process = ? AND ring = ?")) return;
  Run(sql_->drop_ring.Int(process).Int(ring));
}

void SqliteWriter::SetMeta(std::string_view key, std::string_view value) {
  if (!Ready(&sql_->set_meta, "INSERT OR REPLACE INTO meta(key, value) VALUES (?, ?)")) return;
  std::string clean = CleanUtf8(value);
  Run(sql_->set_meta.Text(key).Text(clean));
}

}  // namespace pytrace::store
