// How often types, names and values occur among the arguments that are shown to it.
#ifndef PYTRACE_READER_QUERY_VALUE_COUNTS_H_
#define PYTRACE_READER_QUERY_VALUE_COUNTS_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "dumper/store/database.h"
#include "reader/query/arguments.h"
#include "reader/query/fields.h"

namespace pytrace::query {

struct Choice {
  std::string text;  // the value itself
  int64_t count = 0;
};
using Choices = std::vector<Choice>;
using Counts = std::unordered_map<std::string, int64_t>;

// The commonest first.
Choices Ranked(const Counts& counts);

class ValueCounts {
 public:
  // Which arguments count, by name, type and text.
  using Wanted = std::function<bool(std::string_view, std::string_view, std::string_view)>;

  void Add(const store::Catalog& catalog, const store::Block& block, uint32_t row, Side side,
           const Wanted& wanted = nullptr);
  // Of `arg`, `type`, `value` and the fields of one argument, whose name is `name`; else nothing.
  Choices Of(const FieldInfo& field, const std::string& name) const;

 private:
  void Count(Counts* counts, const std::string& text);

  Counts names_, types_, values_;
  std::map<std::string, Counts, std::less<>> values_of_;  // by the argument's name
  std::vector<Argument> arguments_;
  std::string type_, value_;
};

}  // namespace pytrace::query

#endif  // PYTRACE_READER_QUERY_VALUE_COUNTS_H_
