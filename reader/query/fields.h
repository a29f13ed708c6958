// The fields that a filter may name: the one table behind parser, messages and completion.
#ifndef PYTRACE_READER_QUERY_FIELDS_H_
#define PYTRACE_READER_QUERY_FIELDS_H_

#include <string>
#include <string_view>
#include <vector>

#include "reader/query/tree.h"

namespace pytrace::query {

enum class FieldType {
  kTime,  // strings that are times, numbers that are seconds since the epoch
  kInteger,
  kDuration,  // numbers with a unit; nanoseconds without
  kText,
  kValue,  // text, or a number where the right side is one
};

struct FieldInfo {
  const char* name;
  Field field;
  FieldType type;
  const char* named;  // kNamed: the argument that it is short for
};

const std::vector<FieldInfo>& AllFields();
const FieldInfo* FindField(std::string_view name);
// Words that are a condition by themselves: exception, lost, log, open, leaf.
bool IsFlag(std::string_view name);
// The field that the writer most likely meant; empty: none is near.
std::string NearestField(std::string_view name);
std::string FieldNames();  // separated by blanks

}  // namespace pytrace::query

#endif  // PYTRACE_READER_QUERY_FIELDS_H_
