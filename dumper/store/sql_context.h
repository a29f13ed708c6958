// What the virtual tables of one connection share: the recording, and the blocks that were decoded last.
#ifndef PYTRACE_DUMPER_STORE_SQL_CONTEXT_H_
#define PYTRACE_DUMPER_STORE_SQL_CONTEXT_H_

#include <deque>
#include <memory>
#include <string>

#include "dumper/store/database.h"
#include "dumper/store/sqlite.h"
#include "ringbuf/record/value_text.h"

namespace pytrace::store {

class SqlContext {
 public:
  explicit SqlContext(sqlite3* db) : db_(db) {}
  // Over a recording that is opened elsewhere and stays as it is.
  explicit SqlContext(Database* recording) : database_(recording) {}

  // A table is connected and disconnected. The recording is open while one is: a connection with open statements could
  // not be closed.
  bool Connect(std::string* error);
  void Disconnect();

  // Sees what has been committed since. False: error().
  bool Refresh();
  Database& database() { return *database_; }
  const Catalog& catalog() const { return database_->catalog(); }
  const std::string& error() const { return database_->error(); }
  // For the planner: how many calls there are.
  double Calls();

  // A block by its index in zones(), decoded or remembered. nullptr: let go meanwhile (*gone), or an error.
  std::shared_ptr<const DecodedBlock> Block(size_t zone, bool values, bool* gone);

  std::string ValueText(uint32_t thread, std::string_view value) const;
  std::string ValueType(uint32_t thread, std::string_view value) const;

 private:
  sqlite3* const db_ = nullptr;
  int connected_ = 0;
  std::unique_ptr<Database> own_;
  Database* database_ = nullptr;
  int64_t version_ = -1;                                    // of the remembered blocks
  std::deque<std::shared_ptr<const DecodedBlock>> blocks_;  // the last used first
};

// Type names of the process to which a thread belongs.
class ThreadTypes : public record::TypeNames {
 public:
  ThreadTypes(const Catalog& catalog, uint32_t thread) : catalog_(catalog) {
    const Thread* found = catalog.thread(thread);
    process_ = found == nullptr ? 0 : found->process;
  }
  std::string_view Name(uint32_t type) const override { return catalog_.type_name(process_, type); }

 private:
  const Catalog& catalog_;
  int64_t process_;
};

}  // namespace pytrace::store

#endif  // PYTRACE_DUMPER_STORE_SQL_CONTEXT_H_
