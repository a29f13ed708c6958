#include "reader/query/arguments.h"

namespace pytrace::query {

const char* ResultName(store::Outcome outcome) {
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
    // Without values (`--values none`) an empty result would read as None.
    if (block.result_size[row] > 0 || !block.args.empty() || !block.results.empty()) {
      out->push_back({ResultName(block.outcome[row]), block.Result(row)});
    }
    return;
  }
  std::string_view rest = block.Args(row), value;
  for (size_t i = 0; record::NextValue(&rest, &value); ++i) {
    if (record::IsUnbound(value)) continue;
    std::string_view name =
        function != nullptr && i < function->arguments.size() ? std::string_view(function->arguments[i]) : "?";
    out->push_back({name, value});
  }
}

}  // namespace pytrace::query
