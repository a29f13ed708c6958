// What is ruled out without its texts has no match: patterns are pieces of the rows themselves.
#include "reader/tui/row_search.h"

#include <stdlib.h>
#include <unistd.h>

#include <random>
#include <string>
#include <utility>
#include <vector>

#include "reader/testing/recording.h"
#include "tests/unit/check.h"

namespace pytrace::reader::tui {
namespace {

using namespace reader::testing;

std::string Record() {
  std::string folder = getenv("TEST_TMPDIR") ? getenv("TEST_TMPDIR") : "/tmp";
  std::string path = folder + "/row_search.sqlite";
  unlink(path.c_str());
  Recording recording(path, 16);
  int64_t process = recording.AddProcess(4711, {"python3", "shop.py"});
  recording.writer()->AddType(process, 1, "shop.Cart");
  recording.writer()->AddType(process, 2, "KeyError");
  int thread = recording.AddThread(process, 4712, "MainThread", true);
  std::vector<uint32_t> functions;
  for (auto [func, argument] : {std::pair{"lookup", "sku"}, {"na\033me", "a\tb"}, {"exception_hook", "value"}}) {
    store::FunctionRow row;
    row.module = row.file = std::string("shop.") + func;
    row.func = row.qualname = func;
    row.arguments = {"self", argument};
    functions.push_back(recording.AddFunction(process, row));
  }
  std::vector<std::string> values = {Int(-42),
                                     Float(2.5),
                                     None(),
                                     Bool(true),
                                     Str("A-17"),
                                     Str("line\nKeyError"),
                                     Str("it's \""),
                                     Str("日本 e\x01"),
                                     Str(std::string(90, 'x') + "end"),
                                     Object(1, 64),
                                     List({Int(7), Str("in")}),
                                     Dict({Str("mode"), Str("fast")}),
                                     Str(""),
                                     Object(1, 0x7f5a1c0d2e80)};
  std::mt19937 dice(7);
  for (int i = 0; i < 200; ++i) {
    auto any = [&] { return values[dice() % values.size()]; };
    recording.Enter(thread, functions[dice() % functions.size()], {Object(1, 64), any()},
                    i % 7 == 0 ? store::Start::kResume : store::Start::kCall);
    recording.Tick(1234567);
    if (i % 20 == 0) recording.Log(thread, "logged KeyError");
    if (i % 5 == 0) {
      recording.Leave(thread, Exception(2, {any()}), store::Outcome::kException);
    } else {
      recording.Leave(thread, any(), i % 3 == 0 ? store::Outcome::kYield : store::Outcome::kReturn);
    }
  }
  recording.End();
  return path;
}

class RowsCase {
 public:
  RowsCase() {
    std::string error;
    database_ = store::Database::Open(Record(), &error);
    Selection all;
    all.startup = true;
    window_ = std::make_unique<Window>(database_.get(), all);
    EventReader reader(database_->catalog());
    for (size_t number = 0; number < window_->pages(); ++number) {
      pages_.push_back(window_->Get(number));
      for (size_t i = 0; i < pages_.back()->entries.size(); ++i) {
        Row row{window_->At(*pages_.back(), i), {}};
        reader.Read(row.event, &row.text.event);
        MakeCallText(row.text.event, &row.text.call);
        rows.push_back(std::move(row));
      }
    }
  }
  // How many rows match, of how many that may; -1: one that matches was ruled out.
  std::pair<int, int> Count(const std::string& pattern, bool literal, bool negated = false) {
    std::string error;
    std::shared_ptr<const query::Pattern> compiled = query::Pattern::Compile(pattern, literal, &error);
    CHECK(compiled != nullptr);
    RowSearch search(std::move(compiled), negated, &database_->catalog());
    int matches = 0, may = 0;
    for (Row& row : rows) {
      bool has = search.Matches(row.text), may_have = search.MayMatch(row.event);
      if (has && !may_have) return {-1, may};
      matches += has;
      may += may_have;
    }
    return {matches, may};
  }

  struct Row {
    EventRef event;
    RowText text;
  };
  std::vector<Row> rows;

 private:
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<Window> window_;
  std::vector<std::shared_ptr<const Page>> pages_;
};

TEST(NoRowWithAMatchIsRuledOut) {
  RowsCase is;
  CHECK(is.rows.size() > 400);
  std::mt19937 dice(11);
  for (int round = 0; round < 3000; ++round) {
    const RowText& row = is.rows[dice() % is.rows.size()].text;
    std::string all = round % 10 == 0 ? row.event.date_time : row.call.text;
    size_t from = dice() % all.size(), size = 1 + dice() % 12;
    while (from > 0 && (all[from] & 0xc0) == 0x80) --from;
    size_t end = std::min(all.size(), from + size);
    while (end < all.size() && (all[end] & 0xc0) == 0x80) ++end;
    std::string piece = all.substr(from, end - from);
    if (round % 2 == 0) {
      for (char& c : piece) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    }
    if (is.Count(piece, true).first >= 1) continue;
    std::cerr << "lost: " << piece << "\n";
    CHECK(false);
  }
}

TEST(RowsWithoutTheWordAreRuledOut) {
  RowsCase is;
  int all = static_cast<int>(is.rows.size()), logs = 10;
  auto [errors, may] = is.Count("KeyError\\(.*\\)", false);
  CHECK(errors > 20 && may >= errors && may < all / 2);
  CHECK(is.Count("nowhere", false) == (std::pair{0, logs}));
  CHECK(is.Count("(nowhere|x)+y_z", false) == (std::pair{0, logs}));
  CHECK(is.Count("(nowhere|x)", false).second == all);
  // Digits may be those of a time; what may be absent from a match says nothing.
  CHECK(is.Count("4712", false) == (std::pair{all, all}));
  CHECK(is.Count("nowhere|noone", false) == (std::pair{0, all}));
  CHECK(is.Count("nowhere", false, true) == (std::pair{all, all}));
}

}  // namespace
}  // namespace pytrace::reader::tui
