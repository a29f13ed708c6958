#include "reader/query/filter.h"

#include <unistd.h>

#include <cstdlib>
#include <string>
#include <utility>

#include "reader/testing/recording.h"
#include "tests/unit/check.h"

namespace pytrace::query {
namespace {

using namespace reader::testing;  // values

// A small recording: one letter for the start of each call, in order.
//   n: no arguments   a: f(a=1)   b: f(a=1, b=2)   s: g(s='A-17'), raises KeyError('x'), 2 ms   u: g() with its slot
//   empty, still open
class FilterCase {
 public:
  FilterCase() {
    const char* base = getenv("TEST_TMPDIR");
    path_ = std::string(base != nullptr ? base : "/tmp") + "/filter_test-" + std::to_string(getpid()) + ".sqlite";
    unlink(path_.c_str());
    {
      Recording to(path_);
      int64_t process = to.AddProcess(100, {"python3", "app.py"});
      int thread = to.AddThread(process, 101, "MainThread", true);
      to.writer()->AddType(process, 1, "KeyError");
      uint32_t f = to.AddFunction(process, {"shop.cart", "f", "Cart.f", "/srv/cart.py", 10, 0, 0, 0, {"a", "b"}});
      uint32_t g = to.AddFunction(process, {"shop.price", "g", "g", "/srv/price.py", 20, 0, 0, 0, {"s"}});
      uint32_t none = to.AddFunction(process, {"app.py", "none", "none", "/srv/app.py", 1, 0, 0, 0, {}});
      to.Enter(thread, none, {});
      to.Enter(thread, f, {Int(1)});
      to.Leave(thread, Int(7));
      to.Enter(thread, f, {Int(1), Int(2)});
      to.Leave(thread, None());
      to.Enter(thread, g, {Str("A-17")});
      to.Tick(2'000'000);
      to.Leave(thread, Exception(1, {Str("x")}), store::Outcome::kException);
      to.Leave(thread, None());
      to.Log(thread, "a = 5");
      to.Enter(thread, g, {std::string("\x78\x01", 2)});
      to.Commit();
    }
    std::string error;
    database_ = store::Database::Open(path_, &error);
    if (database_ == nullptr) std::cerr << error << "\n";
    database_->ReadBlock(0, true, &block_);
  }
  ~FilterCase() {
    for (const char* suffix : {"", "-wal", "-shm"}) unlink((path_ + suffix).c_str());
  }

