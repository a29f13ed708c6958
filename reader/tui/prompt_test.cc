#include "reader/tui/prompt.h"

#include <clocale>
#include <string>

#include "tests/unit/check.h"

namespace pytrace::reader::tui {
namespace {

std::string Typed(const char* keys, const std::vector<std::string>& history = {}) {
  Prompt prompt;
  prompt.Open("/", "", history);
  std::vector<Key> parsed;
  std::string error;
  CHECK(ParseKeys(keys, &parsed, &error));
  for (Key key : parsed) prompt.Type(key);
  return prompt.text();
}

TEST(LinesAreEdited) {
  CHECK_EQ(Typed("abc<Left><BS>x"), "axc");
  CHECK_EQ(Typed("one two<C-w>x"), "one x");
  CHECK_EQ(Typed("one two<C-a><A-d>x"), "x two");
  CHECK_EQ(Typed("one<C-u>two<C-y>"), "twoone");
  CHECK_EQ(Typed("é日<BS>x<Home><Del>"), "x");
  CHECK_EQ(Typed("a b<A-b><C-k>c"), "a c");
  CHECK_EQ(Typed("<lt>Enter>"), "<Enter>");
}

TEST(HistoryIsWalkedByWhatWasTyped) {
  std::vector<std::string> history = {"func == 'a'", "depth > 3", "func == 'b'"};
  CHECK_EQ(Typed("<Up>", history), "func == 'b'");
  CHECK_EQ(Typed("<Up><Up>", history), "depth > 3");
  CHECK_EQ(Typed("func<Up><Up>", history), "func == 'a'");
  CHECK_EQ(Typed("func<Up><Up><Up>", history), "func == 'a'");
  CHECK_EQ(Typed("func<Up><Down>", history), "func");
}

TEST(UnknownKeysAreNamed) {
  std::vector<Key> keys;
  std::string error;
  CHECK(!ParseKeys("a<Nope>b", &keys, &error));
  CHECK_EQ(error, "there is no key <Nope>");
}

TEST(WideCharactersAreNeverSplit) {
  setlocale(LC_CTYPE, "C.UTF-8");
  Canvas canvas(5, 3, false);
  canvas.Put(0, 0, 5, "a日本x", {});
  CHECK_EQ(canvas.Text(), "a日本\n\n\n");
  canvas.Put(1, 0, 4, "a日本x", {});
  int skip = 2;
  canvas.PutFrom(2, 0, 5, &skip, "a日e\u0301", {});
  CHECK_EQ(canvas.Text(), "a日本\na日\n e\u0301\n");
  Canvas ascii(5, 1, true);
  ascii.Put(0, 0, 5, "a日b", {});
  CHECK_EQ(ascii.Text(), "a?b\n");
}

}  // namespace
}  // namespace pytrace::reader::tui
