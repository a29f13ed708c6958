// How many typing errors lie between two words.
#ifndef PYTRACE_READER_EDIT_DISTANCE_H_
#define PYTRACE_READER_EDIT_DISTANCE_H_

#include <cstddef>
#include <string_view>

namespace pytrace {

// Damerau-Levenshtein: two neighbours swapped count as one error. Texts too long to be typed by mistake are far from
// everything.
size_t EditDistance(std::string_view a, std::string_view b);

}  // namespace pytrace

#endif  // PYTRACE_READER_EDIT_DISTANCE_H_
