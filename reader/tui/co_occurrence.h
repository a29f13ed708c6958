// The values that a field has in the events of a filter: what completion offers where the other parts of a filter are
// known. Where these leave nothing over, all values of the recording.
#ifndef PYTRACE_READER_TUI_CO_OCCURRENCE_H_
#define PYTRACE_READER_TUI_CO_OCCURRENCE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "reader/query/dictionary.h"
#include "reader/query/filter.h"
#include "reader/query/parse.h"
#include "reader/tui/view.h"
#include "reader/window.h"

namespace pytrace::reader::tui {

class CoOccurrence : public query::ValueSource {
 public:
  // `filter` can be read. `all`: of the recording.
  CoOccurrence(store::Database* database, Selection selection, const std::string& filter, query::ValueSource* all);
  const query::Choices& Of(const query::FieldInfo& field, const std::string& name) override;
  bool Work(Deadline deadline);  // whether anything is left
  bool done() const { return next_ >= window_.pages(); }

 private:
  void Add(const EventRef& event);
  void AddPage(size_t number);
  query::Choices Count(const query::FieldInfo& field, const std::string& name) const;
  // The same argument must be all that the filter says of one.
  bool Wanted(std::string_view name, std::string_view type, std::string_view value) const;

  store::Database* database_;
  query::ValueSource* all_;
  std::unique_ptr<query::Filter> filter_;
  std::vector<query::LiteralUse> of_argument_;
  Window window_;
  size_t next_ = 0, step_;
  struct Sides {
    int64_t starts = 0, ends = 0;
    int64_t calls() const { return starts > ends ? starts : ends; }
  };
  std::unordered_map<uint32_t, Sides> functions_, threads_;
  std::map<store::EventKind, int64_t> kinds_;
  query::ValueCounts values_;
  std::map<std::string, query::Choices> known_;  // by field and name
};

}  // namespace pytrace::reader::tui

#endif  // PYTRACE_READER_TUI_CO_OCCURRENCE_H_
