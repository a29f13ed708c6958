// Which calls were made to import a module: the import machinery itself and all that it ran, down to the bodies of
// library modules. A program that imports asyncio makes thousands of them before its own first call; readers leave them
// out unless asked.
//
// The body of a module of the program (a file in no library folder) is the program again, with what it calls.
#ifndef PYTRACE_DUMPER_STORE_IMPORTS_H_
#define PYTRACE_DUMPER_STORE_IMPORTS_H_

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "dumper/store/database.h"

namespace pytrace::store {

class Imports {
 public:
  // `catalog` must outlive this.
  explicit Imports(const Catalog* catalog) : catalog_(catalog) {}

  // Whether a block with these functions (a zone map's) may have calls of an import: it names the machinery, or began
  // inside it.
  bool MayMark(const Block& block, const std::vector<uint32_t>& functions);
  // importing[row]: 1 for a call of an import.
  void Mark(const Block& block, std::vector<uint8_t>* importing);
  // The same for the calls of a keyframe's stack.
  void Mark(const ThreadStack& stack, std::vector<uint8_t>* importing);

 private:
  enum class Role : uint8_t { kUnknown, kPlain, kMachinery, kOwnBody };
  Role RoleOf(uint32_t function);
  uint8_t Step(uint8_t caller_imports, uint32_t function);

  const Catalog* catalog_;
  std::vector<Role> roles_;  // by functions.id
};

}  // namespace pytrace::store

#endif  // PYTRACE_DUMPER_STORE_IMPORTS_H_
