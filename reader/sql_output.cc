#include "reader/sql_output.h"

#include <charconv>
#include <cmath>
#include <string>

#include "dumper/store/text.h"
#include "reader/sql_table.h"

namespace pytrace::reader {
namespace {

bool Write(std::string_view text, FILE* out) { return fwrite(text.data(), 1, text.size(), out) == text.size(); }

// RFC 4180; NULL is empty, as SQLite's shell has it.
class CsvWriter : public RowWriter {
 public:
  explicit CsvWriter(FILE* out) : out_(out) {}
  bool Begin(sqlite3_stmt* statement) override {
    for (int i = 0; i < sqlite3_column_count(statement); ++i) Field(i, sqlite3_column_name(statement, i));
    return EndLine();
  }
  bool Row(sqlite3_stmt* statement) override {
    for (int i = 0; i < sqlite3_column_count(statement); ++i) Field(i, ValueText(statement, i));
    return EndLine();
  }
  bool End() override { return true; }

 private:
  void Field(int i, std::string_view text) {
    if (i > 0) line_ += ',';
    if (text.find_first_of(",\"\r\n") == text.npos) {
      line_ += text;
      return;
    }
    line_ += '"';
    for (char c : text) line_ += c == '"' ? std::string("\"\"") : std::string(1, c);
    line_ += '"';
  }
  bool EndLine() {
    line_ += "\r\n";
    bool written = Write(line_, out_);
    line_.clear();
    return written;
  }

  FILE* const out_;
  std::string line_;
};

// One object a row: a line each, or all in an array.
class JsonWriter : public RowWriter {
 public:
  JsonWriter(FILE* out, bool lines) : out_(out), lines_(lines) {}
  bool Begin(sqlite3_stmt* statement) override {
    names_.clear();
    for (int i = 0; i < sqlite3_column_count(statement); ++i) {
      std::string name = i == 0 ? "{" : ",";
      store::AppendJsonString(sqlite3_column_name(statement, i), &name);
      names_.push_back(name + ":");
    }
    rows_ = 0;
    return lines_ || Write("[", out_);
  }
  bool Row(sqlite3_stmt* statement) override {
    line_ = lines_ ? "" : rows_ == 0 ? "\n" : ",\n";
    for (size_t i = 0; i < names_.size(); ++i) {
      line_ += names_[i];
      Value(statement, static_cast<int>(i));
    }
    line_ += lines_ ? "}\n" : "}";
    ++rows_;
    return Write(line_, out_);
  }
  bool End() override { return lines_ || Write(rows_ == 0 ? "]\n" : "\n]\n", out_); }

 private:
  void Value(sqlite3_stmt* statement, int i) {
    switch (sqlite3_column_type(statement, i)) {
      case SQLITE_NULL:
        line_ += "null";
        return;
      case SQLITE_FLOAT:
        // JSON has no infinity.
        line_ += std::isfinite(sqlite3_column_double(statement, i)) ? ValueText(statement, i) : "null";
        return;
      case SQLITE_INTEGER:
        line_ += ValueText(statement, i);
        return;
      default:
        store::AppendJsonString(ValueText(statement, i), &line_);
    }
  }

  FILE* const out_;
  const bool lines_;
  std::vector<std::string> names_;
  std::string line_;
  int64_t rows_ = 0;
};

}  // namespace

std::string ValueText(sqlite3_stmt* statement, int column) {
  double number = sqlite3_column_double(statement, column);
  if (sqlite3_column_type(statement, column) == SQLITE_FLOAT && std::isfinite(number)) {
    char digits[40];
    std::string text(digits, std::to_chars(digits, digits + sizeof(digits), number).ptr);
    return text.find_first_of(".e") == text.npos ? text + ".0" : text;
  }
  const void* text = sqlite3_column_text(statement, column);
  return std::string(static_cast<const char*>(text), text ? sqlite3_column_bytes(statement, column) : 0);
}

std::unique_ptr<RowWriter> MakeRowWriter(std::string_view format, FILE* out) {
  if (format == "table") return std::make_unique<TableWriter>(out);
  if (format == "csv") return std::make_unique<CsvWriter>(out);
  if (format == "json") return std::make_unique<JsonWriter>(out, false);
  if (format == "jsonl") return std::make_unique<JsonWriter>(out, true);
  return nullptr;
}

}  // namespace pytrace::reader
