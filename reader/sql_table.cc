#include "reader/sql_table.h"

#include <wchar.h>

#include <algorithm>

#include "reader/printable.h"

namespace pytrace::reader {
namespace {

constexpr size_t kRowsThatSetWidths = 1000;
constexpr int kWidest = 80;  // a longer text does not push all other rows apart

}  // namespace

int DisplayWidth(std::string_view text) {
  int width = 0;
  for (size_t i = 0; i < text.size();) {
    unsigned char lead = text[i];
    size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
    wchar_t character = size == 1 ? lead : lead & (0x7f >> size);
    for (size_t k = 1; k < size && i + k < text.size(); ++k) character = character << 6 | (text[i + k] & 0x3f);
    // The locale may know no more than ASCII; then every character counts as one.
    int columns = size == 1 ? 1 : wcwidth(character);
    width += columns < 0 ? 1 : columns;
    i += size;
  }
  return width;
}

TableWriter::Cells TableWriter::Take(sqlite3_stmt* statement) {
  Cells cells;
  for (int i = 0; i < sqlite3_column_count(statement); ++i) {
    int type = sqlite3_column_type(statement, i);
    Cell cell = {{}, 0, type == SQLITE_INTEGER || type == SQLITE_FLOAT};
    AppendPrintable(ValueText(statement, i), &cell.text);
    cell.width = DisplayWidth(cell.text);
    cells.push_back(std::move(cell));
  }
  return cells;
}

bool TableWriter::Begin(sqlite3_stmt* statement) {
  header_.clear();
  waiting_.clear();
  settled_ = false;
  for (int i = 0; i < sqlite3_column_count(statement); ++i) {
    Cell cell = {sqlite3_column_name(statement, i), 0, false};
    cell.width = DisplayWidth(cell.text);
    header_.push_back(std::move(cell));
  }
  return results_++ == 0 || fputc('\n', out_) != EOF;
}

bool TableWriter::Row(sqlite3_stmt* statement) {
  Cells cells = Take(statement);
  if (settled_) return Write(cells);
  waiting_.push_back(std::move(cells));
  return waiting_.size() < kRowsThatSetWidths || Settle();
}

bool TableWriter::End() { return (settled_ || Settle()) && fflush(out_) == 0; }

// The widths are known: writes the header and the rows that have waited for them.
bool TableWriter::Settle() {
  settled_ = true;
  widths_.clear();
  for (size_t i = 0; i < header_.size(); ++i) {
    int width = header_[i].width;
    for (const Cells& cells : waiting_) width = std::max(width, std::min(cells[i].width, kWidest));
    widths_.push_back(width);
    // Above numbers the name stands on their side.
    header_[i].number = !waiting_.empty() && waiting_[0][i].number;
  }
  Cells rule;
  for (int width : widths_) rule.push_back({std::string(width, '-'), width, false});
  if (!Write(header_) || !Write(rule)) return false;
  return std::all_of(waiting_.begin(), waiting_.end(), [this](const Cells& cells) { return Write(cells); });
}

bool TableWriter::Write(const Cells& cells) {
  std::string line;
  for (size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) line += "  ";
    size_t pad = static_cast<size_t>(std::max(0, widths_[i] - cells[i].width));
    if (cells[i].number) line.append(pad, ' ');
    line += cells[i].text;
    if (!cells[i].number && i + 1 < cells.size()) line.append(pad, ' ');
  }
  line += '\n';
  return fwrite(line.data(), 1, line.size(), out_) == line.size();
}

}  // namespace pytrace::reader
