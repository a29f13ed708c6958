#include "reader/query/suggest_text.h"

#include <algorithm>
#include <cstdio>

#include "reader/query/letters.h"
#include "reader/query/suggest.h"

namespace pytrace::query {

std::string Lowered(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), Lower);
  return out;
}

bool IsSubsequence(std::string_view letters, std::string_view text) {
  size_t at = 0;
  for (char c : text) at += at < letters.size() && letters[at] == c;
  return at == letters.size();
}

std::string QuotedLiteral(std::string_view text) {
  std::string quoted = "'";
  for (char c : text) {
    char escape[8];
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      snprintf(escape, sizeof escape, "\\x%02x", static_cast<unsigned char>(c));
      quoted += escape;
      continue;
    }
    if (c == '\'' || c == '\\') quoted.push_back('\\');
    quoted.push_back(c);
  }
  return quoted + "'";
}

}  // namespace pytrace::query
