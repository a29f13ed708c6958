#include "dumper/store/imports.h"

#include <string>

#include "dumper/store/test_recorder.h"
#include "tests/unit/check.h"

namespace pytrace::store {
namespace {

// A database with some functions, and blocks made by hand over them.
struct Fixture {
  TestFolder folder;
  std::unique_ptr<Writer> writer;
  std::unique_ptr<Database> database;
  uint32_t main, find, library, dataclass, own, own_call;

  uint32_t Add(uint32_t id, const char* module, const char* func, const char* file) {
    FunctionRow row;
    row.module = module;
    row.func = row.qualname = func;
    row.file = file;
    row.line = id;
    return writer->AddFunction(1, 1, id, row, false);
  }

  Fixture() {
    WriterOptions options;
    options.path = folder.path("a.sqlite");
    std::string error;
    writer = Writer::Open(options, 0, &error);
    writer->RunByToken("t", 1, "[]", "/");
    ProcessRow process;
    process.run = 1;
    process.segment = "s";
    writer->AddProcess(process);
    main = Add(1, "shop.py", "<module>", "/home/me/shop.py");
    find = Add(2, "_frozen_importlib", "_find_and_load", "<frozen importlib._bootstrap>");
    library = Add(3, "json", "<module>", "/usr/lib/python3.11/json/__init__.py");
    dataclass = Add(4, "dataclasses", "dataclass", "/usr/lib/python3.11/dataclasses.py");
    own = Add(5, "cart", "<module>", "/home/me/cart.py");
    own_call = Add(6, "cart", "make", "/home/me/cart.py");
    CHECK(writer->Commit());
    database = Database::Open(options.path, &error);
    CHECK(database != nullptr);
  }

  std::string Marks(const Block& block) {
    std::vector<uint8_t> marks;
    Imports(&database->catalog()).Mark(block, &marks);
    std::string text;
    for (uint8_t mark : marks) text += mark ? 'i' : '.';
    return text;
  }
};

void Call(Block* block, uint32_t function, uint32_t depth, uint32_t thread = 1) {
  block->Add(function, thread, 1000 + block->size(), depth, Start::kCall, 0, {});
}

TEST(AnImportIsTheMachineryAndAllBelowIt) {
  Fixture f;
  Block block;
  Call(&block, f.main, 0);
  Call(&block, f.find, 1);
  Call(&block, f.library, 2);
  Call(&block, f.dataclass, 3);
  Call(&block, f.dataclass, 1);  // called by the program itself
  CHECK_EQ(f.Marks(block), ".iii.");
}

TEST(TheBodyOfAModuleOfTheProgramIsTheProgramAgain) {
  Fixture f;
  Block block;
  Call(&block, f.main, 0);
  Call(&block, f.find, 1);
  Call(&block, f.own, 2);
  Call(&block, f.own_call, 3);
  Call(&block, f.find, 3);
  Call(&block, f.library, 4);
  CHECK_EQ(f.Marks(block), ".i..ii");
}

TEST(CodeThatALibraryMakesBelongsToTheImport) {
  Fixture f;
  uint32_t made = f.Add(9, "namedtuple_Point", "<module>", "<string>");
  CHECK(f.writer->Commit());
  CHECK(f.database->Refresh());
  Block block;
  Call(&block, f.find, 0);
  Call(&block, made, 1);
  Call(&block, made, 0);
  CHECK_EQ(f.Marks(block), "ii.");
}

TEST(TheKeyframeKnowsTheImportThatTheBlockBeganIn) {
  Fixture f;
  Block block;
  block.first_id = 100;
  block.keyframe = {{1, {{1, f.main, 0, 1}, {2, f.find, 1, 2}}}, {2, {{3, f.main, 0, 3}}}};
  Call(&block, f.dataclass, 2, 1);
  Call(&block, f.dataclass, 1, 2);
  Call(&block, f.dataclass, 1, 1);
  CHECK_EQ(f.Marks(block), "i..");
  std::vector<uint8_t> stack;
  Imports(&f.database->catalog()).Mark(block.keyframe[0], &stack);
  CHECK_EQ(stack.size(), 2u);
  CHECK(!stack[0] && stack[1]);
}

TEST(DepthsOfADamagedBlockDoNoHarm) {
  Fixture f;
  Block block;
  Call(&block, f.find, 4'000'000'000u);
  Call(&block, f.dataclass, 4'000'000'001u);
  Call(&block, 4'000'000'000u, 0);
  CHECK_EQ(f.Marks(block), "i..");
}

}  // namespace
}  // namespace pytrace::store
