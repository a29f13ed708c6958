// One comparison of a filter: `field op literal`, checked against the field's type and made into a leaf of the tree.
#ifndef PYTRACE_READER_QUERY_COMPARISON_H_
#define PYTRACE_READER_QUERY_COMPARISON_H_

#include <string>

#include "reader/query/fields.h"
#include "reader/query/lexer.h"
#include "reader/query/parse.h"
#include "reader/query/tree.h"

namespace pytrace::query {

struct Literal {
  enum class Kind { kString, kNumber, kWord };  // kWord: None, True, False
  Kind kind = Kind::kString;
  std::string text;  // contents, digits (with a leading -), or the word
  std::string unit;
  size_t column = 0, end = 0;
};

struct FieldUse {
  const FieldInfo* info = nullptr;  // arg.NAME: the entry of `ret` with another name
  std::string name;                 // kNamed
  size_t column = 0;
};

// nullptr with *problem: the field does not know the operator, or the literal is of the wrong type.
NodePtr MakeComparison(const FieldUse& field, Op op, const Literal& literal, const TimeFrame& frame, Problem* problem);
// A condition by itself (fields.h).
NodePtr MakeFlag(const std::string& name);

}  // namespace pytrace::query

#endif  // PYTRACE_READER_QUERY_COMPARISON_H_
