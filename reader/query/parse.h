// Filter text -> tree. The language is a superset of the Python expressions of the first pytrace; docs/filters.md has
// its grammar.
#ifndef PYTRACE_READER_QUERY_PARSE_H_
#define PYTRACE_READER_QUERY_PARSE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "reader/query/fields.h"
#include "reader/query/lexer.h"
#include "reader/query/tree.h"

namespace pytrace::query {

// What relative times are relative to.
struct TimeFrame {
  int64_t first_ns = 0, last_ns = 0;
};

// A literal of a comparison that a dictionary can judge, and where it stands.
struct LiteralUse {
  const FieldInfo* field = nullptr;
  std::string name;  // of arg.NAME
  Op op = Op::kEq;
  std::string text;
  size_t begin = 0, end = 0;  // of the literal
  TextTest test;
};

// What corrections look at.
struct FilterParts {
  std::vector<LiteralUse> literals;
  struct Part {
    size_t begin, end;
  };
  std::vector<Part> conjuncts;  // of the outermost `and`; empty: there is none
  bool alternatives = false;    // the outermost is an `or`
};

// The normalized tree, or nullptr with *problem.
// `parts` may be nullptr.
NodePtr ParseFilter(std::string_view text, const TimeFrame& frame, Problem* problem, FilterParts* parts = nullptr);

}  // namespace pytrace::query

#endif  // PYTRACE_READER_QUERY_PARSE_H_
