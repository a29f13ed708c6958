// A filter over the events of a recording: the parsed and prepared form of what people type. An event is a call's start
// or its end, or a log or lost row.
//
// Not for several threads at once: it remembers what it learns about functions and threads.
#ifndef PYTRACE_READER_QUERY_FILTER_H_
#define PYTRACE_READER_QUERY_FILTER_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dumper/store/database.h"
#include "reader/query/arguments.h"

namespace pytrace::query {

class Evaluator;

// `catalog` must outlive the filter. Relative times and times without a date are relative to these.
struct FilterContext {
  const store::Catalog* catalog = nullptr;
  store::Database* database = nullptr;  // for what filters ask of other calls; as long as `catalog`
  int64_t first_ns = 0, last_ns = 0;
};

// The context of a whole recording: its newest run's start, and the newest call.
FilterContext ContextOf(store::Database& database);

class Filter {
 public:
  // nullptr: *error is one line, *column the byte of `text` (from 0) that it is about. Both pointers may be nullptr.
  static std::unique_ptr<Filter> Parse(std::string_view text, const FilterContext& context, std::string* error,
                                       size_t* column);
  ~Filter();

  // Whether Match needs blocks with values.
  bool needs_values() const;
  // Whether Match needs blocks with parent and children_ns.
  bool needs_callers() const;
  // Makes the span of time smaller, as far as the filter asks for that: all events that match are inside.
  void NarrowSpan(int64_t* from_ns, int64_t* until_ns) const;
  // false: no call of the block matches by its start or its end.
  bool MayMatch(const store::ZoneMap& zone);
  // One byte for each row of the block: 1 where the call's start (its end) matches. A call matches when one of the two
  // does. `ids` names the calls where they are not first_id + row.
  void Match(const store::DecodedBlock& block, std::vector<uint8_t>* starts, std::vector<uint8_t>* ends,
             const std::vector<int64_t>* ids = nullptr);
  bool Match(const store::LogRow& log);
  bool Match(const store::Loss& loss);
  // contains() has to look at the whole recording before the first match. Whether anything is left; Match does what is.
  bool Prepare(std::chrono::steady_clock::time_point deadline);
  // To be called after Database::Refresh.
  void Refresh();

 private:
  Filter() = default;
  std::unique_ptr<Evaluator> evaluator_;
};

}  // namespace pytrace::query

#endif  // PYTRACE_READER_QUERY_FILTER_H_
