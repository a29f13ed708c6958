#include "dumper/store/writer.h"

#include <sys/stat.h>

#include "dumper/store/database.h"
#include "dumper/store/test_connection.h"
#include "dumper/store/test_recorder.h"
#include "tests/unit/check.h"

namespace pytrace::store {
namespace {

TEST(WhatWasNotCommittedIsGone) {
  TestFolder folder;
  std::string path = folder.path("a.sqlite");
  int64_t committed;
  {
    TestRecorder recorder(SmallBlocks(path));
    recorder.Random(1000, 1);
    CHECK(recorder.Commit());
    committed = recorder.calls().back().id;
    recorder.Random(1000, 2);
    RingRow ring;
    ring.position = 777;
    recorder.writer()->PutRing(1, ring);
  }
  Connection sql(path);
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
    auto writer = Writer::Open(SmallBlocks(path), 0, &error);
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
  auto writer = Writer::Open(SmallBlocks(path), 0, &error);
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
  CHECK_EQ(Connection(path).Get("SELECT argv FROM processes"), R"(["a \"b\"\n","\udcff"])");
  CHECK_EQ(Connection(path).Get("SELECT ended_ns FROM runs"), "200");
}

TEST(ProcessesOfBeforeARebootAreEnded) {
  TestFolder folder;
  WriterOptions options = SmallBlocks(folder.path("a.sqlite"));
  { TestRecorder(options).Commit(); }
  CHECK_EQ(Connection(options.path).Get("SELECT count(*) FROM processes WHERE ended_ns IS NULL"), "2");
  options.rundir = folder.path("run");
  std::string error;
  CHECK(Writer::Open(options, 0, &error) != nullptr);
  CHECK_EQ(Connection(options.path).Get("SELECT count(*) FROM processes WHERE ended_ns IS NULL"), "0");
  CHECK_EQ(Connection(options.path).Get("SELECT count(*) FROM runs WHERE ended_ns IS NULL"), "0");
}

TEST(TheOldestCallsAreLetGoInWholeBlocks) {
  TestFolder folder;
  WriterOptions options = SmallBlocks(folder.path("a.sqlite"));
  options.max_calls = 1000;
  TestRecorder recorder(options);
  for (int i = 0; i < 100; ++i) {
    recorder.Random(100, i);
    CHECK(recorder.Commit());
  }
  int64_t all = static_cast<int64_t>(recorder.calls().size());
  Connection sql(options.path);
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
  WriterOptions options = SmallBlocks(folder.path("a.sqlite"));
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
  CHECK(std::stoll(Connection(options.path).Get("SELECT value FROM meta WHERE key = 'let_go_calls'")) > 0);
}

TEST(OneBlockAlwaysStays) {
  TestFolder folder;
  WriterOptions options = SmallBlocks(folder.path("a.sqlite"));
  options.max_calls = 1;
  options.max_bytes = 1;
  TestRecorder recorder(options);
  recorder.Random(500, 3);
  CHECK(recorder.Commit());
  CHECK_EQ(Connection(options.path).Get("SELECT sum(calls) FROM blocks"), "1");
}

TEST(CountersAreTheSumsOfTheCalls) {
  TestFolder folder;
  WriterOptions options = SmallBlocks(folder.path("a.sqlite"));
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
