// Words that stand for filters.
#ifndef PYTRACE_READER_QUERY_ALIASES_H_
#define PYTRACE_READER_QUERY_ALIASES_H_

#include <map>
#include <string>
#include <vector>

#include "reader/query/lexer.h"

namespace pytrace::query {

// For the rest of the run.
void SetAliases(std::map<std::string, std::string> aliases);

// An alias becomes its filter in brackets; what it says stands, for messages, where the alias stands. Names of
// arguments (arg.NAME) are none.
bool ExpandAliases(std::vector<Token>* tokens, Problem* problem);

}  // namespace pytrace::query

#endif  // PYTRACE_READER_QUERY_ALIASES_H_
