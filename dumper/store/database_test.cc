#include "dumper/store/database.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <sstream>

#include "dumper/store/bounds.h"
#include "dumper/store/events.h"
#include "dumper/store/test_connection.h"
#include "dumper/store/test_recorder.h"
#include "tests/unit/check.h"

namespace pytrace::store {
namespace {

std::string WhyNot(const std::string& path) {
  std::string error;
  CHECK(Database::Open(path, &error) == nullptr);
  return error;
}

// All calls of the database, against what was recorded.
void CheckCalls(Database* database, const TestRecorder& recorder) {
  size_t seen = 0;
  DecodedBlock block;
  for (size_t zone = 0; zone < database->zones().size(); ++zone) {
    CHECK(database->ReadBlock(zone, true, &block));
    CHECK(block.has_values);
    for (uint32_t row = 0; row < block.size(); ++row, ++seen) {
      const TestCall& call = recorder.call(block.first_id + row);
      CHECK_EQ(block.parent[row], call.parent);
      CHECK_EQ(block.function[row], call.function);
      CHECK_EQ(block.start_ns[row], call.start_ns);
      CHECK_EQ(block.duration_ns[row], call.end_ns ? call.end_ns - call.start_ns : kOpen);
      CHECK_EQ(static_cast<int>(block.outcome[row]), static_cast<int>(call.outcome));
      if (call.end_ns != 0) CHECK_EQ(block.children_ns[row], call.children_ns);
      if (call.end_ns != 0) CHECK_EQ(block.Result(row).empty(), false);
    }
  }
  CHECK_EQ(seen, recorder.calls().size());
}

TEST(EveryCallComesBackWithParentAndTimes) {
  TestFolder folder;
  std::string path = folder.path("a.sqlite"), error;
  TestRecorder recorder(SmallBlocks(path));
  recorder.Random(5000, 1);
  CHECK(recorder.Commit());
  auto database = Database::Open(path, &error);
  CHECK(database != nullptr);
  CHECK_EQ(database->catalog().processes().begin()->second.ended_ns, 0);
  CHECK(database->zones().size() > 30);
  CheckCalls(database.get(), recorder);
  recorder.CloseAll();
  recorder.End();
  CHECK(database->Refresh());
  CHECK(database->catalog().processes().begin()->second.ended_ns != 0);
  CheckCalls(database.get(), recorder);
}

TEST(RefreshSeesWhatWasCommittedSince) {
  TestFolder folder;
  std::string path = folder.path("a.sqlite"), error;
  TestRecorder recorder(SmallBlocks(path));
  CHECK(recorder.Commit());
  auto database = Database::Open(path, &error);
  CHECK(database != nullptr);
  CHECK(database->zones().empty());
  for (int i = 0; i < 40; ++i) {
    recorder.Random(37, i);
    CHECK(recorder.Commit());
    int64_t before = database->version();
    CHECK(database->Refresh());
    CHECK(database->version() != before);
    before = database->version();
    CHECK(database->Refresh());
    CHECK_EQ(database->version(), before);
    CheckCalls(database.get(), recorder);
  }
}

TEST(BlocksAreReadAsFarAsTheZonesSay) {
  TestFolder folder;
  std::string path = folder.path("a.sqlite"), error;
  TestRecorder recorder(SmallBlocks(path));
  recorder.Enter(0, 0, 1);
  CHECK(recorder.Commit());
  auto database = Database::Open(path, &error);
  recorder.Enter(0, 0, 2);
  CHECK(recorder.Commit());
  DecodedBlock block;
  CHECK(database->ReadBlock(0, true, &block));
  CHECK_EQ(block.size(), 1u);
  CHECK(database->Refresh() && database->ReadBlock(0, true, &block));
  CHECK_EQ(block.size(), 2u);
}

TEST(TheCatalogKnowsTheNames) {
  TestFolder folder;
  std::string path = folder.path("a.sqlite"), error;
  TestRecorder recorder(SmallBlocks(path));
  recorder.writer()->SetMain(1, 1'700'000'000'000'000'500);
  recorder.writer()->SetMainEnd(1, 1'700'000'000'000'000'900);
  CHECK(recorder.Commit());
  auto database = Database::Open(path, &error);
  const Catalog& catalog = database->catalog();
  CHECK_EQ(catalog.runs().size(), 1u);
  CHECK_EQ(catalog.function(2)->qualname, "Cart.add");
  CHECK(catalog.function(2)->arguments == (std::vector<std::string>{"self", "n", "items"}));
  CHECK(catalog.function(99) == nullptr);
  CHECK_EQ(catalog.thread(1)->name, "MainThread");
  CHECK_EQ(catalog.process_of_thread(3)->pid, 101);
  CHECK_EQ(catalog.type_name(1, 2), "KeyError");
  CHECK_EQ(catalog.type_name(1, 9), "?");
  CHECK(catalog.IsStartup(1, 1'700'000'000'000'000'499));
  CHECK(!catalog.IsStartup(1, 1'700'000'000'000'000'500));
  CHECK(catalog.IsStartup(1, 1'700'000'000'000'000'901));
  CHECK(!catalog.IsStartup(2, 1'700'000'000'000'000'901));
  recorder.writer()->RenameThread(1, "renamed");
  recorder.writer()->AddType(1, 3, "shop.New");
  CHECK(recorder.Commit() && database->Refresh());
  CHECK_EQ(catalog.thread(1)->name, "renamed");
  CHECK_EQ(catalog.type_name(1, 3), "shop.New");
}

// The schema is what others read a database by. A reference or the key of a table says enough.
TEST(EveryColumnSaysWhatItIs) {
  TestFolder folder;
  std::string path = folder.path("a.sqlite");
  TestRecorder recorder(SmallBlocks(path));
  Connection database(path);
  Statement tables(database.db, "SELECT sql FROM sqlite_schema WHERE type = 'table'");
  int columns = 0;
  while (tables.Step()) {
    std::istringstream sql{std::string(tables.TextAt(0))};
    for (std::string line; std::getline(sql, line);) {
      if (line.rfind("  ", 0) != 0 || line.rfind("  PRIMARY KEY", 0) == 0) continue;
      ++columns;
      bool told = line.find(" -- ") != line.npos || line.find(" REFERENCES ") != line.npos ||
                  line == "  id INTEGER PRIMARY KEY,";
      CHECK_EQ(told ? "" : line, "");
    }
  }
  CHECK(columns > 95);
}

TEST(WhatIsNoRecordingIsRefusedInOneLine) {
  TestFolder folder;
  CHECK(WhyNot(folder.path("none")).find("does not exist") != std::string::npos);
  CHECK(WhyNot(folder.path(".")).find("is a directory") != std::string::npos);
  std::string path = folder.path("text");
  FILE* file = fopen(path.c_str(), "w");
  CHECK(WhyNot(path).find("is empty") != std::string::npos);
  for (int i = 0; i < 1000; ++i) fputs("not a database at all\n", file);
  fclose(file);
  CHECK(WhyNot(path).find("is not a SQLite database") != std::string::npos);
}

TEST(DamagedBlocksAreToldNotRead) {
  TestFolder folder;
  std::string path = folder.path("a.sqlite"), error;
  TestRecorder recorder(SmallBlocks(path));
  recorder.Random(300, 1);
  CHECK(recorder.Commit());
  auto database = Database::Open(path, &error);
  Connection(path).Run("UPDATE blocks SET call_columns = zeroblob(50) WHERE first_id = 1");
  DecodedBlock block;
  CHECK(!database->ReadBlock(0, true, &block));
  CHECK(database->error().find("damaged") != std::string::npos);
  CHECK(database->ReadBlock(1, true, &block));
}

// The index of a damaged file may lead to rows that were not asked for. Here a view does, whose ids are others each
// time that they are looked at.
TEST(LateEndsOfCallsThatAreElsewhereAreSkipped) {
  TestFolder folder;
  std::string path = folder.path("a.sqlite"), error;
  {
    TestRecorder recorder(SmallBlocks(path));
    recorder.Random(300, 1);
    CHECK(recorder.Commit());
  }
  Connection other(path);
  CHECK_EQ(other.Run("DROP TABLE late_ends; CREATE VIEW late_ends AS"
                     " WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)"
                     " SELECT CASE abs(random()) % 3 WHEN 0 THEN 70 WHEN 1 THEN 3 ELSE 1 << 28 END AS call_id,"
                     " 1 AS end_ns, 0 AS children_ns, 1 AS outcome, NULL AS result FROM n"),
           SQLITE_OK);
  auto database = Database::Open(path, &error);
  CHECK_EQ(error, "");
  if (database == nullptr) return;
  DecodedBlock block;
  CHECK(database->ReadBlock(1, true, &block));
  CHECK_EQ(block.first_id, 65);
  CHECK_EQ(block.duration_ns[70 - 65], 0);
  CHECK(database->ReadBlock(2, true, &block));
}

TEST(LateEndsThatCannotBeAreCutBack) {
  TestFolder folder;
  std::string path = folder.path("a.sqlite"), error;
  TestRecorder recorder(SmallBlocks(path));
  recorder.Random(1000, 1);
  CHECK(recorder.Commit());
  Connection other(path);
  for (const char* end : {"end_ns = -1 << 63", "end_ns = ~(-1 << 63)", "outcome = 255", "children_ns = -1 << 63",
                          "children_ns = ~(-1 << 63)"}) {
    CHECK_EQ(other.Run((std::string("UPDATE late_ends SET ") + end).c_str()), SQLITE_OK);
    CHECK(sqlite3_changes(other.db) > 0);
    auto database = Database::Open(path, &error);
    CHECK_EQ(error, "");
    if (database == nullptr) return;
    for (size_t zone = 0; zone < database->zones().size(); ++zone) {
      DecodedBlock block;
      CHECK(database->ReadBlock(zone, true, &block));
      for (uint32_t row = 0; row < block.size(); ++row) {
        CHECK(block.duration_ns[row] >= kOpen && block.duration_ns[row] <= kMostNs);
        CHECK(block.children_ns[row] >= 0 && block.children_ns[row] <= kMostNs);
        CHECK(block.outcome[row] <= Outcome::kYield);
        Database::End late;
        if (!database->LateEnd(block.first_id + row, block.start_ns[row], &late)) continue;
        CHECK_EQ(late.end_ns - block.start_ns[row], block.duration_ns[row]);
        CHECK_EQ(late.children_ns, block.children_ns[row]);
      }
    }
  }
}

TEST(NumbersBeyondReasonAreCutBack) {
  TestFolder folder;
  std::string path = folder.path("a.sqlite"), error;
  TestRecorder recorder(SmallBlocks(path));
  recorder.Random(300, 1);
  recorder.Log(0, "hello");
  recorder.writer()->AddLoss({1, recorder.now() + 1, 4, 3, 2, 0}, 1);
  CHECK(recorder.Commit());
  Connection other(path);
  auto in = [](int64_t number) { return number >= 0 && number <= kMostNs; };
  for (const char* number : {"-1 << 63", "~(-1 << 63)"}) {
    for (const char* column :
         {"blocks SET first_start_ns", "blocks SET last_start_ns", "blocks SET max_duration_ns", "runs SET started_ns",
          "processes SET started_ns", "processes SET ended_ns", "processes SET main_ns", "threads SET ended_ns",
          "functions SET calls", "functions SET total_ns", "functions SET self_ns", "losses SET time_ns",
          "losses SET enters", "losses SET others", "logs SET time_ns", "logs SET call_id"}) {
      CHECK_EQ(other.Run((std::string("UPDATE ") + column + " = " + number).c_str()), SQLITE_OK);
    }
    auto database = Database::Open(path, &error);
    CHECK_EQ(error, "");
    if (database == nullptr) return;
    for (const ZoneMap& zone : database->zones())
      CHECK(in(zone.first_start_ns) && in(zone.last_start_ns) && in(zone.max_duration_ns));
    const Catalog& catalog = database->catalog();
    CHECK(in(catalog.runs()[0].started_ns) && in(catalog.thread(1)->ended_ns));
    const Process* process = catalog.process_of_thread(1);
    CHECK(in(process->started_ns) && in(process->ended_ns) && in(process->main_ns));
    const Function* function = catalog.function(1);
    CHECK(in(function->calls) && in(function->total_ns) && in(function->self_ns));
    std::vector<Loss> losses;
    std::vector<LogRow> logs;
    CHECK(database->Losses(&losses) && database->Logs(&logs));
    CHECK(in(losses[0].time_ns) && in(losses[0].enters) && in(losses[0].others));
    CHECK(in(logs[0].time_ns) && in(logs[0].call_id));
  }
}

TEST(ARecordingInAForeignFolderIsReadable) {
  TestFolder folder;
  std::string path = folder.path("odd ?#%name.sqlite"), error;
  {
    TestRecorder recorder(SmallBlocks(path));
    recorder.Random(300, 1);
    CHECK(recorder.Commit());
  }
  CHECK_EQ(access((path + "-wal").c_str(), F_OK), -1);
  CHECK_EQ(chmod(folder.path(".").c_str(), 0500), 0);
  auto database = Database::Open(path, &error);
  CHECK_EQ(error, "");
  CHECK(database != nullptr && !database->zones().empty());
  CHECK_EQ(chmod(folder.path(".").c_str(), 0700), 0);
}

struct Expected {
  int64_t time_ns, call_id;
  bool end;
};

// The events of all calls from `first_id` on, by the order that the header promises.
std::vector<Expected> ExpectedEvents(const TestRecorder& recorder, int64_t first_id) {
  std::vector<Expected> events;
  int64_t from_ns = recorder.call(first_id).start_ns;
  for (const TestCall& call : recorder.calls()) {
    if (call.id >= first_id) events.push_back({call.start_ns, call.id, false});
    if (call.end_ns >= from_ns) events.push_back({call.end_ns, call.id, true});
  }
  std::sort(events.begin(), events.end(), [](const Expected& a, const Expected& b) {
    if (a.time_ns != b.time_ns) return a.time_ns < b.time_ns;
    if (a.end != b.end) return a.end;
    return a.end ? a.call_id > b.call_id : a.call_id < b.call_id;
  });
  return events;
}

void CheckEvents(Database* database, const TestRecorder& recorder, int64_t first_id) {
  EventWalker walker(database, first_id, true);
  Event event;
  std::vector<Expected> expected = ExpectedEvents(recorder, first_id);
  size_t i = 0;
  for (; walker.Next(&event); ++i) {
    CHECK(i < expected.size());
    if (i >= expected.size()) return;
    const TestCall& call = recorder.call(event.call_id);
    CHECK_EQ(event.time_ns, expected[i].time_ns);
    CHECK_EQ(event.call_id, expected[i].call_id);
    bool end = event.kind != EventKind::kCall && event.kind != EventKind::kResume;
    CHECK_EQ(end, expected[i].end);
    CHECK_EQ(event.function, call.function);
    CHECK_EQ(event.thread, call.thread);
    CHECK_EQ(event.depth, call.depth);
    if (event.block) CHECK_EQ(event.block->first_id + event.row, call.id);
  }
  CHECK_EQ(i, expected.size());
}

TEST(EventsComeInTheOrderOfTimeFromAnyCall) {
  TestFolder folder;
  std::string path = folder.path("a.sqlite"), error;
  TestRecorder recorder(SmallBlocks(path));
  recorder.Random(3000, 2);
  recorder.CloseAll();
  recorder.End();
  auto database = Database::Open(path, &error);
  int64_t last = recorder.calls().back().id;
  for (int64_t first : {int64_t{1}, int64_t{2}, int64_t{64}, int64_t{65}, int64_t{500}, last}) {
    CheckEvents(database.get(), recorder, first);
  }
}

TEST(AWalkGoesOnWithTheRecording) {
  TestFolder folder;
  std::string path = folder.path("a.sqlite"), error;
  TestRecorder recorder(SmallBlocks(path));
  CHECK(recorder.Commit());
  auto database = Database::Open(path, &error);
  EventWalker walker(database.get(), 0, true);
  Event event;
  std::vector<Event> events;
  CHECK(!walker.Next(&event));
  for (int i = 0; i < 60; ++i) {
    if (i < 59) recorder.Random(41, i);
    if (i == 59) recorder.CloseAll();
    CHECK(recorder.Commit() && database->Refresh());
    while (walker.Next(&event)) events.push_back(event);
  }
  std::vector<Expected> expected = ExpectedEvents(recorder, 1);
  CHECK_EQ(events.size(), expected.size());
  for (size_t i = 0; i < std::min(events.size(), expected.size()); ++i) {
    CHECK_EQ(events[i].time_ns, expected[i].time_ns);
    CHECK_EQ(events[i].call_id, expected[i].call_id);
    if (events[i].block && expected[i].end) CHECK(!events[i].block->Result(events[i].row).empty());
  }
}

TEST(LossesAndLogsStandWhereTheyHappened) {
  TestFolder folder;
  std::string path = folder.path("a.sqlite"), error;
  TestRecorder recorder(SmallBlocks(path));
  recorder.Enter(0, 0, 1);
  recorder.Log(0, "inside");
  recorder.Leave(0, Outcome::kReturn);
  recorder.writer()->AddLoss({1, recorder.now() + 1, 4, 3, 2, 0}, 1);
  CHECK(recorder.Commit());
  auto database = Database::Open(path, &error);
  EventWalker walker(database.get(), 0, false);
  std::string kinds;
  Event event;
  while (walker.Next(&event)) {
    kinds += std::string(KindName(event.kind)) + " ";
    if (event.log) CHECK_EQ(event.log->text, "inside");
    if (event.log) CHECK_EQ(event.depth, 1u);
    if (event.loss) CHECK_EQ(event.loss->enters, 4);
    if (event.loss) CHECK_EQ(event.loss->reason, "full");
  }
  CHECK_EQ(kinds, "call log return lost ");
}

}  // namespace
}  // namespace pytrace::store
