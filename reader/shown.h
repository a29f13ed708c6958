// Which calls are shown: those of the selected run that all filters match, without what Python ran for itself.
#ifndef PYTRACE_READER_SHOWN_H_
#define PYTRACE_READER_SHOWN_H_

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "dumper/store/database.h"
#include "dumper/store/events.h"
#include "dumper/store/imports.h"
#include "reader/options.h"
#include "reader/query/filter.h"

namespace pytrace::reader {

// Which events are shown: those that all filters match.
struct Selection {
  std::vector<query::Filter*> filters;
  int64_t run = kNewestRun;
  bool startup = false;  // also what Python ran for itself: before __main__, after it, and to import modules
  // Pages also have events that the filters do not match, marked as such: all of them, or those at most `context` rows
  // from one that they do. Counts and calls are those of the filters all the same.
  FilterMode filter_mode = FilterMode::kHide;
  int64_t context = 0;
  bool callers = true;  // the tree also has the callers of what the filters match
};

class Shown {
 public:
  explicit Shown(store::Database* database);

  void Select(Selection selection);  // Refresh must follow
  void Refresh();                    // after Database::Refresh
  const Selection& selection() const { return selection_; }
  // Other filters for a while, which need no Refresh. Returns those of before.
  std::vector<query::Filter*> Exchange(std::vector<query::Filter*> filters) {
    return std::exchange(selection_.filters, std::move(filters));
  }
  int64_t run() const { return run_; }  // that is shown, or kAllRuns
  bool needs_values() const;            // of blocks: a filter asks for them
  bool needs_callers() const;

  bool InRun(uint32_t thread) const;
  bool MayShow(const store::ZoneMap& zone) const;  // false: nothing of the block is shown
  // Fills starts() and ends(): 0/1 for each row, whether the start and the end of the call are shown. `zone`: of a
  // whole block. `ids`: of rows that are no block.
  void Mark(const store::DecodedBlock& block, const store::ZoneMap* zone, const std::vector<int64_t>* ids);
  const std::vector<uint8_t>& starts() const { return starts_; }
  const std::vector<uint8_t>& ends() const { return ends_; }
  // The starts as they were before the filters were asked.
  const std::vector<uint8_t>& unfiltered() const { return selection_.filters.empty() ? starts_ : unfiltered_; }
  // The same for the open calls of a keyframe, but for filters: these are not asked.
  void MarkStack(const store::ThreadStack& stack, std::vector<uint8_t>* shown);
  // For each open call of a keyframe whether it is hidden as part of an import.
  const std::vector<uint8_t>& Imports(const store::ThreadStack& stack);
  template <class Note>  // a log or a loss
  bool Has(const Note& note) const {
    if (!InRun(note.thread)) return false;
    if (!selection_.startup && database_->catalog().IsStartup(note.thread, note.time_ns)) return false;
    return std::all_of(selection_.filters.begin(), selection_.filters.end(),
                       [&](query::Filter* filter) { return filter->Match(note); });
  }

 private:
  void ShowRun(const store::DecodedBlock& block, std::vector<uint8_t>* shown) const;
  void HideStartup(const store::DecodedBlock& block, std::vector<uint8_t>* shown) const;
  void HideImports(const store::DecodedBlock& block, std::vector<uint8_t>* shown);

  store::Database* database_;
  Selection selection_;
  int64_t run_ = kAllRuns;
  std::vector<uint8_t> starts_, ends_, unfiltered_, mask_[2], importing_;
  store::Imports imports_;
};

}  // namespace pytrace::reader

#endif  // PYTRACE_READER_SHOWN_H_
