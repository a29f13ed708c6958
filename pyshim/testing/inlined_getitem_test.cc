#include "pyshim/inlined_getitem.h"

#include <string>

#include "tests/unit/check.h"

namespace pytrace::py {
namespace {

constexpr uint32_t kFirst = 123'456'789;  // in no other place
constexpr char kMissing[] = "calls of __getitem__ by container[key] are missing";

// The data of an interpreter, which is this program. Not zero, so that it is in the file as theirs is.
uint32_t function_type[4] = {1}, counter = kFirst, twin = kFirst, unlike = kFirst;

// A function as one of 3.11; func_version is at 128.
struct Function {
  char before[128] = {};
  uint32_t version = 0;
};

// What the counter gives out, and how it behaves otherwise.
struct Interpreter {
  const char* version = "3.11.2 (main, Mar 13 2023) [GCC 12.2.0]";
  bool raises = false;
  uint32_t* (*place)() = [] { return &counter; };
  bool has_twin = false;
  int runs = 0;
} interpreter;
Function function;

Object* Some() { return reinterpret_cast<Object*>(&function); }

// Defines a function and calls it often enough for a number, as the finder's lines do.
Object* Eval(Object*, Object*, Object*) {
  ++interpreter.runs;
  if (interpreter.raises) return nullptr;
  uint32_t* place = interpreter.place();
  function.version = *place == 0 ? 0 : (*place)++;
  if (interpreter.has_twin) twin = *place;
  if (interpreter.runs == 1) unlike = *place;  // looks like the counter, once
  return Some();
}

const char* Stop() {
  Api api = {};
  api.function_type = reinterpret_cast<Object*>(function_type);
  api.GetVersion = [] { return interpreter.version; };
  api.DictNew = [] { return Some(); };
  api.DictClear = [](Object*) {};
  api.DictSetItemString = [](Object*, const char*, Object*) { return 0; };
  api.DictGetItemString = [](Object*, const char* name) { return name == std::string("function") ? Some() : nullptr; };
  api.CompileString = [](const char*, const char*, int) { return Some(); };
  api.EvalGetBuiltins = [] { return Some(); };
  api.EvalCode = &Eval;
  api.DecRef = [](Object*) {};
  api.ErrClear = [] {};
  counter = twin = unlike = kFirst;
  return StopInlinedGetItem(api);
}

TEST(TheCounterIsStopped) {
  for (const char* version : {"3.11.0 (main)", "3.11.2 (main)", "3.11.3+ (heads/3.11)", "3.11.0rc1 (main)"}) {
    interpreter = {};
    interpreter.version = version;
    CHECK_EQ(Stop(), std::string());
    CHECK_EQ(counter, 0u);
    CHECK_EQ(unlike, kFirst + 1);  // nothing else was touched
  }
}

TEST(OtherVersionsAreLeftAlone) {
  for (const char* version : {"3.11.4 (main)", "3.11.10 (main)", "3.11.30 (main)", "3.10.1 (main)", "3.12.0 (main)"}) {
    interpreter = {};
    interpreter.version = version;
    CHECK_EQ(Stop(), std::string());
    CHECK_EQ(counter, kFirst);
    CHECK_EQ(interpreter.runs, 0);
  }
}

TEST(ACounterThatIsNotFoundIsSaid) {
  static uint32_t* elsewhere = new uint32_t(kFirst);
  interpreter = {};
  interpreter.place = [] { return elsewhere; };
  CHECK_EQ(Stop(), std::string(kMissing));
  CHECK(*elsewhere > kFirst);
  CHECK_EQ(counter, kFirst);
}

// Two words count the same: nobody knows which is the one.
TEST(TwoThatCouldBeItAreLeftAlone) {
  interpreter = {};
  interpreter.has_twin = true;
  CHECK_EQ(Stop(), std::string(kMissing));
  CHECK(counter > kFirst);
  CHECK_EQ(twin, counter);
}

TEST(LinesThatDoNotRunAreSaid) {
  interpreter = {};
  interpreter.raises = true;
  CHECK_EQ(Stop(), std::string(kMissing));
  CHECK_EQ(counter, kFirst);
}

}  // namespace
}  // namespace pytrace::py
