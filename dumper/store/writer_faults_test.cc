// A database that is not ours, that somebody else locks, that may not grow: refused, waited for, told.
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <thread>

#include "dumper/store/database.h"
#include "dumper/store/schema.h"
#include "dumper/store/test_connection.h"
#include "dumper/store/test_recorder.h"
#include "dumper/store/writer.h"
#include "tests/unit/check.h"

namespace pytrace::store {
namespace {

std::string WhyNot(const WriterOptions& options) {
  std::string error;
  CHECK(Writer::Open(options, 0, &error) == nullptr);
  return error;
}

TEST(ANewDatabaseIsPrivateAndExplainsItself) {
  TestFolder folder;
  std::string path = folder.path("a.sqlite");
  { TestRecorder recorder(SmallBlocks(path)); }
  struct stat st;
  CHECK_EQ(stat(path.c_str(), &st), 0);
  CHECK_EQ(st.st_mode & 07777, 0600u);
  Connection sql(path);
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
  CHECK(WhyNot(SmallBlocks(text)).find("is not a SQLite database") != std::string::npos);

  std::string other = folder.path("other.sqlite");
  CHECK_EQ(Connection(other).Run("CREATE TABLE mine(x)"), SQLITE_OK);
  CHECK(WhyNot(SmallBlocks(other)).find("of another program") != std::string::npos);
  CHECK_EQ(Connection(other).Get("SELECT count(*) FROM sqlite_schema"), "1");

  std::string link = folder.path("link.sqlite");
  CHECK_EQ(symlink(other.c_str(), link.c_str()), 0);
  CHECK(WhyNot(SmallBlocks(link)).find("symbolic link") != std::string::npos);

  CHECK_EQ(mkfifo(folder.path("fifo").c_str(), 0600), 0);
  CHECK(WhyNot(SmallBlocks(folder.path("fifo"))).find("is not a file") != std::string::npos);
  CHECK(WhyNot(SmallBlocks(folder.path("."))).find("is a directory") != std::string::npos);
  CHECK(WhyNot(SmallBlocks(folder.path("no/such/folder"))).find("cannot open") != std::string::npos);
}

TEST(ANewerSchemaIsRefused) {
  TestFolder folder;
  std::string path = folder.path("a.sqlite");
  { TestRecorder recorder(SmallBlocks(path)); }
  Connection(path).Run("PRAGMA user_version = 99");
  CHECK(WhyNot(SmallBlocks(path)).find("newer pytrace (schema 99") != std::string::npos);
}

TEST(AnOlderRecordingBecomesOneOfThisVersion) {
  TestFolder folder;
  std::string path = folder.path("a.sqlite");
  { TestRecorder recorder(SmallBlocks(path)); }
  Connection(path).Run("DROP TABLE tasks");
  Connection(path).Run("PRAGMA user_version = 1");
  { TestRecorder recorder(SmallBlocks(path)); }
  CHECK_EQ(Connection(path).Get("PRAGMA user_version"), std::to_string(kSchemaVersion));
  CHECK_EQ(Connection(path).Get("SELECT count(*) FROM tasks"), "0");
}

TEST(OnlyOneDumperAtATime) {
  TestFolder folder;
  std::string path = folder.path("a.sqlite"), error;
  auto first = Writer::Open(SmallBlocks(path), 0, &error);
  CHECK(first != nullptr);
  CHECK(WhyNot(SmallBlocks(path)).find("another pytrace-dumper") != std::string::npos);
  std::thread leaving([&] { first.reset(); });
  CHECK(Writer::Open(SmallBlocks(path), 10'000, &error) != nullptr);
  leaving.join();
}

TEST(AnotherWriterOnlyDelays) {
  TestFolder folder;
  WriterOptions options = SmallBlocks(folder.path("a.sqlite"));
  std::atomic<int> attempts{0};
  options.give_up = [&attempts] { return ++attempts, false; };
  TestRecorder recorder(options);
  CHECK(recorder.Commit());
  Connection other(options.path);
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
  WriterOptions options = SmallBlocks(folder.path("a.sqlite"));
  bool leave = false;
  options.give_up = [&leave] { return leave; };
  TestRecorder recorder(options);
  CHECK(recorder.Commit());
  CHECK(!recorder.writer()->gave_up());
  Connection other(options.path);
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
  WriterOptions options = SmallBlocks(folder.path("a.sqlite"));
  { TestRecorder recorder(options); }
  std::atomic<int> attempts{0};
  std::atomic<bool> leave{false};
  options.give_up = [&] { return ++attempts, leave.load(); };
  for (const char* lock : {"BEGIN EXCLUSIVE", "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE"}) {
    leave = false;
    {
      Connection other(options.path);
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
    Connection other(options.path);
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
  WriterOptions options = SmallBlocks(folder.path("a.sqlite"));
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
    bool told = !recorder.writer()->disk_full() && recorder.writer()->error().find("ulimit -f") != std::string::npos;
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
  CHECK_EQ(database->stopped(), "the limit of file sizes is reached; raise it (ulimit -f) for " + options.path);
  CHECK_EQ(Connection(options.path).Get("PRAGMA integrity_check"), "ok");
}

}  // namespace
}  // namespace pytrace::store
