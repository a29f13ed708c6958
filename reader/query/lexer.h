// Filter text -> tokens, each with its column. Strings as Python writes them ('..', "..", r'', escapes), numbers with
// an optional unit.
#ifndef PYTRACE_READER_QUERY_LEXER_H_
#define PYTRACE_READER_QUERY_LEXER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pytrace::query {

// A complaint about a filter: one line, and the column (in bytes, from 0) of the text that it is about.
struct Problem {
  std::string message;
  size_t column = 0;
};

enum class TokenKind { kEnd, kName, kString, kNumber, kOperator };

struct Token {
  TokenKind kind = TokenKind::kEnd;
  std::string text;  // name, operator (`&&`, `||`, `!` come as and, or, not), contents of a string, digits of a number
  std::string unit;  // of a number: "ms" in 5ms; empty: none
  size_t column = 0, end = 0;  // [column, end) of the text
};

// The last token is kEnd. false: *problem.
bool Tokenize(std::string_view text, std::vector<Token>* out, Problem* problem);

}  // namespace pytrace::query

#endif  // PYTRACE_READER_QUERY_LEXER_H_
