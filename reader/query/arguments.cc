#include "reader/query/arguments.h"

namespace pytrace::query {
namespace {

// record::NextValue, for the fields that nearly all are: shorter than 128 bytes.
bool NextValue(std::string_view* rest, std::string_view* value) {
  constexpr char kValuesTag = 3 << 3 | 2;
  if (rest->size() < 2 || (*rest)[0] != kValuesTag || ((*rest)[1] & 0x80)) return record::NextValue(rest, value);
  size_t size = static_cast<uint8_t>((*rest)[1]);
  if (rest->size() - 2 < size) return record::NextValue(rest, value);
  *value = rest->substr(2, size);
  rest->remove_prefix(2 + size);
  return true;
}

// An empty slot is nothing but its field 15.
bool IsUnbound(std::string_view value) {
  constexpr char kUnboundTag = 15 << 3;
  return !value.empty() && value[0] == kUnboundTag && record::IsUnbound(value);
}

}  // namespace

std::string_view NameOf(const store::Function* function, size_t index) {
  return function != nullptr && index < function->arguments.size() ? std::string_view(function->arguments[index]) : "?";
}

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

bool NextArgument(std::string_view* rest, size_t* index, std::string_view* value) {
  do {
    if (!NextValue(rest, value)) return false;
    ++*index;
  } while (IsUnbound(*value));
  return true;
}

// Without values (`--values none`) an empty result would read as None.
bool HasResult(const store::Block& block, uint32_t row) {
  return block.result_size[row] > 0 || !block.args.empty() || !block.results.empty();
}

void ReadArguments(const store::Block& block, uint32_t row, Side side, const store::Function* function,
                   std::vector<Argument>* out) {
  out->clear();
  if (side == Side::kEnd) {
    if (HasResult(block, row)) out->push_back({ResultName(block.outcome[row]), block.Result(row)});
    return;
  }
  std::string_view rest = block.Args(row), value;
  for (size_t index = 0; NextArgument(&rest, &index, &value);) out->push_back({NameOf(function, index - 1), value});
}

}  // namespace pytrace::query
