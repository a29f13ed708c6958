#include "reader/profile.h"

#include <string>

#include "dumper/store/bounds.h"
#include "dumper/store/database.h"
#include "dumper/store/test_connection.h"
#include "dumper/store/test_recorder.h"
#include "reader/amounts.h"
#include "reader/call_tree.h"
#include "tests/unit/check.h"

namespace pytrace::reader {
namespace {

constexpr auto kForever = Profile::Deadline::max();

// Calls with `sql` done to their database.
struct Damaged {
  explicit Damaged(const char* sql) {
    std::string path = folder.path("a.sqlite"), error;
    store::TestRecorder recorder(store::SmallBlocks(path));
    recorder.Random(5000, 1);
    recorder.CloseAll();
    recorder.End();
    store::Connection other(path);
    CHECK_EQ(other.Run(sql), SQLITE_OK);
    CHECK(sqlite3_changes(other.db) > 0);
    database = store::Database::Open(path, &error);
    CHECK_EQ(error, "");
  }
  store::TestFolder folder;
  std::unique_ptr<store::Database> database;
};

constexpr const char* kFarEnds = "UPDATE late_ends SET end_ns = ~(-1 << 63), children_ns = 0";

TEST(SumsOfDamagedTimesStopAtTheLargest) {
  for (const char* sql : {kFarEnds, "UPDATE late_ends SET end_ns = ~(-1 << 63), children_ns = ~(-1 << 63)",
                          "UPDATE late_ends SET end_ns = -1 << 63, children_ns = ~(-1 << 63)",
                          "UPDATE blocks SET first_start_ns = -1 << 63, last_start_ns = ~(-1 << 63)"}) {
    Damaged damaged(sql);
    if (damaged.database == nullptr) return;
    Window window(damaged.database.get(), {});
    Profile profile(&window);
    while (profile.Work(kForever)) continue;
    int64_t most = 2 * store::kMostNs, longest = 0;
    for (const FunctionSums& sums : profile.Functions()) {
      CHECK(sums.total_ns >= 0 && sums.total_ns < most && sums.self_ns > -most && sums.self_ns < most);
      CHECK(sums.total_ns >= sums.longest_ns);
      longest = std::max(longest, sums.total_ns);
    }
    if (sql == kFarEnds) CHECK_EQ(longest, most - 1);
    for (const auto& [id, sums] : profile.threads()) CHECK(sums.busy_ns >= 0 && sums.last_ns >= 0);
    for (bool merged : {false, true}) {
      CallTree tree(&window);
      tree.Reset(merged);
      while (tree.Work(kForever)) continue;
      for (const auto& child : tree.root()->children) CHECK(child->total_ns >= 0 && child->total_ns < most);
    }
  }
}

TEST(SharesOfTheLargestSums) {
  int64_t most = 2 * store::kMostNs - 1;
  CHECK_EQ(Percent(most, most), 100);
  CHECK_EQ(Percent(most / 4, most), 25);
  CHECK_EQ(Percent(1, 200), 1);
  CHECK_EQ(Percent(1, 201), 0);
  CHECK_EQ(Percent(5, 0), 0);
  CHECK(IsBelow(most / 4, 26, most) && !IsBelow(most / 4 + 1, 25, most));
  CHECK(IsBelow(1, 2, 100) && !IsBelow(2, 2, 100));
}

}  // namespace
}  // namespace pytrace::reader
