#include "reader/tui/source_file.h"

#include "tests/unit/check.h"

namespace pytrace::reader::tui {
namespace {

constexpr LoadTimes kLoaded{1000, 2000};

TEST(AFileThatWasThereBeforeTheProcessIsTheSame) {
  CHECK(FreshnessOf(999, 999, kLoaded) == Freshness::kSame);
  CHECK(FreshnessOf(1000, 1000, kLoaded) == Freshness::kSame);
}

TEST(AFileWrittenAfterTheCallHasChanged) {
  CHECK(FreshnessOf(2001, 2001, kLoaded) == Freshness::kChanged);
  // Within the second of the start, too.
  CHECK(FreshnessOf(1'345'078'291'900'000'000, 1'345'078'291'900'000'000,
                    {1'345'078'291'100'000'000, 1'345'078'291'200'000'000}) == Freshness::kChanged);
}

TEST(AFileWrittenWhileTheProgramRanMayBeWhatItLoaded) {
  CHECK(FreshnessOf(1500, 1500, kLoaded) == Freshness::kUnsure);
  CHECK(FreshnessOf(1500, 1500, {1000, 0}) == Freshness::kUnsure);
}

TEST(AFileThatWasReplacedByAnOlderOneMayHaveChanged) { CHECK(FreshnessOf(500, 3000, kLoaded) == Freshness::kUnsure); }

TEST(WhatIsDefinedThereTells) {
  CHECK(MayDefine({"def lookup(sku):"}, "lookup"));
  CHECK(MayDefine({"    async  def lookup (sku):"}, "lookup"));
  CHECK(MayDefine({"@cached(", "    size=3)", "", "def lookup[T](sku: T):", "def other():"}, "lookup"));
  CHECK(MayDefine({"class Cart:", "    def total(self):"}, "Cart"));
  CHECK(!MayDefine({"def lookup_all(sku):"}, "lookup"));
  CHECK(!MayDefine({"    return 1", "", "def other():"}, "lookup"));
  CHECK(!MayDefine({"class Cart:"}, "total"));
  CHECK(!MayDefine({}, "lookup"));
}

TEST(WhatHasNoNameOrNoDefinitionIsNotHeldAgainstTheFile) {
  CHECK(MayDefine({"x = lambda: 1"}, "<lambda>"));
  CHECK(MayDefine({"def other():"}, "<genexpr>"));
  CHECK(MayDefine({}, "<module>"));
  CHECK(MayDefine({"{% block body %}", "classes = 1", "default = 2"}, "root"));
}

}  // namespace
}  // namespace pytrace::reader::tui
