// Rows of any query, as people and programs read them.
#ifndef PYTRACE_READER_SQL_OUTPUT_H_
#define PYTRACE_READER_SQL_OUTPUT_H_

#include <sqlite3.h>

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

namespace pytrace::reader {

// Writes the result of one statement after the other. After an error of the stream all calls return false.
class RowWriter {
 public:
  virtual ~RowWriter() = default;
  virtual bool Begin(sqlite3_stmt* statement) = 0;
  virtual bool Row(sqlite3_stmt* statement) = 0;
  virtual bool End() = 0;
};

// `format`: table, csv, json or jsonl; nullptr for any other.
std::unique_ptr<RowWriter> MakeRowWriter(std::string_view format, FILE* out);

// A value as text; numbers with all the digits that they have, where SQLite's own text stops at 15.
std::string ValueText(sqlite3_stmt* statement, int column);

}  // namespace pytrace::reader

#endif  // PYTRACE_READER_SQL_OUTPUT_H_
