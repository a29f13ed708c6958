// A database with anything in it, as a reader opens it: a file whose bytes are changed, or a sound one whose cells are.
// What is read may be nonsense, and an error is an answer; nothing crashes, and nothing runs without end.
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "dumper/store/database.h"
#include "dumper/store/events.h"
#include "dumper/store/imports.h"
#include "dumper/store/sql_tables.h"
#include "dumper/store/statement.h"
#include "dumper/store/test_recorder.h"
#include "reader/amounts.h"
#include "reader/call_tree.h"
#include "reader/event_line.h"
#include "reader/profile.h"
#include "reader/window.h"
#include "reader/window_stack.h"
#include "tests/fuzz/fuzz.h"

namespace pytrace::store {
namespace {

constexpr int kMostEvents = 3000;
constexpr size_t kMostZones = 40;
constexpr int kMostOpened = 100;
constexpr auto kForever = reader::CallTree::Deadline::max();

struct Connection {
  explicit Connection(const std::string& path, int flags = SQLITE_OPEN_READWRITE) {
    sqlite3_open_v2(path.c_str(), &db, flags | SQLITE_OPEN_NOMUTEX, nullptr);
  }
  ~Connection() { sqlite3_close(db); }
  void Run(const char* sql) { sqlite3_exec(db, sql, nullptr, nullptr, nullptr); }
  sqlite3* db = nullptr;
};

class Folder {
 public:
  Folder() {
    char made[] = "/dev/shm/pytrace-fuzz-XXXXXX";
    path_ = mkdtemp(made);
  }
  ~Folder() {
    for (const char* end : {"", "-wal", "-shm", "-journal"}) unlink((path() + end).c_str());
    rmdir(path_.c_str());
  }
  std::string path() const { return path_ + "/a.sqlite"; }
  void Write(std::string_view bytes) const {
    for (const char* end : {"-wal", "-shm", "-journal"}) unlink((path() + end).c_str());
    int fd = open(path().c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    fuzz::Expect(fd >= 0 && write(fd, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()),
                 "the file can be written");
    close(fd);
  }

 private:
  std::string path_;
};

const Folder& Place() {
  static Folder folder;
  return folder;
}

// A recording of everything there is, in small pages, so that the whole of it is an input.
std::string MakeSound() {
  TestFolder folder;
  WriterOptions options;
  options.path = folder.path("a.sqlite");
  options.block_calls = 16;
  {
    TestRecorder recorder(options);
    recorder.writer()->SetMain(1, recorder.now());
    recorder.Random(120, 1);
    recorder.Log(0, "hello");
    recorder.writer()->AddLoss({1, recorder.now() + 1, 4, 3, 2, 0}, 1);
    recorder.writer()->AddTask(1, {64, 2}, "Task-1");
    recorder.writer()->PutRing(1, {0, 1, 1, 100, 5, recorder.now(), 7, "\1"});
    recorder.Commit();
  }
  std::string small = folder.path("small.sqlite");
  {
    Connection connection(options.path);
    connection.Run("DROP TABLE readme");
    connection.Run("PRAGMA page_size = 512");
    connection.Run(("VACUUM INTO '" + small + "'").c_str());
  }
  std::ifstream in(small, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
}

const std::string& Sound() {
  static const std::string bytes = MakeSound();
  return bytes;
}

const std::vector<std::string>& Cells() {
  static const std::vector<std::string> cells = [] {
    std::vector<std::string> found;
    Connection connection(Place().path());
    Statement all(connection.db,
                  "SELECT 'UPDATE OR REPLACE ' || m.name || ' SET ' || c.name || ' = ?1 WHERE ' || c.name ||"
                  " ' IN (SELECT ' || c.name || ' FROM ' || m.name || ' LIMIT 1 OFFSET ?2)'"
                  " FROM sqlite_schema m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'");
    while (all.ok() && all.Step()) found.emplace_back(all.TextAt(0));
    return found;
  }();
  return cells;
}

// Each edit: which cell, which row, which type, how many bytes; the bytes.
void Edit(std::string_view edits) {
  Place().Write(Sound());
  const std::vector<std::string>& cells = Cells();
  fuzz::Expect(cells.size() > 50, "there are cells");
  Connection connection(Place().path());
  connection.Run("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN");
  while (edits.size() >= 4) {
    auto byte = [&](size_t i) { return static_cast<unsigned char>(edits[i]); };
    Statement update(connection.db, cells[byte(0) % cells.size()].c_str());
    int row = byte(1), type = byte(2) % 5;
    std::string_view bytes = edits.substr(4, byte(3));
    edits.remove_prefix(4 + bytes.size());
    if (!update.ok()) continue;
    char number[8] = {};
    bytes.copy(number, sizeof(number));
    int64_t integer;
    memcpy(&integer, number, sizeof(integer));
    if (type == 0) update.Int(integer);
    if (type == 1) update.Text(bytes);
    if (type == 2) update.Blob(bytes);
    if (type == 3) update.IntOrNull(0);
    if (type == 4) update.Int(static_cast<signed char>(number[0]));
    update.Int(row).Run();
  }
  connection.Run("COMMIT");
}

void ReadBlocks(Database* database) {
  Imports imports(&database->catalog());
  std::vector<uint8_t> importing;
  std::string name;
  for (size_t zone = 0; zone < database->zones().size() && zone < kMostZones; ++zone) {
    DecodedBlock block;
    Keyframe keyframe;
    database->ReadKeyframe(zone, &keyframe);
    database->ReadBlock(zone, false, &block);
    if (!database->ReadBlock(zone, true, &block)) continue;
    imports.MayMark(block, database->zones()[zone].functions);
    imports.Mark(block, &importing);
    for (const ThreadStack& stack : keyframe) imports.Mark(stack, &importing);
    for (uint32_t row = 0; row < block.size(); ++row) {
      fuzz::Expect(block.Args(row).size() <= block.args.size(), "arguments lie in the block");
      fuzz::Expect(block.Result(row).size() <= block.results.size(), "results lie in the block");
      database->catalog().function(block.function[row]);
      database->catalog().process_of_thread(block.thread[row]);
      database->TaskOf(1, block.frame[row], block.first_id + row, &name);
    }
  }
}

void WalkEvents(Database* database) {
  for (int64_t first : {int64_t{0}, int64_t{20}}) {
    EventWalker walker(database, first, true);
    Event event;
    for (int i = 0; i < kMostEvents && walker.Next(&event); ++i) {
      if (event.block != nullptr) fuzz::Expect(event.row < event.block->size(), "an event's row is in its block");
    }
  }
}

void OpenSome(reader::CallTree* tree) {
  std::vector<reader::TreeNode*> nodes = {tree->root()};
  for (int opened = 0; opened < kMostOpened && !nodes.empty(); ++opened) {
    reader::TreeNode* node = nodes.back();
    nodes.pop_back();
    tree->Open(node);
    while (tree->Work(kForever)) continue;
    for (const auto& child : node->children) nodes.push_back(child.get());
  }
}

// As rows and lines have it.
void ReadPage(const reader::Window& window, const reader::Page& page) {
  reader::EventReader events(window.database()->catalog());
  reader::EventText text;
  std::string lines;
  for (size_t i = 0; i < page.entries.size(); ++i) {
    reader::EventRef event = window.At(page, i);
    reader::CallStack(window, page, event);
    events.Read(event, &text);
    reader::AppendText(text, &lines);
    reader::AppendClassic(text, &lines);
    reader::AppendJsonl(text, {}, &lines);
    reader::DifferenceText(event.key.time_ns - window.StartNs());
  }
}

// What the views of calls add up and lay out.
void ReadCalls(Database* database) {
  if (database->zones().size() > kMostZones) return;
  for (bool imports : {false, true}) {
    reader::Selection selection;
    selection.startup = imports;
    reader::Window window(database, selection);
    window.lost_events();
    for (size_t page = 0; page < window.pages(); ++page) {
      window.Sum(page, false);
      if (auto got = window.Get(page)) ReadPage(window, *got);
    }
    reader::Profile profile(&window);
    while (profile.Work(kForever)) continue;
    for (const reader::FunctionSums& sums : profile.Functions()) profile.Callers(sums.function);
    reader::CallTree tree(&window);
    for (bool merged : {false, true}) {
      tree.Reset(merged);
      if (!merged) tree.Reveal(20);
      while (tree.Work(kForever)) continue;
      if (!merged) OpenSome(&tree);
    }
  }
}

void Query() {
  Connection connection(Place().path(), SQLITE_OPEN_READONLY);
  RegisterSqlTables(connection.db);
  for (const char* sql :
       {"SELECT count(*), max(result), sum(self_ns * 1.0), max(file) FROM calls",
        "SELECT count(*), max(value), max(name), max(type) FROM arguments",
        "SELECT count(*), max(time), max(func) FROM traces",
        "SELECT * FROM calls WHERE id > 20 ORDER BY id DESC LIMIT 3", "SELECT * FROM calls WHERE parent_id = 3",
        "SELECT * FROM traces WHERE call_id = 3", "SELECT count(*) FROM traces WHERE time > 1700000000.00001"}) {
    connection.Run(sql);
  }
}

void Read() {
  std::string error;
  auto database = Database::Open(Place().path(), &error);
  fuzz::Expect(database != nullptr || !error.empty(), "a refusal has a reason");
  if (database == nullptr) return;
  std::vector<Loss> losses;
  std::vector<LogRow> logs;
  Database::End end;
  database->Losses(&losses);
  database->Logs(&logs);
  for (int64_t id : {1, 17, 40}) database->LateEnd(id, 1, &end);
  ReadBlocks(database.get());
  WalkEvents(database.get());
  ReadCalls(database.get());
  Query();
}

// The first byte says what the rest is: a file, or edits of a sound one.
void Databases(std::string_view input) {
  if (input.empty()) return;
  bool edits = (input[0] & 1) == 0;
  input.remove_prefix(1);
  edits ? Edit(input) : Place().Write(input);
  Read();
}

// Besides a whole file, every cell with the numbers that are one too many somewhere: mutations alone would take minutes
// to find the one that matters.
fuzz::Seeds MakeSeeds() {
  fuzz::Seeds seeds = {'\1' + Sound()};
  Place().Write(Sound());
  for (size_t cell = 0; cell < Cells().size(); ++cell) {
    for (int64_t number : {INT64_MAX, INT64_MIN, int64_t{-1}, int64_t{1} << 31, int64_t{1} << 40}) {
      std::string edit = {0, static_cast<char>(cell), 0, 0, sizeof(number)};
      edit.append(reinterpret_cast<const char*>(&number), sizeof(number));
      seeds.push_back(std::move(edit));
    }
  }
  return seeds;
}

}  // namespace
}  // namespace pytrace::store

int main() { return pytrace::fuzz::Run("databases", pytrace::store::MakeSeeds(), &pytrace::store::Databases); }
