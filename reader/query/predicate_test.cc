#include "reader/query/predicate.h"

#include "reader/query/times.h"
#include "tests/unit/check.h"

namespace pytrace::query {
namespace {

TEST(LikeIsSqls) {
  CHECK(Like("do_work", "do_work"));
  CHECK(Like("doXwork", "do_work"));
  CHECK(!Like("dowork", "do_work"));
  CHECK(!Like("doXwork", "do\\_work"));
  CHECK(Like("100%", "100\\%"));
  CHECK(!Like("1000", "100\\%"));
  CHECK(Like("Shop.Cart", "shop%"));
  CHECK(Like("", "%"));
  CHECK(!Like("", "_"));
  CHECK(Like("a€b", "a_b"));
  CHECK(Like("aXbXc", "%b%"));
  CHECK(!Like("abc", "ab"));
  // No exponential time.
  CHECK(!Like(std::string(2000, 'a'), "%a%a%a%a%a%a%a%a%a%a%a%ab"));
}

TEST(TextOperators) {
  CHECK(TextTest(Op::kEq, "FIB")("fib"));
  CHECK(!TextTest(Op::kIs, "FIB")("fib"));
  CHECK(TextTest(Op::kNe, "fib")("fob"));
  CHECK(TextTest(Op::kIs, "a%")("a%"));
  TextTest none(Op::kNe, "a");
  CHECK(!none.AnyOf("a", "b"));
  CHECK(none.AnyOf("b", "c"));
}

TEST(AStrIsAskedForItsTextAndItsCharacters) {
  CHECK_EQ(Unquoted("'abc'"), "abc");
  CHECK_EQ(Unquoted("\"it's\""), "it's");
  CHECK_EQ(Unquoted("'abc'..."), "abc");  // cut
  for (const char* as_it_is : {"", "'", "12", "b'abc'", "['a', 'b']"}) CHECK_EQ(Unquoted(as_it_is), as_it_is);
  TextTest abc(Op::kIs, "abc"), not_abc(Op::kIsNot, "abc");
  CHECK(abc.OfValue("'abc'") && abc.OfValue("'abc'...") && abc.OfValue("abc") && !abc.OfValue("'ab'"));
  CHECK(!not_abc.OfValue("'abc'") && not_abc.OfValue("'ab'") && !not_abc.OfValue("abc"));
  CHECK(TextTest(Op::kIs, "'abc'").OfValue("'abc'"));
}

TEST(RangesHaveExactEdges) {
  for (Op op : {Op::kEq, Op::kNe, Op::kLt, Op::kLe, Op::kGt, Op::kGe}) {
    for (double number : {2.0, 2.5, -3.0, -2.5}) {
      RangeTest range = MakeRange(op, number);
      for (int value = -5; value <= 5; ++value) {
        bool wanted = op == Op::kEq   ? value == number
                      : op == Op::kNe ? value != number
                      : op == Op::kLt ? value < number
                      : op == Op::kLe ? value <= number
                      : op == Op::kGt ? value > number
                                      : value >= number;
        CHECK_EQ(range(value), wanted);
        CHECK(!wanted || range.MayPass(value, value));
      }
    }
  }
  CHECK(!MakeRange(Op::kLt, 5).MayPass(5, 9));
  CHECK(MakeRange(Op::kNe, 5).MayPass(5, 6));
  CHECK(!MakeRange(Op::kNe, 5).MayPass(5, 5));
}

TEST(Times) {
  setenv("TZ", "UTC", 1);
  tzset();
  constexpr int64_t kSecond = 1'000'000'000, kFirst = 1'345'078'291 * kSecond, kLast = kFirst + 60 * kSecond;
  auto parse = [&](const char* text) {
    TimeLiteral time;
    return ParseTime(text, kFirst, kLast, &time) ? time : TimeLiteral{-1, -1};
  };
  CHECK_EQ(parse("2012/08/16 00:51:31").ns, kFirst);
  CHECK_EQ(parse("2012/08/16 00:51:31").precision_ns, kSecond);
  CHECK_EQ(parse("2012-08-16T00:51:31.25Z").ns, kFirst + kSecond / 4);
  CHECK_EQ(parse("2012-08-16T02:51:31+02:00").ns, kFirst);
  CHECK_EQ(parse("00:51:31.000000001").ns, kFirst + 1);
  CHECK_EQ(parse("00:51").precision_ns, 60 * kSecond);
  CHECK_EQ(parse("2012/08/16").precision_ns, 86400 * kSecond);
  CHECK_EQ(parse("+1.5s").ns, kFirst + kSecond * 3 / 2);
  CHECK_EQ(parse("-10s").ns, kLast - 10 * kSecond);
  CHECK_EQ(parse("+200ms").ns, kFirst + kSecond / 5);
  for (const char* bad :
       {"", "yesterday", "25:61", "2012/13/01", "2012/08/16 00:51:31 x", "+", "+xs", "1:2:3:4", "+1e300s"})
    CHECK_EQ(parse(bad).ns, -1);
}

}  // namespace
}  // namespace pytrace::query
