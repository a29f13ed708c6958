// Which blocks the database has, and which of them go when it grows beyond its limits: the oldest, whole, but never the
// newest.
#ifndef PYTRACE_DUMPER_STORE_RETENTION_H_
#define PYTRACE_DUMPER_STORE_RETENTION_H_

#include <cstdint>
#include <deque>

#include "dumper/store/statement.h"

namespace pytrace::store {

class Retention {
 public:
  // Calls a block may have so that whole blocks keep close to `max_calls`.
  static uint32_t BlockCalls(int64_t max_calls, uint32_t most);

  // Reads which blocks there are. False: a SQLite error.
  bool Load(sqlite3* db, int64_t max_calls, int64_t max_bytes);
  void Put(int64_t first_id, uint32_t calls, int64_t first_start_ns, int64_t last_start_ns);

  // Deletes what is beyond the limits, in the transaction that is open. False: a SQLite error.
  bool LetGo();
  // The transaction was rolled back: what was deleted is there again.
  bool Reload() { return Load(db_, max_calls_, max_bytes_); }

  bool empty() const { return blocks_.empty(); }
  int64_t next_id() const { return empty() ? 1 : blocks_.back().first_id + blocks_.back().calls; }
  int64_t newest_first_id() const { return empty() ? 0 : blocks_.back().first_id; }
  int64_t newest_start_ns() const { return empty() ? 0 : blocks_.back().last_start_ns; }

 private:
  struct Entry {
    int64_t first_id;
    uint32_t calls;
    int64_t first_start_ns, last_start_ns;
  };
  bool BytesInUse(int64_t* bytes);
  bool DeleteOldest();
  bool DeleteWhatWentWithThem(int64_t calls);

  sqlite3* db_ = nullptr;
  int64_t max_calls_ = 0, max_bytes_ = 0;
  std::deque<Entry> blocks_;
  int64_t calls_ = 0;
  Statement pages_, delete_block_, delete_ends_, delete_logs_, delete_losses_, delete_tasks_, count_, before_;
};

}  // namespace pytrace::store

#endif  // PYTRACE_DUMPER_STORE_RETENTION_H_
