// Filter text -> tree. The language is a superset of the Python expressions of the first pytrace; docs/filters.md has
// its grammar.
#ifndef PYTRACE_READER_QUERY_PARSE_H_
#define PYTRACE_READER_QUERY_PARSE_H_

#include <cstdint>
#include <string_view>

#include "reader/query/lexer.h"
#include "reader/query/tree.h"

namespace pytrace::query {

// What relative times are relative to.
struct TimeFrame {
  int64_t first_ns = 0, last_ns = 0;
};

// The normalized tree, or nullptr with *problem.
NodePtr ParseFilter(std::string_view text, const TimeFrame& frame, Problem* problem);

}  // namespace pytrace::query

#endif  // PYTRACE_READER_QUERY_PARSE_H_
