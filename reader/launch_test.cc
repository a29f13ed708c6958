#include "reader/launch.h"

#include <algorithm>

#include "tests/unit/check.h"

namespace pytrace::reader {
namespace {

std::string Lookup(const std::vector<std::string>& environment, const std::string& name) {
  std::string found = "(none)";
  for (const std::string& variable : environment) {
    if (variable.compare(0, name.size() + 1, name + "=") != 0) continue;
    CHECK_EQ(found, "(none)");  // only once
    found = variable.substr(name.size() + 1);
  }
  return found;
}

TEST(EnvironmentIsKeptButForWhatARunNeeds) {
  const char* before[] = {"PATH=/bin", "PYTRACE_DB=old", "PYTRACE_VALUES=deep", "ODD", "EMPTY=", nullptr};
  auto after = RunEnvironment(before, {{"PYTRACE_DB", "new"}, {"PYTRACE_VALUES", ""}}, "/lib/p.so");
  CHECK_EQ(Lookup(after, "PATH"), "/bin");
  CHECK_EQ(Lookup(after, "PYTRACE_DB"), "new");
  CHECK_EQ(Lookup(after, "PYTRACE_VALUES"), "(none)");
  CHECK_EQ(Lookup(after, "EMPTY"), "");
  CHECK_EQ(Lookup(after, "LD_PRELOAD"), "/lib/p.so");
  CHECK(std::count(after.begin(), after.end(), "ODD") == 1);
}

TEST(PreloadIsPutBehindOthersOnce) {
  const char* others[] = {"LD_PRELOAD=/a.so:/b.so", nullptr};
  CHECK_EQ(Lookup(RunEnvironment(others, {}, "/lib/p.so"), "LD_PRELOAD"), "/a.so:/b.so:/lib/p.so");
  const char* nullptr_only[] = {nullptr};
  const char* nested[] = {"LD_PRELOAD=/a.so:/lib/p.so", nullptr};
  CHECK_EQ(Lookup(RunEnvironment(nested, {}, "/lib/p.so"), "LD_PRELOAD"), "/a.so:/lib/p.so");
  CHECK_EQ(Lookup(RunEnvironment(others, {}, ""), "LD_PRELOAD"), "/a.so:/b.so");
  CHECK_EQ(Lookup(RunEnvironment(nullptr_only, {}, ""), "LD_PRELOAD"), "(none)");
  const char* empty[] = {"LD_PRELOAD=", nullptr};
  CHECK_EQ(Lookup(RunEnvironment(empty, {}, "/lib/p.so"), "LD_PRELOAD"), "/lib/p.so");
}

TEST(ProgramIsAJsonArray) {
  CHECK_EQ(ProgramJson({"-c", "print(\"a\\b\")\n"}), "[\"-c\", \"print(\\\"a\\\\b\\\")\\u000a\"]");
  CHECK_EQ(ProgramJson({"caf\xc3\xa9"}), "[\"caf\xc3\xa9\"]");
}

TEST(ProgramOfAnyLengthFitsAVariable) {
  std::string json = ProgramJson(std::vector<std::string>(100000, "word"));
  CHECK(json.size() < 64 << 10);
  CHECK_EQ(json.substr(json.size() - 8), ", \"...\"]");
  CHECK(ProgramJson({std::string(1 << 20, 'x'), "y"}) == "[\"...\"]");
}

}  // namespace
}  // namespace pytrace::reader
