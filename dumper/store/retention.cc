#include "dumper/store/retention.h"

#include <algorithm>

namespace pytrace::store {

uint32_t Retention::BlockCalls(int64_t max_calls, uint32_t most) {
  // An eighth: then seven eighths of what was asked for are kept at least.
  if (max_calls <= 0) return most;
  return static_cast<uint32_t>(std::clamp<int64_t>(max_calls / 8, 1, most));
}

bool Retention::Load(sqlite3* db, int64_t max_calls, int64_t max_bytes) {
  db_ = db;
  max_calls_ = max_calls;
  max_bytes_ = max_bytes;
  blocks_.clear();
  calls_ = 0;
  Statement all(db, "SELECT first_id, calls, first_start_ns, last_start_ns FROM blocks ORDER BY first_id");
  if (!all.ok()) return false;
  while (all.Step()) {
    Put(all.IntAt(0), static_cast<uint32_t>(std::clamp<int64_t>(all.IntAt(1), 0, UINT32_MAX)), all.IntAt(2),
        all.IntAt(3));
  }
  return all.result() == SQLITE_DONE;
}

void Retention::Put(int64_t first_id, uint32_t calls, int64_t first_start_ns, int64_t last_start_ns) {
  if (!blocks_.empty() && blocks_.back().first_id == first_id) {
    calls_ -= blocks_.back().calls;
    blocks_.pop_back();
  }
  blocks_.push_back({first_id, calls, first_start_ns, last_start_ns});
  calls_ += calls;
}

bool Retention::BytesInUse(int64_t* bytes) {
  // Deleted blocks leave free pages in the file, which the next ones take: the file stays as large, so they do not
  // count.
  if (!pages_.Prepare(db_,
                      "SELECT (page_count - freelist_count) * page_size"
                      " FROM pragma_page_count, pragma_freelist_count, pragma_page_size") ||
      !pages_.Step()) {
    return false;
  }
  *bytes = pages_.IntAt(0);
  pages_.Reset();
  return true;
}

bool Retention::LetGo() {
  int64_t gone = 0;
  while (blocks_.size() > 1) {
    int64_t bytes = 0;
    if (max_bytes_ > 0 && !BytesInUse(&bytes)) return false;
    bool too_many = max_calls_ > 0 && calls_ > max_calls_;
    bool too_large = max_bytes_ > 0 && bytes > max_bytes_;
    if (!too_many && !too_large) break;
    gone += blocks_.front().calls;
    if (!DeleteOldest()) return false;
  }
  return gone == 0 || DeleteWhatWentWithThem(gone);
}

bool Retention::DeleteOldest() {
  if (!delete_block_.Prepare(db_, "DELETE FROM blocks WHERE first_id = ?")) return false;
  calls_ -= blocks_.front().calls;
  int64_t first = blocks_.front().first_id;
  blocks_.pop_front();
  return delete_block_.Int(first).Run() == SQLITE_DONE;
}

bool Retention::DeleteWhatWentWithThem(int64_t calls) {
  const Entry& oldest = blocks_.front();
  // Ends of calls that were let go stay while they lie in the time that is kept: the keyframe of the oldest block shows
  // those calls. Logs and losses come in the order of time: the subselect stops at the first that stays.
  bool ready =
      delete_ends_.Prepare(db_, "DELETE FROM late_ends WHERE call_id < ? AND end_ns < ?") &&
      delete_logs_.Prepare(db_,
                           "DELETE FROM logs WHERE id < coalesce("
                           "(SELECT id FROM logs WHERE time_ns >= ? ORDER BY id LIMIT 1), 9223372036854775807)") &&
      delete_losses_.Prepare(db_,
                             "DELETE FROM losses WHERE id < coalesce("
                             "(SELECT id FROM losses WHERE time_ns >= ? ORDER BY id LIMIT 1), 9223372036854775807)") &&
      delete_tasks_.Prepare(db_,
                            "DELETE FROM tasks WHERE last_call < ?1 OR (last_call IS NULL AND call_id < ?1 AND"
                            " process IN (SELECT id FROM processes WHERE ended_ns < ?2))") &&
      count_.Prepare(db_,
                     "INSERT INTO meta(key, value) VALUES ('let_go_calls', ?)"
                     " ON CONFLICT(key) DO UPDATE SET value = value + excluded.value") &&
      before_.Prepare(db_, "INSERT OR REPLACE INTO meta(key, value) VALUES ('let_go_before_ns', ?)");
  return ready && delete_ends_.Int(oldest.first_id).Int(oldest.first_start_ns).Run() == SQLITE_DONE &&
         delete_logs_.Int(oldest.first_start_ns).Run() == SQLITE_DONE &&
         delete_tasks_.Int(oldest.first_id).Int(oldest.first_start_ns).Run() == SQLITE_DONE &&
         delete_losses_.Int(oldest.first_start_ns).Run() == SQLITE_DONE && count_.Int(calls).Run() == SQLITE_DONE &&
         before_.Int(oldest.first_start_ns).Run() == SQLITE_DONE;
}

}  // namespace pytrace::store
