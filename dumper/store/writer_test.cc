#include "dumper/store/writer.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <thread>

#include "dumper/store/database.h"
#include "dumper/store/statement.h"
#include "dumper/store/test_recorder.h"
#include "tests/unit/check.h"

namespace pytrace::store {
namespace {

WriterOptions Options(const std::string& path) {
  WriterOptions options;
  options.path = path;
  options.block_calls = 64;
  return options;
}

// A connection of somebody else.
struct Sql {
  explicit Sql(const std::string& path) { sqlite3_open(path.c_str(), &db); }
  ~Sql() { sqlite3_close(db); }
  int Run(const char* sql) { return sqlite3_exec(db, sql, nullptr, nullptr, nullptr); }
  std::string Get(const char* sql) {
    Statement statement(db, sql);
    return statement.ok() && statement.Step() ? std::string(statement.TextAt(0)) : sqlite3_errmsg(db);
  }
  sqlite3* db = nullptr;
};

std::string WhyNot(const WriterOptions& options) {
  std::string error;
  CHECK(Writer::Open(options, 0, &error) == nullptr);
  return error;
}

TEST(ANewDatabaseIsPrivateAndExplainsItself) {
  TestFolder folder;
  std::string path = folder.path("a.sqlite");
  { TestRecorder recorder(Options(path)); }
  struct stat st;
  CHECK_EQ(stat(path.c_str(), &st), 0);
  CHECK_EQ(st.st_mode & 07777, 0600u);
  Sql sql(path);
  CHECK_EQ(sql.Get("PRAGMA application_id"), std::to_string(kApplicationId));
  CHECK_EQ(sql.Get("PRAGMA user_version"), std::to_string(kSchemaVersion));
  CHECK_EQ(sql.Get("PRAGMA page_size"), "16384");
  CHECK_EQ(sql.Get("PRAGMA journal_mode"), "wal");
  CHECK(std::stoi(sql.Get("SELECT count(*) FROM readme WHERE text LIKE '%pytrace sql%'")) > 0);
}

TEST(ForeignFilesAreRefused) {
  TestFolder folder;
  std::string text = folder.path("text");
  FILE* file = fopen(text.c_str(), "w");
  for (int i = 0; i < 1000; ++i) fputs("not a database at all\n", file);
  fclose(file);
  CHECK(WhyNot(Options(text)).find("is not a SQLite database") != std::string::npos);

  std::string other = folder.path("other.sqlite");
  CHECK_EQ(Sql(other).Run("CREATE TABLE mine(x)"), SQLITE_OK);
  CHECK(WhyNot(Options(other)).find("of another program") != std::string::npos);
  CHECK_EQ(Sql(other).Get("SELECT count(*) FROM sqlite_schema"), "1");

  std::string link = folder.path("link.sqlite");
  CHECK_EQ(symlink(other.c_str(), link.c_str()), 0);
  CHECK(WhyNot(Options(link)).find("symbolic link") != std::string::npos);

  CHECK_EQ(mkfifo(folder.path("fifo").c_str(), 0600), 0);
  CHECK(WhyNot(Options(folder.path("fifo"))).find("is not a file") != std::string::npos);
  CHECK(WhyNot(Options(folder.path("."))).find("is a directory") != std::string::npos);
  CHECK(WhyNot(Options(folder.path("no/such/folder"))).find("cannot open") != std::string::npos);
}

TEST(ANewerSchemaIsRefused) {
  TestFolder folder;
  std::string path = folder.path("a.sqlite");
  { TestRecorder recorder(Options(path)); }
  Sql(path).Run("PRAGMA user_version = 99");
  CHECK(WhyNot(Options(path)).find("newer pytrace (schema 99") != std::string::npos);
}

TEST(OnlyOneDumperAtATime) {
  TestFolder folder;
  std::string path = folder.path("a.sqlite"), error;
  auto first = Writer::Open(Options(path), 0, &error);
  CHECK(first != nullptr);
  CHECK(WhyNot(Options(path)).find("another pytrace-dumper") != std::string::npos);
  std::thread leaving([&] { first.reset(); });
  CHECK(Writer::Open(Options(path), 10'000, &error) != nullptr);
  leaving.join();
}

TEST(WhatWasNotCommittedIsGone) {
  TestFolder folder;
  std::string path = folder.path("a.sqlite");
  int64_t committed;
  {
    TestRecorder recorder(Options(path));
    recorder.Random(1000, 1);
    CHECK(recorder.Commit());
    committed = recorder.calls().back().id;
    recorder.Random(1000, 2);
    RingRow ring;
    ring.position = 777;
    recorder.writer()->PutRing(1, ring);
  }
  Sql sql(path);
  CHECK_EQ(sql.Get("SELECT max(first_id + calls - 1) FROM blocks"), std::to_string(committed));
  CHECK_EQ(sql.Get("SELECT count(*) FROM rings"), "0");
  CHECK_EQ(sql.Get("PRAGMA integrity_check"), "ok");
}

TEST(ADumperThatTakesOverFindsEverything) {
  TestFolder folder;
  std::string path = folder.path("a.sqlite"), error;
  RingRow ring;
  ring.ring = 3;
  ring.generation = ~0ull;
  ring.position = 12345;
  ring.next_call = 9;
  ring.open_calls = std::string("\0\1\2", 3);
  {
    auto writer = Writer::Open(Options(path), 0, &error);
    int64_t run = writer->RunByToken("token", 5, "[]", "/");
    CHECK_EQ(writer->RunByToken("token", 6, "[]", "/"), run);
    ProcessRow row;
    row.run = run;
    row.segment = "1.seg";
    row.argv = {"a \"b\"\n", "\xff"};
    int64_t process = writer->AddProcess(row);
    FunctionRow f{"m", "f", "C.f", "m.py", 7, 0, 0, 0, {"self"}};
    uint32_t id = writer->AddFunction(process, run, 11, f, true);
    CHECK_EQ(writer->AddFunction(process, run, 12, f, false), id);
    f.line = 8;
    CHECK(writer->AddFunction(process, run, 13, f, false) != id);
    f = {"m", "f", "C.f", "m.py", 7, 0, 0, 0, {"other"}};
    CHECK(writer->AddFunction(process, run, 15, f, false) != id);
    writer->PutRing(process, ring);
    Block block;
    CHECK(writer->LoadNewestBlock(&block));
    block.Add(id, 1, 100, 0, Start::kCall, 0, "args");
    block.End(0, 5, Outcome::kReturn, "r");
    block.Add(id, 1, 120, 0, Start::kCall, 0, "");
    writer->PutBlock(block);
    CHECK(writer->Commit());
  }
  auto writer = Writer::Open(Options(path), 0, &error);
  ProcessState state;
  CHECK(!writer->FindProcess("2.seg", &state));
  CHECK(writer->FindProcess("1.seg", &state));
  CHECK(!state.ended && !state.main_seen);
  CHECK_EQ(state.rings.size(), 1u);
  CHECK_EQ(state.rings[0].generation, ring.generation);
  CHECK_EQ(state.rings[0].position, ring.position);
  CHECK_EQ(state.rings[0].open_calls, ring.open_calls);
  CHECK_EQ(state.functions.size(), 4u);
  CHECK(state.functions[0].id == 11 && state.functions[0].main && !state.functions[1].main);
  FunctionRow f{"m", "f", "C.f", "m.py", 7, 0, 0, 0, {"self"}};
  CHECK_EQ(writer->AddFunction(state.process, state.run, 14, f, false), state.functions[0].function);
  CHECK(writer->AddFunction(state.process, state.run + 1, 14, f, false) != state.functions[0].function);

  Block block;
  CHECK(writer->LoadNewestBlock(&block));
  CHECK_EQ(block.first_id, 1);
  CHECK_EQ(block.size(), 2u);
  CHECK_EQ(block.Args(0), "args");
  CHECK_EQ(block.Result(0), "r");
  CHECK_EQ(writer->newest_start_ns(), 120);
  writer->EndProcess(state.process, 200);
  CHECK(writer->Commit());
  CHECK(writer->FindProcess("1.seg", &state) && state.ended && state.rings.empty() && state.functions.empty());
  CHECK_EQ(Sql(path).Get("SELECT argv FROM processes"), R"(["a \"b\"\n","\udcff"])");
  CHECK_EQ(Sql(path).Get("SELECT ended_ns FROM runs"), "200");
}

TEST(ProcessesOfBeforeARebootAreEnded) {
  TestFolder folder;
  WriterOptions options = Options(folder.path("a.sqlite"));
  { TestRecorder(options).Commit(); }
  CHECK_EQ(Sql(options.path).Get("SELECT count(*) FROM processes WHERE ended_ns IS NULL"), "2");
  options.rundir = folder.path("run");
  std::string error;
  CHECK(Writer::Open(options, 0, &error) != nullptr);
  CHECK_EQ(Sql(options.path).Get("SELECT count(*) FROM processes WHERE ended_ns IS NULL"), "0");
  CHECK_EQ(Sql(options.path).Get("SELECT count(*) FROM runs WHERE ended_ns IS NULL"), "0");
}

TEST(TheOldestCallsAreLetGoInWholeBlocks) {
  TestFolder folder;
  WriterOptions options = Options(folder.path("a.sqlite"));
  options.max_calls = 1000;
  TestRecorder recorder(options);
  for (int i = 0; i < 100; ++i) {
    recorder.Random(100, i);
    CHECK(recorder.Commit());
  }
  int64_t all = static_cast<int64_t>(recorder.calls().size());
  Sql sql(options.path);
  int64_t kept = std::stoll(sql.Get("SELECT sum(calls) FROM blocks"));
  CHECK(kept <= 1000 && kept > 800);
  CHECK_EQ(sql.Get("SELECT value FROM meta WHERE key = 'let_go_calls'"), std::to_string(all - kept));
  CHECK_EQ(sql.Get("SELECT min(first_id) FROM blocks"), std::to_string(all - kept + 1));
  int64_t oldest = recorder.call(all - kept + 1).start_ns;
  CHECK_EQ(sql.Get("SELECT value FROM meta WHERE key = 'let_go_before_ns'"), std::to_string(oldest));
  CHECK_EQ(sql.Get(("SELECT count(*) FROM late_ends WHERE end_ns < " + std::to_string(oldest)).c_str()), "0");
  // The stack of the oldest kept call is still known.
  std::string error;
  auto database = Database::Open(options.path, &error);
  CHECK(database != nullptr);
  DecodedBlock block;
  CHECK(database->ReadBlock(0, false, &block));
  for (uint32_t row = 0; row < block.size(); ++row) {
    CHECK_EQ(block.parent[row], recorder.call(block.first_id + row).parent);
  }
}

TEST(TheFileStaysNearItsLimit) {
  TestFolder folder;
  WriterOptions options = Options(folder.path("a.sqlite"));
  options.max_bytes = 2 << 20;
  options.block_calls = 1024;
  {
    TestRecorder recorder(options);
    for (int i = 0; i < 300; ++i) {
      recorder.Random(3000, i);
      CHECK(recorder.Commit());
    }
  }
  struct stat st;
  CHECK_EQ(stat(options.path.c_str(), &st), 0);
  CHECK(st.st_size > 1 << 20 && st.st_size < 3 << 20);
  CHECK(std::stoll(Sql(options.path).Get("SELECT value FROM meta WHERE key = 'let_go_calls'")) > 0);
}

TEST(OneBlockAlwaysStays) {
  TestFolder folder;
  WriterOptions options = Options(folder.path("a.sqlite"));
  options.max_calls = 1;
  options.max_bytes = 1;
  TestRecorder recorder(options);
  recorder.Random(500, 3);
  CHECK(recorder.Commit());
  CHECK_EQ(Sql(options.path).Get("SELECT sum(calls) FROM blocks"), "1");
}

TEST(AnotherWriterOnlyDelays) {
  TestFolder folder;
  WriterOptions options = Options(folder.path("a.sqlite"));
  std::atomic<int> attempts{0};
  options.give_up = [&attempts] { return ++attempts, false; };
  TestRecorder recorder(options);
  CHECK(recorder.Commit());
  Sql other(options.path);
  CHECK_EQ(other.Run("BEGIN IMMEDIATE"), SQLITE_OK);
  std::thread recording([&] {
    recorder.Random(1000, 4);
    CHECK(recorder.Commit());
  });
  while (attempts < 2) std::this_thread::yield();
  CHECK_EQ(other.Run("COMMIT"), SQLITE_OK);
  recording.join();
  CHECK_EQ(other.Get("SELECT sum(calls) FROM blocks"), std::to_string(recorder.calls().size()));
}

TEST(WhoIsToldToLeaveDoesNotWaitForAnotherWriter) {
  TestFolder folder;
  WriterOptions options = Options(folder.path("a.sqlite"));
  bool leave = false;
  options.give_up = [&leave] { return leave; };
  TestRecorder recorder(options);
  CHECK(recorder.Commit());
  CHECK(!recorder.writer()->gave_up());
  Sql other(options.path);
  CHECK_EQ(other.Run("BEGIN IMMEDIATE"), SQLITE_OK);
  leave = true;
  recorder.Random(1000, 4);
  CHECK(!recorder.Commit());
  CHECK(recorder.writer()->gave_up());
  CHECK(!recorder.writer()->disk_full());
  CHECK_EQ(other.Run("COMMIT"), SQLITE_OK);
  CHECK_EQ(other.Get("SELECT count(*) FROM meta WHERE key = 'stopped'"), "0");
}

TEST(ALockedDatabaseIsWaitedForFromTheBeginning) {
  TestFolder folder;
  WriterOptions options = Options(folder.path("a.sqlite"));
  { TestRecorder recorder(options); }
  std::atomic<int> attempts{0};
  std::atomic<bool> leave{false};
  options.give_up = [&] { return ++attempts, leave.load(); };
  for (const char* lock : {"BEGIN EXCLUSIVE", "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE"}) {
    leave = false;
    {
      Sql other(options.path);
      CHECK_EQ(other.Run(lock), SQLITE_OK);
      attempts = 0;
      std::thread opening([&] {
        TestRecorder recorder(options);
        recorder.Random(1000, 4);
        CHECK(recorder.Commit());
      });
      while (attempts < 2) std::this_thread::yield();
      sqlite3_close(other.db);
      other.db = nullptr;
      opening.join();
    }
    Sql other(options.path);
    CHECK_EQ(other.Run(lock), SQLITE_OK);
    leave = true;
    std::string error;
    auto writer = Writer::Open(options, 0, &error);
    // It may open, since reading is not locked out, but then it gives up with its first row.
    if (writer != nullptr) {
      writer->SetMeta("a", "b");
      CHECK(!writer->Commit());
      CHECK(writer->gave_up());
    }
  }
}

// Each failure by its own name. (A full disk: dumper/full_disk_test.)
TEST(AFileThatMayNotGrowStopsAndSaysSo) {
  TestFolder folder;
  WriterOptions options = Options(folder.path("a.sqlite"));
  pid_t child = fork();
  if (child == 0) {
    TestRecorder recorder(options);
    recorder.Random(2000, 5);
    bool first = recorder.Commit();
    signal(SIGXFSZ, SIG_IGN);
    rlimit limit = {600 << 10, 600 << 10};
    setrlimit(RLIMIT_FSIZE, &limit);
    int rounds = 0;
    for (bool good = true; good && rounds < 1000; ++rounds) {
      recorder.Random(2000, rounds);
      good = recorder.Commit();
    }
    bool told =
        !recorder.writer()->disk_full() && recorder.writer()->error().find("File too large") != std::string::npos;
    bool still = !recorder.Commit();
    _exit(first && rounds < 1000 && told && still ? 0 : 1);
  }
  int status = 1;
  waitpid(child, &status, 0);
  CHECK_EQ(status, 0);
  std::string error;
  auto database = Database::Open(options.path, &error);
  CHECK(database != nullptr);
  if (!database) return;
  CHECK(!database->zones().empty());
  CHECK_EQ(database->stopped(), "disk I/O error (File too large)");
  CHECK_EQ(Sql(options.path).Get("PRAGMA integrity_check"), "ok");
}

TEST(CountersAreTheSumsOfTheCalls) {
  TestFolder folder;
  WriterOptions options = Options(folder.path("a.sqlite"));
  TestRecorder recorder(options);
  recorder.Random(3000, 6);
  CHECK(recorder.Commit());
  std::string error;
  auto database = Database::Open(options.path, &error);
  CHECK(database != nullptr);
  for (uint32_t id = 1; id <= 3; ++id) {
    int64_t calls = 0, exceptions = 0, total = 0, self = 0;
    for (const TestCall& call : recorder.calls()) {
      if (call.function != id) continue;
      ++calls;
      exceptions += call.outcome == Outcome::kException;
      if (call.end_ns == 0) continue;
      total += call.end_ns - call.start_ns;
      self += call.end_ns - call.start_ns - call.children_ns;
    }
    const Function* function = database->catalog().function(id);
    CHECK(function != nullptr);
    if (!function) continue;
    CHECK_EQ(function->calls, calls);
    CHECK_EQ(function->exceptions, exceptions);
    CHECK_EQ(function->total_ns, total);
    CHECK_EQ(function->self_ns, self);
  }
}

}  // namespace
}  // namespace pytrace::store
