// The tree under a filter, compared with what the blocks say call by call.
#include "reader/call_tree.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <unistd.h>

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "reader/query/filter.h"
#include "reader/testing/recording.h"
#include "tests/unit/check.h"

namespace pytrace::reader {
namespace {

constexpr int kFunctions = 6;
constexpr auto kForever = CallTree::Deadline::max();

std::string Path(const char* name) {
  std::string folder = getenv("TEST_TMPDIR") ? getenv("TEST_TMPDIR") : "/tmp";
  return folder + "/" + name;
}

struct Calls {
  explicit Calls(const char* name, uint32_t block_calls = 8) : path(Path(name)) {
    unlink(path.c_str());
    recording = std::make_unique<testing::Recording>(path, block_calls);
    process = recording->AddProcess(1, {"python3", "a.py"});
    for (int i = 0; i < 2; ++i) threads[i] = recording->AddThread(process, 1 + i, i == 0 ? "MainThread" : "w", i == 0);
    for (int i = 0; i < kFunctions; ++i) {
      store::FunctionRow row;
      row.module = row.file = "a.py";
      row.func = row.qualname = "f" + std::to_string(i);
      functions[i] = recording->AddFunction(process, row);
    }
  }
  void Enter(int thread, int function) { recording->Enter(threads[thread], functions[function], {}); }
  void Leave(int thread, bool raises = false) {
    recording->Leave(threads[thread], testing::None(), raises ? store::Outcome::kException : store::Outcome::kReturn);
  }
  std::unique_ptr<store::Database> Finish() {
    recording->End();
    std::string error;
    return store::Database::Open(path, &error);
  }

  std::string path;
  std::unique_ptr<testing::Recording> recording;
  int64_t process;
  int threads[2];
  uint32_t functions[kFunctions];
};

std::unique_ptr<store::Database> Random(uint64_t seed) {
  Calls calls("random_tree.sqlite");
  auto roll = [&](uint32_t sides) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return static_cast<uint32_t>(seed >> 33) % sides;
  };
  for (int made = 0; made < 300;) {
    int thread = roll(4) == 0;
    size_t depth = calls.recording->depth(calls.threads[thread]);
    calls.recording->Tick(roll(50));
    if (depth == 0 || (depth < 12 && roll(100) < 52)) {
      calls.Enter(thread, static_cast<int>(roll(kFunctions)));
      ++made;
    } else {
      calls.Leave(thread, roll(20) == 0);
    }
  }
  return calls.Finish();
}

struct Known {
  int64_t parent;
  uint32_t function, thread;
  bool matches;
};

// What the blocks say.
std::map<int64_t, Known> Recorded(store::Database* database, Window* window) {
  std::map<int64_t, Known> all;
  store::DecodedBlock block, shown_block;
  std::vector<uint8_t> shown;
  for (size_t number = 0; number < database->zones().size(); ++number) {
    CHECK(database->ReadBlock(number, false, &block));
    CHECK(window->Calls(number, &shown_block, &shown));
    for (uint32_t row = 0; row < block.size(); ++row) {
      all[block.first_id + row] = {block.parent[row], block.function[row], block.thread[row],
                                   row < shown.size() && shown[row]};
    }
  }
  return all;
}

struct Shown {
  int64_t parent;
  bool aside;
  bool operator==(const Shown&) const = default;
  friend std::ostream& operator<<(std::ostream& out, const Shown& one) {
    return out << "below " << one.parent << (one.aside ? " aside" : "");
  }
};

std::map<int64_t, Shown> Expected(const std::map<int64_t, Known>& all, bool callers) {
  std::map<int64_t, Shown> expected;
  for (const auto& [id, known] : all) {
    if (!known.matches) continue;
    for (int64_t at = id; at != 0 && (at == id || callers); at = all.at(at).parent) {
      int64_t parent = all.at(at).parent;
      while (!callers && parent != 0 && !all.at(parent).matches) parent = all.at(parent).parent;
      expected[at] = {parent, !all.at(at).matches};
    }
  }
  return expected;
}

// Nodes that can be seen: `all`: also those in nodes that are closed.
void Collect(const TreeNode& node, bool all, std::map<int64_t, Shown>* out) {
  for (const auto& child : node.children) {
    if (child->kind == TreeNode::Kind::kCall)
      (*out)[child->id] = {node.kind == TreeNode::Kind::kCall ? node.id : 0, child->aside};
    if (all || child->open) Collect(*child, all, out);
  }
}

void OpenAll(CallTree* tree, TreeNode* node) {
  for (const auto& child : node->children) {
    tree->Open(child.get());
    while (tree->Work(kForever)) continue;
    OpenAll(tree, child.get());
  }
}

std::map<int64_t, Shown> AllOf(CallTree* tree) {
  while (tree->Work(kForever)) continue;
  OpenAll(tree, tree->root());
  std::map<int64_t, Shown> found;
  Collect(*tree->root(), true, &found);
  return found;
}

bool Same(const std::map<int64_t, Shown>& found, const std::map<int64_t, Shown>& expected) {
  for (const auto& [id, one] : expected) {
    auto at = found.find(id);
    if (at != found.end() && at->second == one) continue;
    std::cerr << "call " << id << " " << one << ": " << (at == found.end() ? "is missing\n" : "is ");
    if (at != found.end()) std::cerr << at->second << "\n";
    return false;
  }
  if (found.size() == expected.size()) return true;
  std::cerr << found.size() << " calls, expected " << expected.size() << "\n";
  return false;
}

// Function names from the outermost call on.
std::string PathOf(const std::map<int64_t, Known>& all, int64_t id) {
  std::string path;
  for (; id != 0; id = all.at(id).parent) path = "/" + std::to_string(all.at(id).function) + path;
  return path;
}

void CollectGroups(const TreeNode& node, const std::string& path, std::map<std::string, std::string>* out) {
  for (const auto& child : node.children) {
    std::string name = path + "/" + std::to_string(child->function);
    (*out)[name] = std::to_string(child->calls) + (child->aside ? " aside" : "");
    CollectGroups(*child, name, out);
  }
}

constexpr const char* kFilters[] = {"func == 'f3'", "exception",   "depth > 6", "func == 'f1' or depth == 4",
                                    "open",         "func == 'no'"};

void ForEachFilter(const std::function<void(store::Database*, Selection)>& body) {
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    std::unique_ptr<store::Database> database = Random(seed);
    for (const char* text : kFilters) {
      std::string error;
      auto filter = query::Filter::Parse(text, query::ContextOf(*database), &error, nullptr);
      Selection selection;
      selection.filters = {filter.get()};
      body(database.get(), selection);
    }
    body(database.get(), {});
  }
}

