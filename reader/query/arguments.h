// The arguments of an event: those of the call at its start, the result (`return value`, `yield value` or `exception`)
// at its end.
#ifndef PYTRACE_READER_QUERY_ARGUMENTS_H_
#define PYTRACE_READER_QUERY_ARGUMENTS_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "dumper/store/block.h"
#include "dumper/store/database.h"
#include "ringbuf/record/value_text.h"

namespace pytrace::query {

enum class Side : uint8_t { kStart, kEnd };

// Names of types as values of `process` refer to them.
class ProcessTypes : public record::TypeNames {
 public:
  ProcessTypes(const store::Catalog& catalog, int64_t process) : catalog_(catalog), process_(process) {}
  std::string_view Name(uint32_t type) const override { return catalog_.type_name(process_, type); }

 private:
  const store::Catalog& catalog_;
  int64_t process_;
};

struct Argument {
  std::string_view name;
  std::string_view value;  // a serialized Value
};

std::string_view ResultName(store::Outcome outcome);

// "?" where the function (nullptr: a damaged catalogue) does not know it.
std::string_view NameOf(const store::Function* function, size_t index);

// record::NextValue; fields shorter than 128 bytes, as nearly all are, are read in place.
inline bool NextValue(std::string_view* rest, std::string_view* value) {
  constexpr char kValuesTag = 3 << 3 | 2;
  if (rest->size() < 2 || (*rest)[0] != kValuesTag || ((*rest)[1] & 0x80)) return record::NextValue(rest, value);
  size_t size = static_cast<uint8_t>((*rest)[1]);
  if (rest->size() - 2 < size) return record::NextValue(rest, value);
  *value = rest->substr(2, size);
  rest->remove_prefix(2 + size);
  return true;
}

// The next argument of a call in its stored form, without empty slots; *index counts slots. false: there are no more.
inline bool NextArgument(std::string_view* rest, size_t* index, std::string_view* value) {
  constexpr char kUnboundTag = 15 << 3;  // an empty slot is nothing but this field
  do {
    if (!NextValue(rest, value)) return false;
    ++*index;
  } while (!value->empty() && (*value)[0] == kUnboundTag && record::IsUnbound(*value));
  return true;
}

// Fills *out with views into the block and the catalogue; slots without a value are left out.
void ReadArguments(const store::Block& block, uint32_t row, Side side, const store::Function* function,
                   std::vector<Argument>* out);

}  // namespace pytrace::query

#endif  // PYTRACE_READER_QUERY_ARGUMENTS_H_
