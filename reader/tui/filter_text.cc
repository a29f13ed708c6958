#include "reader/tui/filter_text.h"

#include "reader/query/suggest.h"

namespace pytrace::reader::tui {

std::string FilterFor(const store::Function& function) {
  return "func is " + query::QuotedLiteral(function.func) + " and module is " + query::QuotedLiteral(function.module);
}

}  // namespace pytrace::reader::tui