TEST(MatchesAndTheirCallersAreInTheTree) {
  ForEachFilter([](store::Database* database, Selection selection) {
    for (bool callers : {true, false}) {
      selection.callers = callers;
      Window window(database, selection);
      CallTree tree(&window);
      CHECK(Same(AllOf(&tree), Expected(Recorded(database, &window), callers)));
    }
  });
}

TEST(NodesThatAreOpenedTogetherAreReadTogether) {
  ForEachFilter([](store::Database* database, Selection selection) {
    Window window(database, selection);
    CallTree tree(&window);
    while (tree.Work(kForever)) continue;
    std::vector<TreeNode*> nodes = {tree.root()};
    while (!nodes.empty()) {
      std::vector<TreeNode*> below;
      for (TreeNode* node : nodes) {
        for (const auto& child : node->children) below.push_back(child.get());
      }
      for (TreeNode* node : below) tree.Open(node);
      while (tree.Work(kForever)) continue;
      nodes = std::move(below);
    }
    std::map<int64_t, Shown> found;
    Collect(*tree.root(), true, &found);
    CHECK(Same(found, Expected(Recorded(database, &window), true)));
  });
}

TEST(AChainDeeperThanTheStackIsFreed) {
  auto top = std::make_unique<TreeNode>();
  TreeNode* at = top.get();
  for (int i = 0; i < 1'000'000; ++i) {
    at->children.push_back(std::make_unique<TreeNode>());
    at = at->children.back().get();
  }
  top.reset();
}

TEST(WhatLeadsToAMatchIsOpenByItself) {
  ForEachFilter([](store::Database* database, Selection selection) {
    Window window(database, selection);
    std::map<int64_t, Known> all = Recorded(database, &window);
    std::map<int64_t, Shown> expected = Expected(all, true), found;
    std::erase_if(expected, [&](const auto& one) {
      int64_t at = one.second.parent;
      while (at != 0 && !all.at(at).matches) at = all.at(at).parent;
      return at != 0;
    });
    CallTree tree(&window);
    while (tree.Work(kForever)) continue;
    Collect(*tree.root(), false, &found);
    CHECK(Same(found, expected));
  });
}

TEST(WhatIsRevealedIsThereOnce) {
  ForEachFilter([](store::Database* database, Selection selection) {
    Window window(database, selection);
    std::map<int64_t, Known> all = Recorded(database, &window);
    std::map<int64_t, Shown> expected = Expected(all, true);
    CallTree plain(&window);
    while (plain.Work(kForever)) continue;
    for (const auto& thread : plain.root()->children) {
      int64_t total_ns = 0;
      for (const auto& child : thread->children) total_ns += child->total_ns;
      CHECK_EQ(thread->total_ns, total_ns);
    }
    for (const auto& [id, known] : all) {
      if (id % 7 != 0) continue;
      CallTree tree(&window);
      const TreeNode* node = tree.Reveal(id, expected.count(id) > 0);
      CHECK_EQ(node != nullptr, expected.count(id) > 0);
      CHECK(node == nullptr || node->id == id);
      CHECK(Same(AllOf(&tree), expected));
      CHECK_EQ(tree.root()->children.size(), plain.root()->children.size());
      for (const auto& thread : plain.root()->children) {
        for (const auto& other : tree.root()->children) {
          if (other->thread == thread->thread) CHECK_EQ(other->total_ns, thread->total_ns);
        }
      }
    }
  });
}

