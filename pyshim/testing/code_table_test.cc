#include "pyshim/code_table.h"

#include <map>
#include <random>

#include "tests/unit/check.h"

namespace pytrace::py {
namespace {

const Object* Code(uint64_t n) { return reinterpret_cast<const Object*>(0x7f0000000000 + n * 16); }

TEST(KeepsWhatAMapKeeps) {
  std::mt19937_64 random(1);
  std::map<uint64_t, uint64_t> wanted;
  CHECK_EQ(CodeTable::Word(Code(1)), 0u);
  CodeTable::Forget(Code(1));
  for (int i = 0; i < 200000; ++i) {
    // Few and near addresses, so that searches run into each other; now and then far ones with the same hash.
    uint64_t n = random() % 9000 + (random() % 8 == 0 ? (random() % 4) << 40 : 0);
    if (random() % 3 == 0) {
      CodeTable::Forget(Code(n));
      wanted.erase(n);
    } else {
      CHECK(CodeTable::Set(Code(n), i + 1));
      wanted[n] = i + 1;
    }
    uint64_t other = random() % 9000;
    auto found = wanted.find(other);
    CHECK_EQ(CodeTable::Word(Code(other)), found == wanted.end() ? 0 : found->second);
  }
  for (const auto& [n, word] : wanted) CHECK_EQ(CodeTable::Word(Code(n)), word);
  for (const auto& [n, word] : wanted) CodeTable::Forget(Code(n));
  for (const auto& [n, word] : wanted) CHECK_EQ(CodeTable::Word(Code(n)), 0u);
}

}  // namespace
}  // namespace pytrace::py
