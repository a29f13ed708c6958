// How typed and recorded texts are compared for suggestions.
#ifndef PYTRACE_READER_QUERY_SUGGEST_TEXT_H_
#define PYTRACE_READER_QUERY_SUGGEST_TEXT_H_

#include <string>
#include <string_view>

namespace pytrace::query {

std::string Lowered(std::string_view text);
// Whether all the letters are in the text, in their order.
bool IsSubsequence(std::string_view letters, std::string_view text);

}  // namespace pytrace::query

#endif  // PYTRACE_READER_QUERY_SUGGEST_TEXT_H_
