#include "reader/query/pattern.h"

#include <string>

#include "tests/unit/check.h"

namespace pytrace::query {
namespace {

// "begin-end" of the first match, "no", or the error.
std::string Search(const char* pattern, const char* text, bool literal = false) {
  std::string error;
  std::unique_ptr<Pattern> compiled = Pattern::Compile(pattern, literal, &error);
  if (compiled == nullptr) return "error: " + error;
  size_t begin, end;
  if (!compiled->Find(text, 0, &begin, &end)) return "no";
  return std::to_string(begin) + "-" + std::to_string(end);
}

TEST(PlainTextAndSmartCase) {
  CHECK_EQ(Search("fib", "a FIB b"), "2-5");
  CHECK_EQ(Search("Fib", "a FIB b"), "no");
  CHECK_EQ(Search("fib", "fi"), "no");
  CHECK_EQ(Search("", "abc"), "0-0");
  CHECK_EQ(Search("a.b", "axb a.b", true), "4-7");
}

TEST(WhatPeopleTypeInPython) {
  CHECK_EQ(Search("n = int: \\d+\\)", "fib(n = int: 42)"), "4-16");
  CHECK_EQ(Search("^fib", "fib"), "0-3");
  CHECK_EQ(Search("^fib", " fib"), "no");
  CHECK_EQ(Search("fib$", "a fib"), "2-5");
  CHECK_EQ(Search("(?:a|b)c", "xbc"), "1-3");
  CHECK_EQ(Search("a.*?b", "xaab"), "1-4");
  CHECK_EQ(Search("[\\d_]+", "ab1_2"), "2-5");
  CHECK_EQ(Search("[^\\]a]", "]ab"), "2-3");
  CHECK_EQ(Search("[a\\-z]+", "b-az"), "1-4");
  CHECK_EQ(Search("[]x]", "ax]"), "1-2");
  CHECK_EQ(Search("\\bfib\\b", "xfib fib"), "5-8");
  CHECK_EQ(Search("fib\\(", "fib("), "0-4");
  CHECK_EQ(Search("a{2,3}", "xaaaa"), "1-4");
  CHECK_EQ(Search("{}", "a{}"), "1-3");
  CHECK_EQ(Search("colou?r", "COLOR"), "0-5");
  CHECK_EQ(Search("ab|cd", "xcd"), "1-3");
  CHECK_EQ(Search("é", "cafÉ"), "3-5");
  CHECK_EQ(Search("caf.", "café"), "0-5");
  CHECK_EQ(Search("\\S+", "  ab"), "2-4");
}

TEST(WrongPatternsAreExplained) {
  for (const char* wrong : {"(", ")", "[a", "a\\", "*a", "(?=a)", "a{2", "\\k"})
    CHECK(Search(wrong, "a").starts_with("error: "));
}

TEST(SearchGoesOnFromAPlace) {
  std::string error;
  std::unique_ptr<Pattern> pattern = Pattern::Compile("a+", false, &error);
  size_t begin, end;
  CHECK(pattern->Find("aa b aaa", 2, &begin, &end));
  CHECK_EQ(begin, 5u);
  CHECK_EQ(end, 8u);
  CHECK(!pattern->Find("aa", 3, &begin, &end));
}

}  // namespace
}  // namespace pytrace::query
