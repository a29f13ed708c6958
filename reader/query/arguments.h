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
  ProcessTypes(const store::Catalog& catalog, uint32_t thread) : catalog_(catalog) {
    const store::Process* process = catalog.process_of_thread(thread);
    process_ = process == nullptr ? 0 : process->id;
  }
  std::string_view Name(uint32_t type) const override { return catalog_.type_name(process_, type); }

 private:
  const store::Catalog& catalog_;
  int64_t process_ = 0;
};

struct Argument {
  std::string_view name;
  std::string_view value;  // a serialized Value
};

const char* ResultName(store::Outcome outcome);

// "?" where the function (nullptr: a damaged catalogue) does not know it.
std::string_view NameOf(const store::Function* function, size_t index);
bool HasResult(const store::Block& block, uint32_t row);

// The next argument of a call in its stored form, as record::NextValue; *index counts slots. false: there are no more.
bool NextArgument(std::string_view* rest, size_t* index, std::string_view* value);

// Fills *out with views into the block and the catalogue; slots without a value are left out.
void ReadArguments(const store::Block& block, uint32_t row, Side side, const store::Function* function,
                   std::vector<Argument>* out);

}  // namespace pytrace::query

#endif  // PYTRACE_READER_QUERY_ARGUMENTS_H_
