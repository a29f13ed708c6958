// Random and nearly right filters: each is parsed or refused with a column inside it, completed at every place,
// corrected, and run over a recording - and none does harm.
#include <random>
#include <string>
#include <vector>

#include "dumper/store/database.h"
#include "reader/query/dictionary.h"
#include "reader/query/filter.h"
#include "reader/query/parse.h"
#include "reader/query/other_parts.h"
#include "reader/query/suggest.h"
#include "reader/testing/recording.h"
#include "tests/unit/check.h"

namespace pytrace::query {
namespace {

using Dice = std::mt19937;

const std::vector<std::string> kPieces = {"func",       "module",   "arg",
                                          "value",      "type",     "time",
                                          "duration",   "depth",    "arg.n",
                                          "arg['n']",   "stack",    "kind",
                                          "==",         "!=",       "<",
                                          "<=",         ">",        ">=",
                                          "~",          "!~",       "in",
                                          "is",         "not",      "and",
                                          "or",         "(",        ")",
                                          "[",          "]",        ",",
                                          "'fib'",      "\"a%\"",   "r'\\d+'",
                                          "3",          "5ms",      "-1",
                                          "1e300",      "None",     "True",
                                          "any(",       "within(",  "leaf",
                                          "contains(",  "caller(",  "exception",
                                          "#",          "&&",       "!",
                                          "'\\x00'",    "'[a-'",    "9999999999999999999999",
                                          "'01:23:45'", "\xff\xfe", "\xe6\x97\xa5",
                                          "'"};

std::string Random(Dice* dice) {
  std::string text;
  if ((*dice)() % 4 == 0) {
    for (size_t left = (*dice)() % 40; left > 0; --left) text.push_back(static_cast<char>((*dice)()));
    return text;
  }
  for (size_t left = (*dice)() % 12; left > 0; --left)
    text += kPieces[(*dice)() % kPieces.size()] + ((*dice)() % 8 ? " " : "");
  return text;
}

std::unique_ptr<store::Database> Record(const std::string& path) {
  using namespace reader::testing;
  {
    Recording recording(path, 8);
    int64_t process = recording.AddProcess(1, {"p"});
    int thread = recording.AddThread(process, 1, "MainThread", true);
    store::FunctionRow row;
    row.module = "m";
    row.func = row.qualname = "fib";
    row.arguments = {"n"};
    uint32_t function = recording.AddFunction(process, row);
    for (int i = 0; i < 30; ++i) {
      recording.Enter(thread, function, {Int(i)});
      if (i % 3 != 0) recording.Leave(thread, Str("x"));
    }
    recording.End();
  }
  std::string error;
  return store::Database::Open(path, &error);
}

void Try(const std::string& text, store::Database* database, Dictionary* dictionary) {
  Problem problem;
  FilterParts parts;
  bool parsed = ParseFilter(text, {0, 1}, &problem, &parts) != nullptr;
  CHECK(parsed || (!problem.message.empty() && problem.column <= text.size()));
  for (const LiteralUse& use : parts.literals) CHECK(use.begin <= use.end && use.end <= text.size());
  for (size_t cursor = 0; cursor <= text.size(); cursor += 1 + text.size() / 8) {
    Suggestions found = Complete(text, cursor, dictionary);
    CHECK(found.items.empty() || (found.begin <= found.end && found.end <= text.size()));
    CHECK(OtherParts(text, cursor).size() <= text.size() + 5);
  }
  if (!parsed) CorrectProblem(text, problem);
  if (!parsed) return;
  Suggestions found = Correct(parts, dictionary);
  CHECK(found.begin <= found.end && found.end <= text.size());
  std::unique_ptr<Filter> filter = Filter::Parse(text, ContextOf(*database), nullptr, nullptr);
  CHECK(filter != nullptr);
  store::DecodedBlock block;
  std::vector<uint8_t> starts, ends;
  for (size_t zone = 0; zone < database->zones().size(); ++zone) {
    filter->MayMatch(database->zones()[zone]);
    CHECK(database->ReadBlock(zone, true, &block));
    filter->Match(block, &starts, &ends);
    CHECK(starts.size() == block.size() && ends.size() == block.size());
  }
}

TEST(FiltersDoNoHarm) {
  std::unique_ptr<store::Database> database =
      Record(std::string(getenv("TEST_TMPDIR") ? getenv("TEST_TMPDIR") : "/tmp") + "/fuzz.sqlite");
  CHECK(database != nullptr);
  Dictionary dictionary(database.get());
  while (dictionary.Work(std::chrono::steady_clock::time_point::max())) continue;
  Dice dice(1);
  int parsed = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string text = Random(&dice);
    Problem problem;
    parsed += ParseFilter(text, {0, 1}, &problem) != nullptr;
    Try(text, database.get(), &dictionary);
  }
  CHECK(parsed > 50);
  std::string deep;
  for (int i = 0; i < 5000; ++i) deep += "not (";
  Try(deep, database.get(), &dictionary);
}

}  // namespace
}  // namespace pytrace::query
