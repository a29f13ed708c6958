// One call after the other by its id: what is known of it, and its text.
#ifndef PYTRACE_READER_CALL_SOURCE_H_
#define PYTRACE_READER_CALL_SOURCE_H_

#include <cstdint>
#include <list>
#include <memory>

#include "reader/event_line.h"
#include "reader/window.h"

namespace pytrace::reader {

struct CallFacts {
  int64_t id = 0, parent = 0;
  uint32_t function = 0, thread = 0, depth = 0;
  int64_t start_ns = 0, duration_ns = store::kOpen, children_ns = 0;
  store::Outcome outcome = store::Outcome::kNone;
  int64_t self_ns() const { return duration_ns < 0 ? store::kOpen : duration_ns - children_ns; }
};

CallFacts FactsOf(const store::DecodedBlock& block, uint32_t row);

class CallSource {
 public:
  explicit CallSource(store::Database* database) : database_(database), reader_(database->catalog()) {}

  // false: the call was let go, or there is none.
  bool Find(int64_t id, CallFacts* out);
  // The texts of its start and its end; `end` may be nullptr, and is left alone while the call runs.
  bool Read(int64_t id, CallFacts* facts, EventText* start, EventText* end);
  // After Database::Refresh.
  void Forget();

 private:
  std::shared_ptr<const store::DecodedBlock> BlockOf(int64_t id);

  store::Database* database_;
  EventReader reader_;
  std::list<std::shared_ptr<const store::DecodedBlock>> recent_;  // newest first
};

// A whole call as one line: `total(self = Cart: ...) = 12.5`, `lookup(sku = str: 'B-02') ! KeyError('B-02')`.
void MakeCallLine(const EventText& start, const EventText* end, CallText* out);

}  // namespace pytrace::reader

#endif  // PYTRACE_READER_CALL_SOURCE_H_
