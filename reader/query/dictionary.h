// The values that a recording has for a field, the commonest first: what completion offers and correction looks in.
#ifndef PYTRACE_READER_QUERY_DICTIONARY_H_
#define PYTRACE_READER_QUERY_DICTIONARY_H_

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "dumper/store/database.h"
#include "reader/query/fields.h"
#include "reader/query/value_counts.h"

namespace pytrace::query {

class ValueSource {
 public:
  virtual ~ValueSource() = default;
  // `name`: of arg.NAME.
  virtual const Choices& Of(const FieldInfo& field, const std::string& name) = 0;
  const Choices& ArgumentNames() { return Of(*FindField("arg"), ""); }
};

class Dictionary : public ValueSource {
 public:
  explicit Dictionary(store::Database* database) : database_(database) {}

  // Names are complete; types and values come from a sample of the calls, see Work.
  const Choices& Of(const FieldInfo& field, const std::string& name) override;
  // Whether Of has every value of the field.
  static bool IsComplete(const FieldInfo& field);
  // Reads a piece of the sample. Whether anything is left.
  bool Work(std::chrono::steady_clock::time_point deadline);
  void Refresh();

 private:
  void SampleBlock(size_t number);
  void AddNames(Field field, Counts* counts);

  store::Database* database_;
  std::map<std::string, Choices> known_;  // by field and name
  std::vector<size_t> to_sample_;         // blocks
  bool started_ = false;
  ValueCounts sample_;
};

// What a field that is about functions says of one; nullptr: it is about something else.
const std::string* FunctionText(const store::Function& function, Field field);

}  // namespace pytrace::query

#endif  // PYTRACE_READER_QUERY_DICTIONARY_H_
