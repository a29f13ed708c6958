#include "reader/tui/event_list.h"

#include <chrono>
#include <string>

#include "dumper/store/test_recorder.h"
#include "tests/unit/check.h"

namespace pytrace::reader::tui {
namespace {

Deadline Soon() { return std::chrono::steady_clock::now() + std::chrono::milliseconds(1); }

// A list over a recording that may grow; what the rows must be is asked of the window, from its first event on.
class ListCase {
 public:
  explicit ListCase(int events, int64_t max_calls = 0, uint32_t block_calls = 16)
      : recorder_(Options(max_calls, block_calls)) {
    Record(events);
    std::string error;
    database_ = store::Database::Open(options_.path, &error);
    if (database_ == nullptr) std::cerr << error << "\n";
    Selection all;
    all.startup = true;
    window_ = std::make_unique<Window>(database_.get(), all);
    list_ = std::make_unique<EventList>(window_.get());
    list_->SetHeight(7);
  }

  void Record(int events) {
    recorder_.Random(events, ++seed_);
    CHECK(recorder_.Commit());
  }
  void Refresh() {
    CHECK(database_->Refresh());
    window_->Refresh();
    list_->Changed(true);
  }
  EventList* list() { return list_.get(); }
  Window* window() { return window_.get(); }

  void Finish() {
    while (list_->Work(Soon())) continue;
  }
  std::vector<EventKey> AllKeys() {
    std::vector<EventKey> keys;
    for (size_t number = 0; number < window_->pages(); ++number) {
      for (const Page::Entry& entry : window_->Get(number)->entries) keys.push_back(entry.key);
    }
    return keys;
  }
  // Index of the focus among all events; -1: none. Checks that the rows on the screen are consecutive and have their
  // texts.
  int64_t Focus() {
    Finish();
    std::vector<EventKey> keys = AllKeys();
    const auto& rows = list_->rows();
    if (rows.empty()) return -1;
    int64_t first = std::find(keys.begin(), keys.end(), rows[0].key) - keys.begin();
    for (size_t i = 0; i < rows.size(); ++i) {
      CHECK(first + i < keys.size() && keys[first + i] == rows[i].key);
      CHECK(list_->TextOf(static_cast<int>(i)) != nullptr &&
            list_->TextOf(static_cast<int>(i))->event.time_ns == rows[i].key.time_ns);
    }
    size_t full = std::min<size_t>(7, keys.size());
    CHECK_EQ(rows.size(), full);
    return first + list_->focus();
  }

