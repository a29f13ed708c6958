#include "dumper/store/sql_tables.h"

#include <filesystem>

#include "dumper/store/statement.h"
#include "dumper/store/test_recorder.h"
#include "tests/unit/check.h"

namespace pytrace::store {
namespace {

class Sql {
 public:
  explicit Sql(const std::string& path) { sqlite3_open(path.c_str(), &db_); }
  ~Sql() { CHECK_EQ(sqlite3_close(db_), SQLITE_OK); }
  sqlite3* db() { return db_; }

  // All rows as text, a line each.
  std::string Get(const std::string& sql) {
    Statement statement(db_, sql.c_str());
    if (!statement.ok()) return sqlite3_errmsg(db_);
    std::string out;
    while (statement.Step()) {
      for (int i = 0; i < statement.columns(); ++i) {
        out += (i ? "|" : "") + (statement.IsNull(i) ? "NULL" : std::string(statement.TextAt(i)));
      }
      out += "\n";
    }
    return statement.result() == SQLITE_DONE ? out : sqlite3_errmsg(db_);
  }

 private:
  sqlite3* db_ = nullptr;
};

// A recording, and plain copies of its tables beside it.
struct Fixture {
  Fixture() : recorder(SmallBlocks(folder.path("a.sqlite"))) {
    recorder.writer()->SetMain(1, recorder.now());
    recorder.Random(3000, 1);
    CHECK(recorder.Commit());
    recorder.Random(2000, 2);
    recorder.Log(0, "hello");
    recorder.writer()->AddLoss({1, recorder.now() + 1, 4, 3, 2, 0}, 1);
    CHECK(recorder.Commit());
  }
  TestFolder folder;
  TestRecorder recorder;
};

void CopyTables(Sql* sql) {
  CHECK_EQ(RegisterSqlTables(sql->db()), SQLITE_OK);
  CHECK_EQ(sql->Get("ATTACH ':memory:' AS plain"), "");
  for (const char* table : {"calls", "arguments", "traces"}) {
    CHECK_EQ(sql->Get(std::string("CREATE TABLE plain.") + table + " AS SELECT * FROM main." + table), "");
  }
}

std::string ExpectedCalls(const TestRecorder& recorder) {
  std::string out;
  for (const TestCall& call : recorder.calls()) {
    static constexpr const char* kOutcomes[] = {"NULL", "return", "exception", "yield"};
    auto number = [](bool known, int64_t value) { return known ? std::to_string(value) : std::string("NULL"); };
    bool ended = call.end_ns != 0;
    std::string result = !ended                                ? "NULL"
                         : call.outcome == Outcome::kException ? "KeyError('B-" + std::to_string(call.n) + "')"
                                                               : std::to_string(call.n * 10);
    out += std::to_string(call.id) + "|" + number(call.parent != 0, call.parent) + "|" + std::to_string(call.depth) +
           "|" + std::to_string(call.start_ns) + "|" + number(ended, call.end_ns) + "|" +
           number(ended, call.end_ns - call.start_ns) + "|" +
           number(ended, call.end_ns - call.start_ns - call.children_ns) + "|" +
           kOutcomes[static_cast<int>(call.outcome)] + "|" + result + "\n";
  }
  return out;
}

TEST(CallsAreWhatWasRecorded) {
  Fixture fixture;
  Sql sql(fixture.folder.path("a.sqlite"));
  CHECK_EQ(RegisterSqlTables(sql.db()), SQLITE_OK);
  std::string all =
      sql.Get("SELECT id, parent_id, depth, start_ns, end_ns, duration_ns, self_ns, outcome, result FROM calls");
  CHECK(all == ExpectedCalls(fixture.recorder));
}

TEST(ArgumentsAreNamedAndEndWithTheResult) {
  TestFolder folder;
  TestRecorder recorder(SmallBlocks(folder.path("a.sqlite")));
  recorder.Enter(0, 1, 3);
  recorder.Enter(0, 0, 4);
  recorder.Leave(0, Outcome::kException);
  recorder.Enter(0, 2, 5);
  recorder.Leave(0, Outcome::kYield);
  CHECK(recorder.Commit());
  Sql sql(folder.path("a.sqlite"));
  RegisterSqlTables(sql.db());
  CHECK_EQ(sql.Get("SELECT * FROM arguments"),
           "1|0|self|shop.cart.Cart|<shop.cart.Cart object at 0x7f03>\n1|1|n|int|3\n1|2|items|tuple|()\n"
           "2|0|n|int|4\n2|1|exception|KeyError|KeyError('B-4')\n"
           "3|0|n|int|5\n3|1|yield value|int|50\n");
}

// Whatever is pushed down, the rows are those that SQLite itself finds in the plain copy.
TEST(ConstraintsGiveTheSameRowsAsAPlainTable) {
  Fixture fixture;
  Sql sql(fixture.folder.path("a.sqlite"));
  CopyTables(&sql);
  int64_t id = fixture.recorder.calls()[1000].id;
  std::string start = std::to_string(fixture.recorder.calls()[1000].start_ns), call = std::to_string(id);
  const std::string queries[] = {
      "SELECT * FROM %calls WHERE id = " + call,
      "SELECT * FROM %calls WHERE id = '" + call + "'",
      "SELECT * FROM %calls WHERE id = " + call + ".5",
      "SELECT * FROM %calls WHERE id > " + call + ".5 AND id <= 1010",
      "SELECT * FROM %calls WHERE id BETWEEN 60 AND 70 ORDER BY id DESC",
      "SELECT * FROM %calls WHERE id IN (5, 1, 2000, 3, 99999)",
      "SELECT * FROM %calls WHERE id = NULL",
      "SELECT * FROM %calls WHERE id < 0 OR id > 2000",
      "SELECT * FROM %calls WHERE id < -9223372036854775807",
      "SELECT * FROM %calls WHERE start_ns >= " + start + " ORDER BY id LIMIT 10",
      "SELECT id FROM %calls WHERE start_ns > " + start + " AND start_ns < " + start + " + 5000 ORDER BY start_ns, id",
      "SELECT id FROM %calls ORDER BY id DESC LIMIT 200",
      "SELECT id FROM %calls ORDER BY start_ns DESC, id DESC LIMIT 100",
      "SELECT id FROM %calls ORDER BY duration_ns DESC, id LIMIT 20",
      "SELECT * FROM %calls WHERE func = 'add' AND tid = 100",
      "SELECT count(*) FROM %calls WHERE func = 'ADD'",
      "SELECT count(*) FROM %calls WHERE func = 'ADD' COLLATE NOCASE",
      "SELECT count(*) FROM %calls WHERE func LIKE 'a%'",
      "SELECT count(*) FROM %calls WHERE func IS NULL OR func = 7",
      "SELECT count(*), sum(id) FROM %calls WHERE qualname = 'Cart.add'",
      "SELECT count(*), sum(id) FROM %calls WHERE module = 'shop.py' AND thread = 'worker'",
      "SELECT count(*), sum(id) FROM %calls WHERE file = '/home/me/shop/cart.py' AND line = 10",
      "SELECT count(*), sum(id) FROM %calls WHERE pid = 101",
      "SELECT count(*), sum(id) FROM %calls WHERE run = 1 AND pid = 100",
      "SELECT count(*), sum(id) FROM %calls WHERE run = 2",
      "SELECT count(*), sum(id) FROM %calls WHERE duration_ns > 10000",
      "SELECT count(*), sum(id) FROM %calls WHERE outcome = 'exception'",
      "SELECT count(*), sum(id) FROM %calls WHERE outcome IS NULL",
      "SELECT count(*), sum(id) FROM %calls WHERE parent_id = " + call,
      "SELECT count(*), sum(id) FROM %calls WHERE parent_id IN (SELECT id FROM %calls WHERE depth = 2)",
      "SELECT count(*), sum(id) FROM %calls WHERE parent_id IS NULL",
      "SELECT func, outcome, count(*), sum(self_ns) FROM %calls GROUP BY 1, 2 ORDER BY 1, 2",
      "SELECT * FROM %arguments WHERE call_id = " + call,
      "SELECT * FROM %arguments WHERE call_id BETWEEN 63 AND 66 ORDER BY call_id, position",
      "SELECT * FROM %arguments WHERE call_id < 5 ORDER BY call_id DESC, position DESC",
      "SELECT count(*) FROM %arguments WHERE name = 'n' AND value = '3'",
      "SELECT c.id, a.value FROM %calls c JOIN %arguments a ON a.call_id = c.id"
      " WHERE c.func = 'f' AND a.name = 'n' AND a.value = '3' ORDER BY c.id",
      "SELECT p.id, count(*) FROM %calls p JOIN %calls c ON c.parent_id = p.id WHERE p.id < 100 GROUP BY 1 ORDER BY 1",
      "SELECT * FROM %traces WHERE call_id = " + call + " ORDER BY time",
      "SELECT * FROM %traces WHERE func = 'gen' ORDER BY time LIMIT 50",
      "SELECT kind, count(*) FROM %traces WHERE tid = 100 GROUP BY kind ORDER BY kind",
      "SELECT kind, count(*) FROM %traces WHERE module = 'shop.cart' AND pid = 101 GROUP BY kind ORDER BY kind",
      "SELECT count(*) FROM %traces WHERE time > 1700000000.00001 AND time <= 1700000000.00003",
      "SELECT count(*) FROM %traces WHERE time < 0",
      "SELECT count(*) FROM %traces WHERE call_id BETWEEN 10 AND 20",
      "SELECT count(*) FROM %traces WHERE func IS NULL",
  };
  for (const std::string& query : queries) {
    std::string ours = query, plain = query;
    for (size_t at; (at = ours.find('%')) != ours.npos && ours[at + 1] != '\'';) ours.replace(at, 1, "main.");
    for (size_t at; (at = plain.find('%')) != plain.npos && plain[at + 1] != '\'';) plain.replace(at, 1, "plain.");
    std::string rows = sql.Get(ours);
    bool same = rows == sql.Get(plain);
    if (!same)
      pytrace::test::Fail(__FILE__, __LINE__,
                          query + "\n" + rows.substr(0, 500) + "--\n" + sql.Get(plain).substr(0, 500));
  }
}

TEST(LookUpsAndJoinsUseTheBlocks) {
  Fixture fixture;
  Sql sql(fixture.folder.path("a.sqlite"));
  RegisterSqlTables(sql.db());
  std::string plan = sql.Get("EXPLAIN QUERY PLAN SELECT id FROM calls ORDER BY id DESC LIMIT 5");
  CHECK(plan.find("TEMP B-TREE") == plan.npos);
  plan = sql.Get(
      "EXPLAIN QUERY PLAN SELECT * FROM arguments a JOIN calls c ON c.id = a.call_id WHERE c.func = 'f' AND a.name = "
      "'n'");
  CHECK(plan.find("SCAN c") < plan.find("SCAN a"));
  CHECK(plan.find("i=") != plan.npos);
}

TEST(ARunningRecordingIsSeenAsItGrows) {
  Fixture fixture;
  Sql sql(fixture.folder.path("a.sqlite"));
  RegisterSqlTables(sql.db());
  for (int i = 0; i < 5; ++i) {
    CHECK_EQ(sql.Get("SELECT count(*) FROM calls"), std::to_string(fixture.recorder.calls().size()) + "\n");
    fixture.recorder.Random(500, i);
    CHECK(fixture.recorder.Commit());
  }
}

TEST(OtherDatabasesAreToldApart) {
  Sql sql(":memory:");
  sql.Get("CREATE TABLE mine(x)");
  CHECK_EQ(RegisterSqlTables(sql.db()), SQLITE_OK);
  CHECK(sql.Get("SELECT * FROM calls").find("another program") != std::string::npos);
  CHECK_EQ(sql.Get("SELECT 1"), "1\n");
}

TEST(ADamagedBlockIsAnError) {
  Fixture fixture;
  Sql sql(fixture.folder.path("a.sqlite"));
  RegisterSqlTables(sql.db());
  sql.Get("UPDATE blocks SET call_columns = zeroblob(9) WHERE first_id = 65");
  CHECK(sql.Get("SELECT count(*) FROM calls").find("the block of call 65 is damaged") != std::string::npos);
  CHECK(sql.Get("SELECT count(*) FROM traces").find("the block of call 65 is damaged") != std::string::npos);
  CHECK_EQ(sql.Get("SELECT count(*) FROM calls WHERE id < 65"), "64\n");
}

// One cell of the database is anything; whatever SQL then says, it says it without harm (the sanitizers judge).
TEST(AnyCellMayBeDamaged) {
  TestFolder folder;
  std::string path = folder.path("a.sqlite");
  {
    TestRecorder recorder(SmallBlocks(path));
    recorder.Random(500, 3);
    recorder.Log(0, "hello");
    CHECK(recorder.Commit());
  }
  static constexpr const char* kCells[] = {
      "blocks.first_id",      "blocks.calls",      "blocks.first_start_ns",
      "blocks.last_start_ns", "blocks.open",       "blocks.functions",
      "blocks.threads",       "blocks.keyframe",   "blocks.call_columns",
      "blocks.value_columns", "late_ends.call_id", "late_ends.end_ns",
      "late_ends.outcome",    "late_ends.result",  "functions.arguments",
      "functions.id",         "threads.process",   "threads.id",
      "processes.id",         "types.name",        "types.id",
      "logs.call_id",         "logs.time_ns",      "meta.value",
  };
  static constexpr const char* kValues[] = {"-1",
                                            "0",
                                            "9223372036854775807",
                                            "-9223372036854775808",
                                            "NULL",
                                            "'text'",
                                            "zeroblob(100)",
                                            "randomblob(40)",
                                            "randomblob(4000)",
                                            "1e300",
                                            "5"};
  int answers = 0;
  for (const char* cell : kCells) {
    for (const char* value : kValues) {
      std::string copy = folder.path("copy.sqlite"), name = cell;
      std::filesystem::copy_file(path, copy, std::filesystem::copy_options::overwrite_existing);
      std::string table = name.substr(0, name.find('.')), column = name.substr(name.find('.') + 1);
      Sql sql(copy);
      sql.Get("UPDATE OR IGNORE " + table + " SET " + column + " = " + value + " WHERE " + column + " IN (SELECT " +
              column + " FROM " + table + " LIMIT 1 OFFSET abs(random()) % (SELECT count(*) FROM " + table + "))");
      RegisterSqlTables(sql.db());
      answers += sql.Get("SELECT count(*), max(result), sum(self_ns * 1.0), max(file) FROM calls").ends_with("\n");
      answers += sql.Get("SELECT count(*), max(value), max(name), max(type) FROM arguments").ends_with("\n");
      answers += sql.Get("SELECT count(*), max(time), max(func) FROM traces").ends_with("\n");
      sql.Get("SELECT * FROM calls WHERE id > 100 ORDER BY id DESC LIMIT 3");
      sql.Get("SELECT * FROM calls WHERE parent_id = 100");
      sql.Get("SELECT * FROM traces WHERE call_id = 100");
      sql.Get("SELECT count(*) FROM traces WHERE time > 1700000000.00001");
    }
  }
  CHECK(answers > 300);
}

TEST(TheExtensionLoads) {
  Fixture fixture;
  Sql sql(fixture.folder.path("a.sqlite"));
  sqlite3_enable_load_extension(sql.db(), 1);
  char* error = nullptr;
  CHECK_EQ(sqlite3_load_extension(sql.db(), "dumper/store/pytrace", nullptr, &error), SQLITE_OK);
  CHECK_EQ(std::string(error ? error : ""), "");
  CHECK_EQ(sql.Get("SELECT count(*) FROM calls"), std::to_string(fixture.recorder.calls().size()) + "\n");
}

}  // namespace
}  // namespace pytrace::store
