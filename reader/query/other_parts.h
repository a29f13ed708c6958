// Where in a filter somebody types, and what stands around that.
#ifndef PYTRACE_READER_QUERY_OTHER_PARTS_H_
#define PYTRACE_READER_QUERY_OTHER_PARTS_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace pytrace::query {

bool IsNameChar(char c);
// Where what is being typed at the end of `text` begins: a name, or a string that is not closed yet.
size_t WordBegin(std::string_view text, bool* in_string);
// The other parts of the `and` that the cursor is in, joined: what an event must match for which a value is completed.
// Empty: there are none, or the cursor is inside brackets, which may be about another event.
std::string OtherParts(std::string_view text, size_t cursor);

}  // namespace pytrace::query

#endif  // PYTRACE_READER_QUERY_OTHER_PARTS_H_
