#include "reader/query/other_parts.h"

#include <string>

#include "tests/unit/check.h"

namespace pytrace::query {
namespace {

// The cursor is where the | stands.
std::string Others(std::string text) {
  size_t cursor = text.find('|');
  std::string others = OtherParts(text.erase(cursor, 1), cursor);
  others.erase(others.find_last_not_of(' ') + 1);
  return others.substr(std::min(others.size(), others.find_first_not_of(' ')));
}

TEST(OtherPartsAreThoseOfTheSameAnd) {
  CHECK_EQ(Others("func == |"), "");
  CHECK_EQ(Others("module == 'a' and func == |"), "module == 'a'");
  CHECK_EQ(Others("module == 'a' and func == 'x|"), "module == 'a'");
  CHECK_EQ(Others("module == 'a' and depth > 3 and not func == 'x|'"), "module == 'a' and depth > 3");
  CHECK_EQ(Others("func == 'x|' and module == 'a'"), "module == 'a'");
  CHECK_EQ(Others("depth > 1 and func == '|' and module == 'a'"), "depth > 1  and  module == 'a'");
  CHECK_EQ(Others("module == 'a' or func == '|"), "");
  CHECK_EQ(Others("leaf or module == 'a' and func == '|' or open and log"), "module == 'a'");
  CHECK_EQ(Others("func == '|' and module == 'a' or leaf"), "module == 'a'");
  CHECK_EQ(Others("module == 'a and b' and func == '|"), "module == 'a and b'");
}

TEST(BracketsMayBeAboutAnotherEvent) {
  CHECK_EQ(Others("module == 'a' and within(func == '|"), "");
  CHECK_EQ(Others("module == 'a' and (leaf and func == '|"), "");
  CHECK_EQ(Others("(leaf or open) and func == '|"), "(leaf or open)");
  CHECK_EQ(Others("module == 'a' and func in ('x', '|"), "module == 'a'");
  CHECK_EQ(Others("module == 'a' and func in ('x', '|') and leaf"), "module == 'a'  and  leaf");
  CHECK_EQ(Others("leaf and func in (|"), "leaf");
  CHECK_EQ(Others("leaf and arg['|"), "leaf");
  CHECK_EQ(Others("func == '|') and leaf"), "");
}

}  // namespace
}  // namespace pytrace::query
