#include "reader/query/parse.h"

#include <string>

#include "tests/unit/check.h"

namespace pytrace::query {
namespace {

constexpr TimeFrame kFrame{1'345'078'291'000'000'000, 1'345'078'300'000'000'000};

bool Accepts(const char* text) {
  Problem problem;
  if (ParseFilter(text, kFrame, &problem) != nullptr) return true;
  std::cerr << text << ": " << problem.message << "\n";
  return false;
}

// "column: message" of a filter that must be refused.
std::string Refusal(const std::string& text) {
  Problem problem;
  if (ParseFilter(text, kFrame, &problem) != nullptr) return "accepted";
  return std::to_string(problem.column) + ": " + problem.message;
}

bool Says(const std::string& text, const std::string& part) {
  std::string refusal = Refusal(text);
  if (refusal.find(part) != std::string::npos) return true;
  std::cerr << text << " -> " << refusal << "\n";
  return false;
}

TEST(WhatTheFirstPytraceAccepted) {
  CHECK(Accepts("func == 'fib' and arg == 'return value' and not value == '1'"));
  CHECK(Accepts("time > '2012/08/15 01:23:45'"));
  CHECK(Accepts("time == \"2012/08/15 01:23:45\""));
  CHECK(Accepts("module == 'proj%'"));
  CHECK(Accepts("func != 'a' or tid == 3 or type == 'int'"));
  CHECK(Accepts("(func == 'a' or func == 'b') and tid >= 3"));
}

TEST(EveryFieldAndOperator) {
  for (const char* text : {"pid == 3",
                           "depth < 3",
                           "line != 3",
                           "id >= 10K",
                           "duration > 1.5ms",
                           "self <= 2s",
                           "duration > 100",
                           "kind == 'call'",
                           "file ~ 'x\\.py$'",
                           "qualname == 'A.%'",
                           "thread is 'MainThread'",
                           "thread is not 'MainThread'",
                           "process ~ 'app'",
                           "func !~ '^_'",
                           "ret == None",
                           "exc ~ 'Key'",
                           "value > 100",
                           "value == True",
                           "value is not None",
                           "arg.n == 3",
                           "arg['return value'] > 2",
                           "depth in (1, 2, 3)",
                           "func not in ['a', 'b',]",
                           "1ms < duration < 5ms",
                           "'a' == func",
                           "3 < depth",
                           "-1 < value",
                           "value == -2.5e3",
                           "exception",
                           "lost or log",
                           "open and not exception",
                           "not (exception)",
                           "any(value == '1') and all(arg != 'x')",
                           "not any(value == '1')",
                           "func == 'a' && !exception || depth > 2",
                           "time > '01:23:45.5' and time < '+1.5s' and time > '-10s'",
                           "time > 1345078291.791034",
                           "func == r'a\\d' # a comment",
                           "func == 'it\\'s'",
                           "value == '\\u20ac'",
                           "func in ()"}) {
    CHECK(Accepts(text));
  }
}

TEST(ErrorsPointAtTheirColumn) {
  CHECK_EQ(Refusal(""), "0: an empty filter");
  CHECK_EQ(Refusal("fucn == 'a'"), "0: there is no field fucn; did you mean func?");
  CHECK(Says("depth > 3 and zzzzzz == 1", "14: there is no field zzzzzz; fields: time"));
  CHECK_EQ(Refusal("func = 'a'"), "5: to compare, write ==");
  CHECK_EQ(Refusal("func == 'a"), "8: this string has no end");
  CHECK_EQ(Refusal("func == fib"), "8: strings are quoted: 'fib'");
  CHECK_EQ(Refusal("func == module"), "5: one side must be a value, not a field; strings are quoted");
  CHECK_EQ(Refusal("(func == 'a'"), "0: ( without )");
  CHECK_EQ(Refusal("func == 'a')"), "11: ) without (");
  CHECK_EQ(Refusal("func == 'a' func"), "12: expected and, or, or the end");
  CHECK_EQ(Refusal("func == 'a' and"), "15: the filter ends too early: expected a field or a value");
  CHECK(Says("func > 'a'", "7: func is compared with == != ~"));
  CHECK(Says("func == 3", "8: func is compared with a string: '3'"));
  CHECK(Says("depth == 'a'", "9: depth is compared with a number"));
  CHECK(Says("duration > 3kg", "11: no such unit: kg"));
  CHECK(Says("value > 'a'", "8: value is compared with a number"));
  CHECK(Says("time > 'yesterday'", "7: no such time"));
  CHECK(Says("func ~ '('", "7: this is no regular expression"));
  CHECK(Says("depth ~ '3'", "0: ~ looks for a regular expression"));
  CHECK(Says("func", "4: expected a comparison"));
  CHECK(Says("arg. == 3", "5: expected the name of an argument"));
  CHECK(Says("func == '\\xZZ'", "9: this escape needs 2 hex digits"));
  CHECK(Says(std::string(5000, '('), "nested too deeply"));
}

// Whatever the bytes are, the answer is a tree or one line.
TEST(RandomBytesAreAnswered) {
  uint64_t state = 7;
  const std::string pieces[] = {"func", "value", "arg", "==", "<", "(", ")", " and ", " or ", "not ", "'a'",  "'", "3",
                                "ms",   "in",    "is",  "[",  ",", ".", "~", "\\",    "\xff", "%",    "any(", "-"};
  for (int round = 0; round < 20000; ++round) {
    std::string text;
    for (int i = 0; i < 12; ++i) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      text += pieces[(state >> 33) % std::size(pieces)];
      if ((state >> 60) % 3 == 0) text += ' ';
    }
    Problem problem;
    bool parsed = ParseFilter(text, kFrame, &problem) != nullptr;
    CHECK(parsed || (!problem.message.empty() && problem.column <= text.size()));
  }
}

}  // namespace
}  // namespace pytrace::query
