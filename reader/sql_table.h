// Rows in aligned columns, for eyes.
#ifndef PYTRACE_READER_SQL_TABLE_H_
#define PYTRACE_READER_SQL_TABLE_H_

#include <string>
#include <vector>

#include "reader/sql_output.h"

namespace pytrace::reader {

// The first rows set the widths; those after them are written as they come, so that a long result neither waits nor
// fills the memory.
class TableWriter : public RowWriter {
 public:
  explicit TableWriter(FILE* out) : out_(out) {}
  bool Begin(sqlite3_stmt* statement) override;
  bool Row(sqlite3_stmt* statement) override;
  bool End() override;

 private:
  struct Cell {
    std::string text;
    int width;
    bool number;
  };
  using Cells = std::vector<Cell>;

  Cells Take(sqlite3_stmt* statement);
  bool Settle();
  bool Write(const Cells& cells);

  FILE* const out_;
  int results_ = 0;
  bool settled_ = false;
  Cells header_;
  std::vector<Cells> waiting_;
  std::vector<int> widths_;
};

// Columns that the text takes on a terminal.
int DisplayWidth(std::string_view text);

}  // namespace pytrace::reader

#endif  // PYTRACE_READER_SQL_TABLE_H_
