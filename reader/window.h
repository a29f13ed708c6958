// The events of a recording as pages, one for each block, so that any place of it can be shown after decoding one
// block.
//
// Page p shows what happened between the start of block p's first call and that of block p+1's: the starts of its own
// calls, those of their ends that fall into this span, the ends of older calls that do (the keyframe names the
// candidates), losses and logs. At the very moment of a first call, ends are still on the page before. So every event
// is on one page, and the pages in order are the events in order of time.
#ifndef PYTRACE_READER_WINDOW_H_
#define PYTRACE_READER_WINDOW_H_

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "dumper/store/database.h"
#include "dumper/store/events.h"
#include "reader/query/filter.h"
#include "reader/shown.h"

namespace pytrace::reader {

// The order of events (dumper/store/events.h): by time, then ends before starts before losses before logs, of two ends
// the younger call's first.
struct EventKey {
  enum class Rank : uint8_t { kEnd, kStart, kLoss, kLog };
  int64_t time_ns = 0;
  Rank rank = Rank::kEnd;
  int64_t id = 0;  // of the call; of the row of `logs` or `losses`

  friend bool operator==(const EventKey&, const EventKey&) = default;
  friend bool operator<(const EventKey& a, const EventKey& b) {
    if (a.time_ns != b.time_ns) return a.time_ns < b.time_ns;
    if (a.rank != b.rank) return a.rank < b.rank;
    return a.rank == Rank::kEnd ? a.id > b.id : a.id < b.id;
  }
};

struct Page {
  enum class From : uint8_t { kStart, kEnd, kLateEnd, kLog, kLoss };
  struct Entry {
    EventKey key;
    uint32_t index;  // in `block`, `late`, logs or losses
    From from;
    bool aside = false;  // the filters do not match it
  };
  size_t number = 0;
  std::shared_ptr<const store::DecodedBlock> block;  // nullptr: no call of it is shown
  store::DecodedBlock late;                          // the older calls that end here; ids in late_ids
  std::vector<int64_t> late_ids;
  std::vector<Entry> entries;  // what is shown

  void Sort();  // entries, of which starts come first and in order
};

// One event, ready to be printed. Views into the page, the catalogue and the window.
struct EventRef {
  store::EventKind kind = store::EventKind::kCall;
  EventKey key;
  int64_t call_id = 0;
  uint32_t thread = 0, function = 0, depth = 0;
  const store::DecodedBlock* block = nullptr;  // with values, for events of calls
  uint32_t row = 0;
  query::Side side = query::Side::kStart;
  const store::LogRow* log = nullptr;
  const store::Loss* loss = nullptr;
  bool aside = false;  // the filters do not match it
};

class Window {
 public:
  Window(store::Database* database, Selection selection);

  void Select(Selection selection);
  const Selection& selection() const { return shown_.selection(); }
  // After Database::Refresh: forgets all pages. Places are kept as keys.
  void Refresh();

  size_t pages() const;
  // Decoded pages are remembered, the least recently used go. nullptr: the block was let go meanwhile, or is damaged.
  // The page stays valid while the caller has it.
  std::shared_ptr<const Page> Get(size_t page);
  // How many events begin in the page: added up over all pages the number that is shown. Cheaper than Get. -1: as Get's
  // nullptr.
  int64_t Count(size_t page) { return Sum(page, false).events; }
  // Where in the page, in 64ths of it, exceptions and losses are; and that number. `marks_only`: it may stay 0.
  struct Sums {
    int64_t events = 0;
    uint64_t exceptions = 0, losses = 0;
  };
  Sums Sum(size_t page, bool marks_only);
  EventRef At(const Page& page, size_t entry) const;

  // The calls of block `number` (of zones()), without values unless a filter asks for them; shown[row]: the call's
  // start or its end is. An empty block: none of them is. false: as Get's nullptr. unfiltered[row], where wanted: the
  // same as if there were no filter; `all_blocks`: also of a block in which the filters match nothing.
  bool Calls(size_t number, store::DecodedBlock* block, std::vector<uint8_t>* shown,
             std::vector<uint8_t>* unfiltered = nullptr, bool all_blocks = false);
  // The same for the open calls of a keyframe, but for filters: these were not asked.
  void StackShown(const store::ThreadStack& stack, std::vector<uint8_t>* shown) { shown_.MarkStack(stack, shown); }
  bool InRun(uint32_t thread) const { return shown_.InRun(thread); }
  int64_t run() const { return shown_.run(); }  // that is shown, or kAllRuns

  // Whether pages have events that the filters do not match.
  bool HasAsides() const { return selection().filter_mode != FilterMode::kHide && !selection().filters.empty(); }
  int64_t StartNs() const;  // of the run that is shown, as the first page has it
  int64_t lost_events() const;
  bool HasSeveralProcesses() const;
  bool HasSeveralThreads() const;

  size_t PageOf(const EventKey& key) const;
  size_t PageOfCall(int64_t id) const;        // with its start
  int64_t first_id() const, last_id() const;  // calls of the database

  store::Database* database() const { return database_; }
  // Why something is not shown that should be: the first block that could not be read. Empty: there was none.
  const std::string& problem() const { return problem_; }

 private:
  struct Span {
    int64_t after_ns, until_ns;
  };
  Span SpanOf(size_t page) const;
  size_t PageAt(int64_t time_ns) const;  // the last one that begins before then
  bool AddCalls(size_t number, Page* page);
  bool AddLateEnds(size_t number, Span span, Page* page);
  void AddNotes(size_t number, Page* page);
  bool Fill(size_t number, Page* page);
  // window_context.cc
  // Of a page as it is without filters: its rows, those before the first match and those behind the last (-1: none).
  struct Nearness {
    int64_t rows = 0, head = -1, tail = -1;
  };
  bool FillAll(size_t number, Page* page);
  Nearness NearnessOf(size_t number);
  int64_t RowsToMatch(size_t number, bool back);
  bool AddContext(Page* page);
  bool Failed();  // false; remembers why, unless the block was only let go
  void LoadNotes();

  store::Database* database_;
  Shown shown_;
  std::string problem_;
  std::vector<store::Loss> losses_;
  std::vector<store::LogRow> logs_;
  std::list<std::shared_ptr<const Page>> recent_;  // newest first
  std::map<size_t, Nearness> nearness_;            // by page
  store::DecodedBlock counted_;                    // scratch
};

}  // namespace pytrace::reader

#endif  // PYTRACE_READER_WINDOW_H_
