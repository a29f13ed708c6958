// The values that a recording has for a field, the commonest first: what completion offers and correction looks in.
#ifndef PYTRACE_READER_QUERY_DICTIONARY_H_
#define PYTRACE_READER_QUERY_DICTIONARY_H_

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
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

class Dictionary {
 public:
  explicit Dictionary(store::Database* database) : database_(database) {}

  // `name`: of arg.NAME. Names are complete; types and values come from a sample of the calls, see Work.
  const Choices& Of(const FieldInfo& field, const std::string& name);
  // Whether Of has every value of the field.
  static bool IsComplete(const FieldInfo& field);
  Choices ArgumentNames();
  // Reads a piece of the sample. Whether anything is left.
  bool Work(std::chrono::steady_clock::time_point deadline);
  void Refresh();

 private:
  using Counts = std::unordered_map<std::string, int64_t>;
  void SampleBlock(size_t number);
  void Count(Counts* counts, const std::string& text);
  void AddNames(Field field, Counts* counts);

  store::Database* database_;
  std::map<std::string, Choices> known_;  // by field and name
  std::vector<size_t> to_sample_;         // blocks
  bool started_ = false;
  Counts types_, values_;
  std::map<std::string, Counts> values_of_;  // by the argument's name
};

}  // namespace pytrace::query

#endif  // PYTRACE_READER_QUERY_DICTIONARY_H_
