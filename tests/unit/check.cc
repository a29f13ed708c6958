#include "tests/unit/check.h"

#include <cstdio>
#include <utility>
#include <vector>

namespace pytrace::test {
namespace {

struct Case {
  const char* name;
  std::function<void()> body;
};
std::vector<Case>& Cases() {
  static std::vector<Case> cases;
  return cases;
}
const char* running = "";
int failures = 0;

}  // namespace

bool Register(const char* name, std::function<void()> body) {
  Cases().push_back({name, std::move(body)});
  return true;
}

void Fail(const char* file, int line, const std::string& what) {
  ++failures;
  fprintf(stderr, "%s:%d: %s: %s\n", file, line, running, what.c_str());
}

}  // namespace pytrace::test

// With an argument, only the tests whose name has it.
int main(int argc, char** argv) {
  using namespace pytrace::test;
  int failed = 0, passed = 0;
  for (const Case& test : Cases()) {
    if (argc > 1 && std::string(test.name).find(argv[1]) == std::string::npos) continue;
    running = test.name;
    int before = failures;
    test.body();
    (failures == before ? passed : failed)++;
  }
  printf("%d passed, %d failed\n", passed, failed);
  return failed != 0;
}
