// From a cursor class to a SQLite module: the callbacks that are the same for all our tables.
//
// A Cursor has:
//   static constexpr char kSchema[]                                   CREATE TABLE x(...)
//   static int BestIndex(SqlContext*, sqlite3_index_info*)
//   explicit Cursor(SqlContext*)
//   bool Start(const char* index, sqlite3_value** values)             goes to the first row; false: context->error()
//   bool Next()
//   bool AtEnd() const
//   void Column(sqlite3_context*, int column) const
//   int64_t Rowid() const
#ifndef PYTRACE_DUMPER_STORE_SQL_MODULE_H_
#define PYTRACE_DUMPER_STORE_SQL_MODULE_H_

#include <memory>
#include <new>
#include <string>

#include "dumper/store/sql_context.h"
#include "dumper/store/sqlite.h"

namespace pytrace::store {

template <class Cursor>
class SqlModule {
 public:
  // Eponymous: the table is there without a CREATE.
  static int Register(sqlite3* db, const char* name, std::shared_ptr<SqlContext> context) {
    auto* shared = new (std::nothrow) std::shared_ptr<SqlContext>(std::move(context));
    if (shared == nullptr) return SQLITE_NOMEM;
    return sqlite3_create_module_v2(db, name, &kModule, shared,
                                    [](void* data) { delete static_cast<std::shared_ptr<SqlContext>*>(data); });
  }

 private:
  struct Table {
    sqlite3_vtab base;
    SqlContext* context;
  };
  struct Handle {
    sqlite3_vtab_cursor base;
    Cursor cursor;
  };

  static SqlContext* ContextOf(sqlite3_vtab* table) { return reinterpret_cast<Table*>(table)->context; }
  static Cursor& CursorOf(sqlite3_vtab_cursor* handle) { return reinterpret_cast<Handle*>(handle)->cursor; }
  static const Cursor& ConstCursorOf(sqlite3_vtab_cursor* handle) { return CursorOf(handle); }

  // No exception may pass through SQLite; ours can only be a lack of memory.
  template <class Body>
  static int Guard(sqlite3_vtab* table, Body body) {
    try {
      if (body()) return SQLITE_OK;
      sqlite3_free(table->zErrMsg);
      table->zErrMsg = sqlite3_mprintf("%s", ContextOf(table)->error().c_str());
      return SQLITE_ERROR;
    } catch (...) {
      return SQLITE_NOMEM;
    }
  }

  static int Connect(sqlite3* db, void* data, int, const char* const*, sqlite3_vtab** out, char** error) {
    SqlContext* context = static_cast<std::shared_ptr<SqlContext>*>(data)->get();
    int result = sqlite3_declare_vtab(db, Cursor::kSchema);
    if (result != SQLITE_OK) return result;
    try {
      std::string why;
      auto table = std::make_unique<Table>();
      if (!context->Connect(&why)) {
        *error = sqlite3_mprintf("%s", why.c_str());
        return SQLITE_ERROR;
      }
      table->base = {};
      table->context = context;
      *out = &table.release()->base;
      return SQLITE_OK;
    } catch (...) {
      return SQLITE_NOMEM;
    }
  }

  static int Disconnect(sqlite3_vtab* table) {
    ContextOf(table)->Disconnect();
    delete reinterpret_cast<Table*>(table);
    return SQLITE_OK;
  }

  static int BestIndex(sqlite3_vtab* table, sqlite3_index_info* info) {
    try {
      return Cursor::BestIndex(ContextOf(table), info);
    } catch (...) {
      return SQLITE_NOMEM;
    }
  }

  static int Open(sqlite3_vtab* table, sqlite3_vtab_cursor** out) {
    auto* handle = new (std::nothrow) Handle{{}, Cursor(ContextOf(table))};
    if (handle == nullptr) return SQLITE_NOMEM;
    *out = &handle->base;
    return SQLITE_OK;
  }
  static int Close(sqlite3_vtab_cursor* handle) {
    delete reinterpret_cast<Handle*>(handle);
    return SQLITE_OK;
  }

  static int Filter(sqlite3_vtab_cursor* handle, int, const char* index, int, sqlite3_value** values) {
    return Guard(handle->pVtab, [&] { return CursorOf(handle).Start(index, values); });
  }
  static int Next(sqlite3_vtab_cursor* handle) {
    return Guard(handle->pVtab, [&] { return CursorOf(handle).Next(); });
  }
  static int Eof(sqlite3_vtab_cursor* handle) { return ConstCursorOf(handle).AtEnd(); }
  static int Column(sqlite3_vtab_cursor* handle, sqlite3_context* out, int column) {
    return Guard(handle->pVtab, [&] {
      ConstCursorOf(handle).Column(out, column);
      return true;
    });
  }
  static int Rowid(sqlite3_vtab_cursor* handle, sqlite3_int64* out) {
    *out = ConstCursorOf(handle).Rowid();
    return SQLITE_OK;
  }

  static constexpr sqlite3_module kModule = [] {
    sqlite3_module module = {};
    module.xConnect = Connect;
    module.xBestIndex = BestIndex;
    module.xDisconnect = Disconnect;
    module.xOpen = Open;
    module.xClose = Close;
    module.xFilter = Filter;
    module.xNext = Next;
    module.xEof = Eof;
    module.xColumn = Column;
    module.xRowid = Rowid;
    return module;
  }();
};

inline void ResultText(sqlite3_context* out, std::string_view text) {
  sqlite3_result_text64(out, text.data() ? text.data() : "", text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}
// NULL for 0.
inline void ResultIntOrNull(sqlite3_context* out, int64_t value) {
  if (value != 0) sqlite3_result_int64(out, value);
}

}  // namespace pytrace::store

#endif  // PYTRACE_DUMPER_STORE_SQL_MODULE_H_
