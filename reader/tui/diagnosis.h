// Why a filter matches nothing: how many events each part of its `and` matches by itself, and how many all the others
// do.
#ifndef PYTRACE_READER_TUI_DIAGNOSIS_H_
#define PYTRACE_READER_TUI_DIAGNOSIS_H_

#include <memory>
#include <string>
#include <vector>

#include "reader/query/dictionary.h"
#include "reader/tui/filter_help.h"

namespace pytrace::reader::tui {

class Diagnosis {
 public:
  // `selection`: without the filter.
  Diagnosis(store::Database* database, const Selection& selection, const std::string& filter,
            query::Dictionary* dictionary);
  bool Work(Deadline deadline);  // whether anything is left

  struct Part {
    std::string text, without;  // `without`: the filter that is left
    int64_t alone = 0, others = 0;
  };
  bool done() const { return next_ >= counts_.size(); }
  const std::vector<Part>& parts() const { return parts_; }
  // Filters that match something, the one with the fewest events first: `label` says what they change.
  struct Offer {
    std::string label, filter;
    int64_t events = 0;
    bool keeps = false;  // the filter as it is: the recording grows, and is to be followed
  };
  const std::vector<Offer>& offers() const { return offers_; }

 private:
  void AddCount(const std::string& filter, int64_t* to);
  void AddNear(const std::string& filter);
  void Finish();

  store::Database* database_;
  Selection selection_;
  query::Dictionary* dictionary_;
  std::string filter_;
  std::vector<Part> parts_;
  struct Count {
    std::string filter;
    int64_t* to;
  };
  std::vector<Count> counts_;
  size_t next_ = 0;
  std::unique_ptr<EventCount> running_;
  std::vector<Offer> near_;  // other values for literals
  std::vector<Offer> offers_;
};

}  // namespace pytrace::reader::tui

#endif  // PYTRACE_READER_TUI_DIAGNOSIS_H_
