#include "reader/window.h"

#include <algorithm>
#include <string>
#include <vector>

#include "dumper/store/test_recorder.h"
#include "reader/window_stack.h"
#include "tests/unit/check.h"

namespace pytrace::reader {
namespace {

struct Seen {
  int64_t time_ns, call_id;
  store::EventKind kind;
  friend bool operator==(const Seen&, const Seen&) = default;
};

std::vector<Seen> Walk(store::Database* database) {
  std::vector<Seen> seen;
  store::EventWalker walker(database, 0, false);
  store::Event event;
  while (walker.Next(&event)) seen.push_back({event.time_ns, event.call_id, event.kind});
  return seen;
}

std::vector<Seen> Pages(Window* window) {
  std::vector<Seen> seen;
  for (size_t number = 0; number < window->pages(); ++number) {
    std::shared_ptr<const Page> page = window->Get(number);
    for (size_t i = 0; page != nullptr && i < page->entries.size(); ++i) {
      EventRef event = window->At(*page, i);
      seen.push_back({event.key.time_ns, event.call_id, event.kind});
    }
  }
  return seen;
}

std::unique_ptr<store::Database> Open(const std::string& path) {
  std::string error;
  std::unique_ptr<store::Database> database = store::Database::Open(path, &error);
  if (database == nullptr) std::cerr << error << "\n";
  return database;
}

Selection Everything() {
  Selection all;
  all.startup = true;
  return all;
}

void Compare(store::Database* database) {
  Window window(database, Everything());
  std::vector<Seen> walked = Walk(database), paged = Pages(&window);
  CHECK_EQ(walked.size(), paged.size());
  auto differs = std::mismatch(walked.begin(), walked.end(), paged.begin(), paged.end());
  if (differs.first != walked.end() && differs.second != paged.end()) {
    std::cerr << "event " << differs.first - walked.begin() << ": walker " << differs.first->time_ns << " call "
              << differs.first->call_id << " " << store::KindName(differs.first->kind) << ", page "
              << differs.second->time_ns << " call " << differs.second->call_id << " "
              << store::KindName(differs.second->kind) << "\n";
  }
  CHECK(walked == paged);
  int64_t counted = 0;
  for (size_t page = 0; page < window.pages(); ++page) counted += window.Count(page);
  CHECK_EQ(counted, static_cast<int64_t>(paged.size()));
}

// Two ways through the same recording: the store's walker merges ends as it goes, the window sorts each page by itself.
TEST(PagesAreTheWalkersEvents) {
  for (uint32_t seed = 1; seed <= 20; ++seed) {
    store::TestFolder folder;
    store::WriterOptions options;
    options.path = folder.path("traces.sqlite");
    options.block_calls = 16 << seed % 3;
    store::TestRecorder recorder(options);
    recorder.Random(900, seed);
    recorder.Log(0, "half way");
    recorder.Random(100, seed + 100);
    CHECK(recorder.Commit());
    Compare(Open(options.path).get());
    recorder.CloseAll();
    recorder.End();
    Compare(Open(options.path).get());
  }
}

TEST(WhatWasLetGoIsLeftOutButNotItsEnds) {
  store::TestFolder folder;
  store::WriterOptions options;
  options.path = folder.path("traces.sqlite");
  options.block_calls = 16;
  options.max_calls = 64;
  store::TestRecorder recorder(options);
  for (int i = 0; i < 30; ++i) {
    recorder.Random(40, 7 + i);
    CHECK(recorder.Commit());
  }
  recorder.CloseAll();
  recorder.End();
  std::unique_ptr<store::Database> database = Open(options.path);
  CHECK(database->let_go_calls() > 0);
  Compare(database.get());
}

TEST(StacksNameTheParents) {
  store::TestFolder folder;
  store::WriterOptions options;
  options.path = folder.path("traces.sqlite");
  options.block_calls = 16;
  store::TestRecorder recorder(options);
  recorder.Random(600, 3);
  CHECK(recorder.Commit());
  std::unique_ptr<store::Database> database = Open(options.path);
  Window window(database.get(), Everything());
  int checked = 0;
  for (size_t number = 0; number < window.pages(); ++number) {
    std::shared_ptr<const Page> page = window.Get(number);
    for (size_t i = 0; i < page->entries.size(); ++i) {
      EventRef event = window.At(*page, i);
      if (event.block == nullptr) continue;
      std::vector<store::OpenCall> stack = CallStack(window, *page, event);
      CHECK(!stack.empty());
      int64_t id = event.call_id;
      for (auto it = stack.rbegin(); it != stack.rend(); ++it, ++checked) {
        CHECK_EQ(it->id, id);
        id = recorder.call(id).parent;
      }
      CHECK_EQ(id, 0);
    }
  }
  CHECK(checked > 1000);
}

TEST(OtherRunsAndFiltersHide) {
  store::TestFolder folder;
  store::WriterOptions options;
  options.path = folder.path("traces.sqlite");
  options.block_calls = 32;
  store::TestRecorder recorder(options);
  recorder.Random(500, 5);
  recorder.CloseAll();
  recorder.End();
  std::unique_ptr<store::Database> database = Open(options.path);
  Window window(database.get(), Everything());
  std::vector<Seen> all = Pages(&window);
  std::unique_ptr<query::Filter> filter = query::Filter::Parse("exception or (func == 'add' and kind == 'call')",
                                                               query::ContextOf(*database), nullptr, nullptr);
  Selection some = Everything();
  some.filters = {filter.get()};
  window.Select(some);
  size_t wanted = 0;
  for (const Seen& event : all) {
    bool add = event.call_id > 0 && database->catalog().function(recorder.call(event.call_id).function)->func == "add";
    wanted += event.kind == store::EventKind::kException || (add && event.kind == store::EventKind::kCall);
  }
  CHECK_EQ(Pages(&window).size(), wanted);
  CHECK(wanted > 0);
  Selection other = Everything();
  other.run = 99;
  window.Select(other);
  CHECK(Pages(&window).empty());
}

}  // namespace
}  // namespace pytrace::reader