TEST(MergedTheSameCallsAreCounted) {
  ForEachFilter([](store::Database* database, Selection selection) {
    Window window(database, selection);
    std::map<int64_t, Known> all = Recorded(database, &window);
    std::map<std::string, int> calls;
    std::set<std::string> matching;
    for (const auto& [id, one] : Expected(all, true)) {
      std::string path = PathOf(all, id);
      ++calls[path];
      if (!one.aside) matching.insert(path);
    }
    std::map<std::string, std::string> expected, found;
    for (const auto& [path, count] : calls)
      expected[path] = std::to_string(count) + (matching.count(path) ? "" : " aside");
    CallTree tree(&window);
    tree.Reset(true);
    while (tree.Work(kForever)) continue;
    CollectGroups(*tree.root(), "", &found);
    CHECK(found == expected);
  });
}

// Of the calls that are gone, those stay that called what is there.
TEST(CallersThatWereLetGoAreInTheTree) {
  for (const char* text : {"", "func == 'f3'", "depth > 6"}) {
    std::unique_ptr<store::Database> whole = Random(3);
    Window all_window(whole.get(), {});
    std::map<int64_t, Known> all = Recorded(whole.get(), &all_window);
    int64_t first = whole->zones()[9].first_id;
    sqlite3* connection = nullptr;
    CHECK_EQ(sqlite3_open(Path("random_tree.sqlite").c_str(), &connection), SQLITE_OK);
    std::string sql = "DELETE FROM blocks WHERE first_id < " + std::to_string(first);
    CHECK_EQ(sqlite3_exec(connection, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(connection);
    std::string error;
    std::unique_ptr<store::Database> database = store::Database::Open(Path("random_tree.sqlite"), &error);
    std::unique_ptr<query::Filter> filter;
    Selection selection;
    if (*text != '\0') filter = query::Filter::Parse(text, query::ContextOf(*database), &error, nullptr);
    if (filter != nullptr) selection.filters = {filter.get()};
    Window window(database.get(), selection);
    std::map<int64_t, Known> kept = Recorded(database.get(), &window);
    for (auto& [id, known] : all) known.matches = id >= first && kept.at(id).matches;
    std::map<int64_t, Shown> expected = Expected(all, true);
    for (auto& [id, shown] : expected) shown.aside = shown.aside && filter != nullptr;
    CHECK(expected.begin()->first < first);
    CallTree tree(&window);
    CHECK(Same(AllOf(&tree), expected));
    for (int64_t id = first; id < first + 20; ++id) {
      CallTree revealed(&window);
      revealed.Reveal(id);
      CHECK(Same(AllOf(&revealed), expected));
    }
  }
}

// 1500 calls of f0, each of which calls f1 twice, and one f2 in the last one.
TEST(ManyCallersAreShownWhenAskedFor) {
  Calls calls("many_tree.sqlite", 64);
  calls.Enter(0, 5);
  for (int i = 0; i < 1500; ++i) {
    calls.Enter(0, 0);
    for (int twice = 0; twice < 2; ++twice) {
      calls.Enter(0, 1);
      calls.Leave(0);
    }
    calls.Leave(0);
  }
  calls.Leave(0);
  std::unique_ptr<store::Database> database = calls.Finish();
  auto filter = query::Filter::Parse("func == 'f1'", query::ContextOf(*database), nullptr, nullptr);
  Window window(database.get(), {.filters = {filter.get()}});
  CallTree tree(&window);
  while (tree.Work(kForever)) continue;
  TreeNode* main = tree.root()->children[0]->children[0].get();
  CHECK(main->aside);
  CHECK_EQ(main->children.size(), 1000u);
  CHECK_EQ(main->hidden, 500);
  CHECK_EQ(main->children[999]->children.size(), 2u);
  tree.ShowMore(main);
  while (tree.Work(kForever)) continue;
  CHECK_EQ(main->children.size(), 1500u);
  CHECK_EQ(main->hidden, 0);
  CHECK_EQ(main->children[1499]->children.size(), 2u);
  CHECK(Same(AllOf(&tree), Expected(Recorded(database.get(), &window), true)));
}

TEST(WhatTheUserClosedStaysClosed) {
  Calls calls("closed_tree.sqlite");
  calls.Enter(0, 0);
  calls.Enter(0, 1);
  calls.Leave(0);
  calls.Leave(0);
  std::unique_ptr<store::Database> database = calls.Finish();
  auto filter = query::Filter::Parse("func == 'f1'", query::ContextOf(*database), nullptr, nullptr);
  Window window(database.get(), {.filters = {filter.get()}});
  CallTree tree(&window);
  auto outermost = [&] {
    while (tree.Work(kForever)) continue;
    return tree.root()->children[0]->children[0].get();
  };
  CHECK(outermost()->open);
  tree.Close(outermost());
  tree.Reset(false);
  CHECK(!outermost()->open);
  tree.Open(outermost());
  tree.Reset(false);
  CHECK(outermost()->open);
}

}  // namespace
}  // namespace pytrace::reader
