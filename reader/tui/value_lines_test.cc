#include "reader/tui/value_lines.h"

#include <chrono>
#include <string>

#include "reader/tui/canvas.h"
#include "tests/unit/check.h"

namespace pytrace::reader::tui {
namespace {

std::string Broken(std::string_view value, int width) {
  std::string text;
  for (const ValueLine& line : BreakValue(value, width))
    text += std::string(static_cast<size_t>(line.indent), ' ') + std::string(line.text) + "\n";
  return text;
}

TEST(WhatFitsStaysALine) {
  CHECK_EQ(Broken("{'a': [1, 2]}", 13), "{'a': [1, 2]}\n");
  CHECK_EQ(Broken("", 20), "\n");
}

TEST(ItemsAreALineEach) {
  CHECK_EQ(Broken("{'a': [1, 2]}", 12),
           "{\n"
           "  'a': [\n"
           "    1,\n"
           "    2\n"
           "  ]\n"
           "}\n");
  CHECK_EQ(Broken("{'sku': 'A-17', 'lines': [('B-01', 2), ('B-02', 1)], 'empty': {}}", 24),
           "{\n"
           "  'sku': 'A-17',\n"
           "  'lines': [\n"
           "    ('B-01', 2),\n"
           "    ('B-02', 1)\n"
           "  ],\n"
           "  'empty': {}\n"
           "}\n");
}

TEST(CallsAreBrokenAtTheirArguments) {
  CHECK_EQ(Broken("Order(customer='ada', lines=[1, 2, 3])", 20),
           "Order(\n"
           "  customer='ada',\n"
           "  lines=[1, 2, 3]\n"
           ")\n");
}

TEST(BracketsAndCommasInStringsAreText) {
  CHECK_EQ(Broken("['a, (b', \"it's [x\", 'q\\'],(']", 14),
           "[\n"
           "  'a, (b',\n"
           "  \"it's [x\",\n"
           "  'q\\'],('\n"
           "]\n");
}

TEST(LongTextsGoOnInTheNextLine) {
  CHECK_EQ(Broken("'abcdefghijklmnop'", 10),
           "'abcdefghi\n"
           "jklmnop'\n");
  CHECK_EQ(Broken("['abcdefghijklmnop']", 12),
           "[\n"
           "  'abcdefghi\n"
           "  jklmnop'\n"
           "]\n");
}

TEST(WideCharactersAreNotBroken) {
  for (const ValueLine& line : BreakValue("['日本語日本語日本語', '語']", 9))
    CHECK(line.indent + TextWidth(line.text) <= 9);
}

TEST(WhatWasCutHasNoEnd) {
  CHECK_EQ(Broken("{'a': [1, 'two ...", 10),
           "{\n"
           "  'a': [\n"
           "    1,\n"
           "    'two .\n"
           "    ..\n");
}

TEST(NothingIsLost) {
  std::string value = "[{'a': (1, [2, {3: 'x, y'}]), 'b': f(x)}, [], 'long long long long', {1, 2}] and [more, of, it]";
  for (int width = 1; width < 100; ++width) {
    std::string all;
    for (const ValueLine& line : BreakValue(value, width)) all += line.text;
    auto without_blanks = [](std::string text) {
      std::erase(text, ' ');
      return text;
    };
    CHECK_EQ(without_blanks(all), without_blanks(value));
  }
}

// Hostile: each level could be a scan of the rest, and a call of its own.
TEST(ManyBracketsTakeNoLongTime) {
  auto begin = std::chrono::steady_clock::now();
  CHECK(!BreakValue(std::string(200'000, '['), 80).empty());
  CHECK(!BreakValue(std::string(100'000, '(') + std::string(100'000, ')'), 80).empty());
  std::string pairs;
  for (int i = 0; i < 50'000; ++i) pairs += "(1) ";
  CHECK(!BreakValue(pairs, 80).empty());
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(5));
}

}  // namespace
}  // namespace pytrace::reader::tui
