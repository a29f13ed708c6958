// What to offer to somebody who writes a filter: what can come next, and what was meant.
#ifndef PYTRACE_READER_QUERY_SUGGEST_H_
#define PYTRACE_READER_QUERY_SUGGEST_H_

#include <string>
#include <string_view>
#include <vector>

#include "reader/query/dictionary.h"
#include "reader/query/parse.h"

namespace pytrace::query {

// Texts that may take the place of bytes [begin, end) of the filter, the best first.
struct Suggestions {
  size_t begin = 0, end = 0;
  struct Item {
    std::string text;   // as it is written in a filter
    std::string label;  // as it is shown
    int64_t count = 0;  // of calls or of samples; 0: not known
  };
  std::vector<Item> items;
  std::string message;  // of a correction: what is wrong
};

// What can stand at the cursor, given what was typed before it.
Suggestions Complete(std::string_view text, size_t cursor, ValueSource* values);

// The first literal of a filter that no event can have: what may have been meant. An empty message: there is none.
Suggestions Correct(const FilterParts& parts, Dictionary* dictionary);
// What is near to `literal`, the nearest first; of equally near ones the commonest.
Choices Nearest(const Choices& choices, std::string_view literal, size_t most);
// A field or word that is no field: what may have been meant.
Suggestions CorrectProblem(std::string_view text, const Problem& problem);

// A text of the recording as a literal: quoted, and so that it matches nothing but itself.
std::string QuotedLiteral(std::string_view text);

}  // namespace pytrace::query

#endif  // PYTRACE_READER_QUERY_SUGGEST_H_
