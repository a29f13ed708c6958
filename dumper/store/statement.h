// A prepared statement. Header only, so that it is compiled against whichever SQLite its user has.
#ifndef PYTRACE_DUMPER_STORE_STATEMENT_H_
#define PYTRACE_DUMPER_STORE_STATEMENT_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "dumper/store/sqlite.h"

namespace pytrace::store {

// Not thread-safe. Values are bound in the order of the parameters; bound text and BLOBs must live until the statement
// is reset.
class Statement {
 public:
  Statement() = default;
  Statement(sqlite3* db, const char* sql) { Prepare(db, sql); }
  ~Statement() { sqlite3_finalize(statement_); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  // False: sqlite3_errmsg of the connection says why. A statement that is prepared already stays as it is.
  bool Prepare(sqlite3* db, const char* sql) {
    if (statement_ != nullptr) return true;
    return sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement_, nullptr) == SQLITE_OK;
  }
  bool ok() const { return statement_ != nullptr; }

  Statement& Int(int64_t value) {
    sqlite3_bind_int64(statement_, ++bound_, value);
    return *this;
  }
  // NULL where value is 0.
  Statement& IntOrNull(int64_t value) {
    if (value != 0) return Int(value);
    sqlite3_bind_null(statement_, ++bound_);
    return *this;
  }
  Statement& Text(std::string_view value) {
    sqlite3_bind_text64(statement_, ++bound_, value.empty() ? "" : value.data(), value.size(), SQLITE_STATIC,
                        SQLITE_UTF8);
    return *this;
  }
  Statement& Blob(std::string_view value) {
    sqlite3_bind_blob64(statement_, ++bound_, value.empty() ? "" : value.data(), value.size(), SQLITE_STATIC);
    return *this;
  }

  // A column of the row that `from` stands at.
  Statement& Value(const Statement& from, int column) {
    sqlite3_bind_value(statement_, ++bound_, sqlite3_column_value(from.statement_, column));
    return *this;
  }

  // True for a row. After false, result() is SQLITE_DONE or an error.
  bool Step() {
    result_ = sqlite3_step(statement_);
    return result_ == SQLITE_ROW;
  }
  int result() const { return result_; }
  // Ready for new values; ends the read transaction that the statement held.
  void Reset() {
    sqlite3_reset(statement_);
    bound_ = 0;
  }
  // For statements without rows.
  int Run() {
    while (Step()) {
    }
    int result = result_;
    Reset();
    return result;
  }

  int columns() const { return sqlite3_column_count(statement_); }
  bool IsNull(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
  int64_t IntAt(int column) const { return sqlite3_column_int64(statement_, column); }
  // Views last until the next step.
  std::string_view TextAt(int column) const {
    const void* text = sqlite3_column_text(statement_, column);
    return std::string_view(static_cast<const char*>(text), text ? sqlite3_column_bytes(statement_, column) : 0);
  }
  std::string_view BlobAt(int column) const {
    const void* blob = sqlite3_column_blob(statement_, column);
    return std::string_view(static_cast<const char*>(blob), blob ? sqlite3_column_bytes(statement_, column) : 0);
  }

 private:
  sqlite3_stmt* statement_ = nullptr;
  int bound_ = 0;
  int result_ = SQLITE_OK;
};

}  // namespace pytrace::store

#endif  // PYTRACE_DUMPER_STORE_STATEMENT_H_
