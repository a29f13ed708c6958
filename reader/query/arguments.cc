#include "reader/query/arguments.h"

namespace pytrace::query {

std::string_view NameOf(const store::Function* function, size_t index) {
  return function != nullptr && index < function->arguments.size() ? std::string_view(function->arguments[index]) : "?";
}

std::string_view ResultName(store::Outcome outcome) {
  switch (outcome) {
    case store::Outcome::kException:
      return "exception";
    case store::Outcome::kYield:
      return "yield value";
    default:
      return "return value";
  }
}

void ReadArguments(const store::Block& block, uint32_t row, Side side, const store::Function* function,
                   std::vector<Argument>* out) {
  out->clear();
  if (side == Side::kEnd) {
    out->push_back({ResultName(block.outcome[row]), block.Result(row)});
    return;
  }
  std::string_view rest = block.Args(row), value;
  for (size_t index = 0; NextArgument(&rest, &index, &value);) out->push_back({NameOf(function, index - 1), value});
}

}  // namespace pytrace::query
