// The syntax of patterns (pattern.h) -> that of POSIX, which glibc matches.
#ifndef PYTRACE_READER_QUERY_PATTERN_SYNTAX_H_
#define PYTRACE_READER_QUERY_PATTERN_SYNTAX_H_

#include <string>
#include <string_view>

namespace pytrace::query {

// The translation, and what it found out on its way.
struct PatternParts {
  std::string posix;
  std::string required;     // the longest run of plain characters that every match has
  bool special = false;     // has any character with a meaning
  bool characters = false;  // cares where characters end, not only bytes
  bool has_upper = false;
};

// false: *error says why.
bool TranslatePattern(std::string_view text, PatternParts* out, std::string* error);

}  // namespace pytrace::query

#endif  // PYTRACE_READER_QUERY_PATTERN_SYNTAX_H_
