// The case of ASCII letters, whatever the locale.
#ifndef PYTRACE_READER_QUERY_LETTERS_H_
#define PYTRACE_READER_QUERY_LETTERS_H_

namespace pytrace::query {

inline bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
inline char Lower(char c) { return IsUpper(c) ? static_cast<char>(c + 32) : c; }

}  // namespace pytrace::query

#endif  // PYTRACE_READER_QUERY_LETTERS_H_