  // What the filter leaves of the time from 0 to 10 s.
  std::pair<int64_t, int64_t> Span(const std::string& text) {
    std::string error;
    FilterContext context = ContextOf(*database_);
    context.first_ns = 0;
    std::unique_ptr<Filter> filter = Filter::Parse(text, context, &error, nullptr);
    std::pair<int64_t, int64_t> span{0, 10'000'000'000};
    if (filter != nullptr) filter->NarrowSpan(&span.first, &span.second);
    return span;
  }

  // The starts that match as letters, the ends as capitals, L for the log.
  std::string Matches(const std::string& text) {
    std::string error;
    size_t column = 0;
    std::unique_ptr<Filter> filter = Filter::Parse(text, ContextOf(*database_), &error, &column);
    if (filter == nullptr) return error;
    std::vector<uint8_t> starts, ends;
    filter->Match(block_, &starts, &ends);
    std::string found;
    for (size_t i = 0; i < starts.size(); ++i) {
      if (starts[i]) found += "nabsu"[i];
      if (ends[i]) found += "NABSU"[i];
    }
    if (!found.empty() && !filter->MayMatch(database_->zones()[0])) found += " but the zone map says no";
    std::vector<store::LogRow> logs;
    database_->Logs(&logs);
    if (filter->Match(logs[0])) found += "L";
    return found;
  }

 private:
  std::string path_;
  std::unique_ptr<store::Database> database_;
  store::DecodedBlock block_;
};

TEST(FieldsOfFunctionsThreadsAndCalls) {
  FilterCase is;
  CHECK_EQ(is.Matches("func == 'f'"), "aAbB");
  CHECK_EQ(is.Matches("func == 'Cart.f'"), "aAbB");
  CHECK_EQ(is.Matches("module == 'SHOP%' and line > 10"), "sSu");
  CHECK_EQ(is.Matches("file ~ 'cart' or qualname is 'none'"), "nNaAbB");
  CHECK_EQ(is.Matches("tid == 101 and pid == 100 and thread == 'Main%' and process ~ 'app' and depth == 0"), "nNu");
  CHECK_EQ(is.Matches("duration > 1ms"), "nNsS");
  CHECK_EQ(is.Matches("self > 1ms"), "sS");
  CHECK_EQ(is.Matches("1us < duration < 1h and not depth == 0"), "sS");
  CHECK_EQ(is.Matches("exception"), "S");
  CHECK_EQ(is.Matches("kind in ('call', 'exception') and depth == 1"), "absS");
  CHECK_EQ(is.Matches("open"), "u");
  CHECK_EQ(is.Matches("not open and func == 'g'"), "sS");
  CHECK_EQ(is.Matches("id == 2"), "aA");
  CHECK_EQ(is.Matches("time < '+0.001s' and kind == 'call'"), "nabs");
}

TEST(WhatIsUnknownIsNeitherTrueNorFalse) {
  FilterCase is;
  CHECK_EQ(is.Matches("duration >= 0 or not duration >= 0"), "nNaAbBsS");
  CHECK_EQ(is.Matches("kind == 'call' and (value == '1' or not value == '1')"), "abs");
  CHECK_EQ(is.Matches("kind == 'call' and arg.b != 9"), "b");
  CHECK_EQ(is.Matches("kind == 'call' and not arg.b == 9"), "b");
}

// The rule of the first pytrace: one row of `arguments` must make the whole true.
TEST(OneAndTheSameArgument) {
  FilterCase is;
  CHECK_EQ(is.Matches("kind == 'call' and not value == '1'"), "bs");
  CHECK_EQ(is.Matches("value == '2' and arg == 'a'"), "");
  CHECK_EQ(is.Matches("value == '2' and arg == 'b'"), "b");
  CHECK_EQ(is.Matches("value == '1' and not arg == 'b'"), "ab");
  CHECK_EQ(is.Matches("any(value == '2') and any(arg == 'a')"), "b");
  CHECK_EQ(is.Matches("kind == 'call' and not any(value == '1')"), "nsu");
  CHECK_EQ(is.Matches("kind == 'call' and all(value == '1')"), "nau");
  CHECK_EQ(is.Matches("arg.a == 1 and arg.b == 2"), "b");
  CHECK_EQ(is.Matches("arg == 'return value' and value > 3"), "A");
}

TEST(Values) {
  FilterCase is;
  CHECK_EQ(is.Matches("value > 1"), "Ab");
  CHECK_EQ(is.Matches("ret == 7"), "A");
  CHECK_EQ(is.Matches("ret == None"), "NB");
  CHECK_EQ(is.Matches("ret is not None"), "A");
  CHECK_EQ(is.Matches("exc ~ '^key'"), "S");
  CHECK_EQ(is.Matches("type == 'str' and kind == 'call'"), "s");
  // Strings as they are, and as repr prints them.
  CHECK_EQ(is.Matches("arg.s == 'A-17'"), "s");
  CHECK_EQ(is.Matches("value == \"'A-17'\""), "s");
  CHECK_EQ(is.Matches("value ~ '^A-\\\\d+$'"), "s");
  CHECK_EQ(is.Matches("kind == 'call' and value != 'A-17'"), "ab");
  CHECK_EQ(is.Matches("value == 5"), "");
  CHECK_EQ(is.Matches("log and value ~ '5'"), "L");
  CHECK_EQ(is.Matches("arg == 'log'"), "L");
}

TEST(TheTimeThatAFilterLeavesIsKnown) {
  FilterCase filters;
  using Span = std::pair<int64_t, int64_t>;
  const Span all{0, 10'000'000'000}, part{2'000'000'000, 3'000'000'000};
  CHECK(filters.Span("time >= '+2s' and time <= '+3s'") == part);
  CHECK(filters.Span("func == 'f' and (time >= '+2s' and value == 1) and not time > '+3s'") == part);
  CHECK(filters.Span("'+2s' <= time <= '+3s'") == part);
  CHECK(filters.Span("time >= '+2s' or time <= '+3s'") == all);
  CHECK(filters.Span("within(time >= '+2s')") == all);
  CHECK(filters.Span("time != '+2s'") == all);
  CHECK(filters.Span("func == 'f'") == all);
}

}  // namespace
}  // namespace pytrace::query
