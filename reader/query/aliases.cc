#include "reader/query/aliases.h"

#include <utility>

namespace pytrace::query {
namespace {

constexpr int kMostExpansions = 8;
constexpr size_t kMostTokens = 10'000;

std::map<std::string, std::string>& Aliases() {
  static std::map<std::string, std::string> aliases;
  return aliases;
}

bool Expand(std::vector<Token>* tokens, int depth, Problem* problem) {
  if (Aliases().empty()) return true;
  std::vector<Token> out;
  for (size_t at = 0; at < tokens->size(); ++at) {
    const Token& token = (*tokens)[at];
    bool member = at > 0 && (*tokens)[at - 1].text == "." && (*tokens)[at - 1].kind == TokenKind::kOperator;
    auto alias = token.kind == TokenKind::kName && !member ? Aliases().find(token.text) : Aliases().end();
    if (alias == Aliases().end()) {
      out.push_back(token);
      continue;
    }
    std::vector<Token> inner;
    Problem inside;
    if (depth == kMostExpansions || out.size() > kMostTokens) {
      *problem = {"the alias " + token.text + " is made of itself", token.column};
      return false;
    }
    if (!Tokenize(alias->second, &inner, &inside) || !Expand(&inner, depth + 1, &inside)) {
      *problem = {"in the alias " + token.text + ": " + inside.message, token.column};
      return false;
    }
    inner.back().kind = TokenKind::kOperator;  // the end
    inner.back().text = ")";
    Token open = token;
    open.kind = TokenKind::kOperator;
    open.text = "(";
    inner.insert(inner.begin(), open);
    for (Token& one : inner) one.column = token.column, one.end = token.end;
    out.insert(out.end(), inner.begin(), inner.end());
  }
  *tokens = std::move(out);
  return true;
}

}  // namespace

void SetAliases(std::map<std::string, std::string> aliases) { Aliases() = std::move(aliases); }

bool ExpandAliases(std::vector<Token>* tokens, Problem* problem) { return Expand(tokens, 0, problem); }

}  // namespace pytrace::query
