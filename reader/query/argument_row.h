// The arguments of one event after the other, with what a filter asks of them. Texts are made when first asked for, and
// the memory is kept from event to event.
#ifndef PYTRACE_READER_QUERY_ARGUMENT_ROW_H_
#define PYTRACE_READER_QUERY_ARGUMENT_ROW_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dumper/store/database.h"
#include "reader/query/arguments.h"
#include "reader/query/tree.h"
#include "reader/query/value_test.h"

namespace pytrace::query {

class ArgumentRow {
 public:
  std::string_view name() const { return name_; }
  const std::string& Text();
  const std::string& Type();
  // kValue, kNamed. A string is compared as its repr and as its characters: name == 'A-17' need not say "'A-17'".
  bool HasValue(const Leaf& leaf, ValueTest* test);

 private:
  friend class ArgumentRows;
  bool HasText(const Leaf& leaf);

  std::string_view name_, value_;
  const store::Catalog* catalog_ = nullptr;  // nullptr: text_ and type_ are given
  int64_t process_ = 0;
  bool has_text_ = false, has_type_ = false;
  std::string text_, type_;
};

class ArgumentRows {
 public:
  explicit ArgumentRows(const store::Catalog* catalog) : catalog_(*catalog) {}

  // `names`: whether they will be asked for.
  void Read(const store::Block& block, uint32_t row, Side side, bool names);
  // Whether an argument of the event passes a kValue or kNamed; for filters that ask no more of arguments than this, so
  // that no rows are made.
  bool AnyHasValue(const Leaf& leaf, ValueTest* test, const store::Block& block, uint32_t row, Side side);
  void SetText(std::string_view name, std::string_view text);  // one argument, a str
  void Clear() { size_ = 0; }
  void Forget();  // what was remembered of the catalogue

  ArgumentRow* begin() { return rows_.data(); }
  ArgumentRow* end() { return rows_.data() + size_; }
  bool empty() const { return size_ == 0; }

 private:
  const store::Function* FunctionOf(uint32_t id);
  int64_t ProcessOf(uint32_t thread);
  ArgumentRow* Add(std::string_view name);
  bool HasValue(const Leaf& leaf, ValueTest* test, std::string_view value, uint32_t thread);
  static constexpr uint32_t kNowhere = 0xffffffff, kNotAsked = 0xfffffffe;
  uint32_t PlaceOf(std::string_view name, uint32_t function);

  const store::Catalog& catalog_;
  std::vector<ArgumentRow> rows_;
  size_t size_ = 0;
  std::vector<const store::Function*> functions_;
  std::vector<uint32_t> places_;  // by function, see PlaceOf
  uint32_t thread_ = 0;           // whose process is process_
  int64_t process_ = -1;
};

}  // namespace pytrace::query

#endif  // PYTRACE_READER_QUERY_ARGUMENT_ROW_H_