 private:
  store::WriterOptions Options(int64_t max_calls, uint32_t block_calls) {
    options_.path = folder_.path("traces.sqlite");
    options_.max_calls = max_calls;
    options_.block_calls = block_calls;
    return options_;
  }
  store::TestFolder folder_;
  store::WriterOptions options_;
  store::TestRecorder recorder_;
  uint32_t seed_ = 0;
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<Window> window_;
  std::unique_ptr<EventList> list_;
};

TEST(MotionsCountRows) {
  ListCase is(400);
  int64_t last = static_cast<int64_t>(is.AllKeys().size()) - 1;
  is.list()->First(1);
  CHECK_EQ(is.Focus(), 0);
  is.list()->MoveBy(3);
  CHECK_EQ(is.Focus(), 3);
  is.list()->MoveBy(100);
  CHECK_EQ(is.Focus(), 103);
  is.list()->MoveBy(-1);
  CHECK_EQ(is.Focus(), 102);
  is.list()->PageBy(7);
  CHECK_EQ(is.Focus(), 109);
  is.list()->PageBy(-14);
  CHECK_EQ(is.Focus(), 95);
  is.list()->MoveBy(-1000);
  CHECK_EQ(is.Focus(), 0);
  is.list()->PageBy(-7);
  CHECK_EQ(is.Focus(), 0);
  is.list()->Last();
  CHECK_EQ(is.Focus(), last);
  is.list()->PageBy(7);
  CHECK_EQ(is.Focus(), last);
  is.list()->First(50);
  CHECK_EQ(is.Focus(), 49);
  is.list()->MoveBy(1'000'000);
  CHECK_EQ(is.Focus(), last);
  EventKey key = is.AllKeys()[77];
  is.list()->GoTo(key);
  CHECK_EQ(is.Focus(), 77);
  ++key.time_ns;  // no such event: the next one
  is.list()->GoTo(key);
  CHECK(is.Focus() == 77 || is.Focus() == 78);
}

TEST(SearchFindsTheCountthMatch) {
  ListCase is(300);
  std::vector<EventKey> keys = is.AllKeys();
  is.list()->First(1);
  is.Finish();
  auto exception = [](const RowText& row) { return row.event.kind == store::EventKind::kException; };
  std::vector<int64_t> wanted;
  for (size_t number = 0, at = 0; number < is.window()->pages(); ++number) {
    std::shared_ptr<const Page> page = is.window()->Get(number);
    for (size_t i = 0; i < page->entries.size(); ++i, ++at) {
      if (is.window()->At(*page, i).kind == store::EventKind::kException) wanted.push_back(static_cast<int64_t>(at));
    }
  }
  CHECK(wanted.size() > 5);
  is.list()->Search(exception, true, 1);
  CHECK_EQ(is.Focus(), wanted[0]);
  is.list()->Search(exception, true, 3);
  CHECK_EQ(is.Focus(), wanted[3]);
  is.list()->Search(exception, false, 2);
  CHECK_EQ(is.Focus(), wanted[1]);
  is.list()->Search([](const RowText&) { return false; }, true, 1);
  CHECK_EQ(is.Focus(), wanted[1]);
  CHECK_EQ(is.list()->TakeMessage(), "Pattern not found");
}

TEST(GrowingRecordingKeepsTheFocus) {
  ListCase is(3);
  is.list()->First(1);
  CHECK_EQ(is.Focus(), 0);
  for (int round = 0; round < 20; ++round) {
    is.Record(25);
    is.Refresh();
    CHECK_EQ(is.Focus(), 0);
  }
  is.list()->MoveBy(30);
  CHECK_EQ(is.Focus(), 30);
  is.Record(40);
  is.Refresh();
  is.list()->Last();
  CHECK_EQ(is.Focus(), static_cast<int64_t>(is.AllKeys().size()) - 1);
}

// The rows that were let go stay on the screen until one moves; then the list is in what is left.
TEST(BlocksGoWhileTheyAreShown) {
  ListCase is(100, 64);
  is.list()->First(1);
  is.Finish();
  EventKey old = is.list()->rows()[0].key;
  for (int round = 0; round < 20; ++round) is.Record(60);
  is.list()->MoveBy(50);  // before the list knows
  is.Finish();
  is.Refresh();
  CHECK(is.AllKeys()[0] != old);
  is.list()->MoveBy(2000);
  is.Finish();
  is.list()->First(1);
  CHECK_EQ(is.Focus(), 0);
}

TEST(EmptyRecordingHasNoRows) {
  ListCase is(0);
  is.list()->First(1);
  CHECK_EQ(is.Focus(), -1);
  is.list()->Last();
  is.list()->MoveBy(5);
  is.list()->PageBy(-5);
  CHECK_EQ(is.Focus(), -1);
  is.Record(50);
  is.Refresh();
  is.list()->First(1);
  CHECK_EQ(is.Focus(), 0);
}

TEST(SmallerScreensKeepTheFocus) {
  ListCase is(200);
  is.list()->First(20);
  is.Finish();
  EventKey focus = is.list()->rows()[is.list()->focus()].key;
  for (int height : {3, 1, 2, 7}) {
    is.list()->SetHeight(height);
    is.Finish();
    CHECK(is.list()->rows()[is.list()->focus()].key == focus);
    CHECK_EQ(static_cast<int>(is.list()->rows().size()), height);
  }
}

}  // namespace
}  // namespace pytrace::reader::tui
