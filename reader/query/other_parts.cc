#include "reader/query/other_parts.h"

#include <algorithm>
#include <cctype>
#include <vector>

#include "reader/query/lexer.h"

namespace pytrace::query {
namespace {

// Where the string begins that the end of `text` is in; npos: in none.
size_t OpenString(std::string_view text) {
  size_t open = std::string_view::npos;
  for (size_t at = 0; at < text.size(); ++at) {
    if (open == std::string_view::npos) {
      if (text[at] == '#') return open;
      if (text[at] == '\'' || text[at] == '"') open = at;
    } else if (text[at] == '\\') {
      ++at;
    } else if (text[at] == text[open]) {
      open = std::string_view::npos;
    }
  }
  return open;
}

// Walks tokens, and knows which are in no brackets.
class Nesting {
 public:
  explicit Nesting(bool in_list) : list_(in_list) {}
  // Whether the token stands outside brackets; lists of values and arg[...] are none.
  bool Outside(const Token& token) {
    bool plain = depth_ == 0;
    bool op = token.kind == TokenKind::kOperator;
    if (op && (token.text == "(" || token.text == "[")) {
      if (!list_ && plain && (before_ == "in" || before_ == "arg")) {
        list_ = true;
      } else {
        ++depth_;
      }
    } else if (op && (token.text == ")" || token.text == "]")) {
      if (depth_ == 0 && !list_) closed_ = true;
      if (depth_ == 0) list_ = false;
      if (depth_ > 0) --depth_;
    }
    before_ = token.kind == TokenKind::kName ? token.text : "";
    return plain && !list_;
  }
  bool inside() const { return depth_ > 0; }
  bool in_list() const { return list_; }
  bool closed() const { return closed_; }  // a bracket that was opened before

 private:
  int depth_ = 0;
  bool list_, closed_ = false;
  std::string before_;
};

}  // namespace

bool IsNameChar(char c) { return isalnum(static_cast<unsigned char>(c)) || c == '_' || (c & 0x80); }

size_t WordBegin(std::string_view text, bool* in_string) {
  size_t begin = OpenString(text);
  *in_string = begin != std::string_view::npos;
  if (*in_string) return begin;
  begin = text.size();
  while (begin > 0 && IsNameChar(text[begin - 1])) --begin;
  return begin;
}

std::string OtherParts(std::string_view text, size_t cursor) {
  bool in_string;
  size_t begin = WordBegin(text.substr(0, cursor), &in_string), from = 0, to = 0;
  std::vector<Token> tokens;
  Problem problem;
  if (!Tokenize(text.substr(0, begin), &tokens, &problem)) return "";
  Nesting before(false);
  for (const Token& token : tokens) {
    bool joins = before.Outside(token) && token.kind == TokenKind::kName;
    if (joins && token.text == "or") from = to = token.end;
    if (joins && token.text == "and") to = token.column;
  }
  if (before.inside()) return "";
  std::string others(text.substr(from, to - from));
  // Behind the part that the cursor is in.
  std::string_view rest = text.substr(std::min(cursor, text.size()));
  if (in_string) rest.remove_prefix(std::min(rest.size(), std::min(rest.size(), rest.find(text[begin])) + 1));
  if (!Tokenize(rest, &tokens, &problem)) return others;
  Nesting after(before.in_list());
  size_t first = std::string_view::npos, end = rest.size();
  for (const Token& token : tokens) {
    bool joins = after.Outside(token) && token.kind == TokenKind::kName;
    if (after.closed()) break;
    if (joins && token.text == "and" && first == std::string_view::npos) first = token.end;
    if (joins && token.text == "or") {
      end = token.column;
      break;
    }
  }
  if (first == std::string_view::npos || first >= end) return others;
  return others + (others.empty() ? "" : " and ") + std::string(rest.substr(first, end - first));
}

}  // namespace pytrace::query
