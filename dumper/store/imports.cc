#include "dumper/store/imports.h"

#include <algorithm>
#include <string_view>

namespace pytrace::store {
namespace {

bool StartsWith(std::string_view text, std::string_view prefix) { return text.substr(0, prefix.size()) == prefix; }

// `_frozen_importlib`, `_frozen_importlib_external`, and the names the modules have where they are not frozen.
bool IsMachinery(const Function& function) {
  return StartsWith(function.module, "_frozen_importlib") || StartsWith(function.module, "importlib._bootstrap") ||
         function.module == "zipimport";
}

// A file of the standard library or of an installed package, by where Pythons keep them; or no file: code that its
// caller made.
bool IsLibrary(std::string_view file) {
  return StartsWith(file, "<") || file.find("/lib/python") != file.npos || file.find("/lib64/python") != file.npos ||
         file.find("/site-packages/") != file.npos || file.find("/dist-packages/") != file.npos;
}

}  // namespace

Imports::Role Imports::RoleOf(uint32_t id) {
  constexpr uint32_t kRemembered = 1 << 22;  // ids of a damaged database may be anything
  if (id < roles_.size() && roles_[id] != Role::kUnknown) return roles_[id];
  const Function* function = catalog_->function(id);
  if (function == nullptr) return Role::kPlain;  // may be known after the next Refresh
  Role role = IsMachinery(*function)                                       ? Role::kMachinery
              : function->func == "<module>" && !IsLibrary(function->file) ? Role::kOwnBody
                                                                           : Role::kPlain;
  if (id < kRemembered) {
    if (id >= roles_.size()) roles_.resize(id + 1, Role::kUnknown);
    roles_[id] = role;
  }
  return role;
}

uint8_t Imports::Step(uint8_t caller_imports, uint32_t function) {
  Role role = RoleOf(function);
  return role == Role::kMachinery ? 1 : role == Role::kOwnBody ? 0 : caller_imports;
}

bool Imports::MayMark(const Block& block, const std::vector<uint32_t>& functions) {
  auto is_machinery = [&](uint32_t function) { return RoleOf(function) == Role::kMachinery; };
  if (std::any_of(functions.begin(), functions.end(), is_machinery)) return true;
  return std::any_of(block.keyframe.begin(), block.keyframe.end(), [&](const ThreadStack& stack) {
    return std::any_of(stack.calls.begin(), stack.calls.end(),
                       [&](const OpenCall& call) { return is_machinery(call.function); });
  });
}

void Imports::Mark(const ThreadStack& stack, std::vector<uint8_t>* importing) {
  importing->clear();
  uint8_t above = 0;
  for (const OpenCall& call : stack.calls) importing->push_back(above = Step(above, call.function));
}

void Imports::Mark(const Block& block, std::vector<uint8_t>* importing) {
  // Per thread, by depth: whether the newest call of that depth is one. Depths of a damaged block may be anything:
  // those beyond the stack count as plain.
  std::unordered_map<uint32_t, std::vector<uint8_t>> threads;
  for (const ThreadStack& stack : block.keyframe) {
    std::vector<uint8_t>& newest = threads[stack.thread];
    uint8_t above = 0;
    for (const OpenCall& call : stack.calls) {
      above = Step(above, call.function);
      if (call.depth == newest.size())
        newest.push_back(above);
      else if (call.depth < newest.size())
        newest[call.depth] = above;
    }
  }
  importing->resize(block.size());
  std::vector<uint8_t>* newest = nullptr;
  for (uint32_t row = 0; row < block.size(); ++row) {
    if (row == 0 || block.thread[row] != block.thread[row - 1]) newest = &threads[block.thread[row]];
    uint32_t depth = block.depth[row];
    uint8_t above = depth > 0 && depth <= newest->size() ? (*newest)[depth - 1] : 0;
    uint8_t mark = Step(above, block.function[row]);
    if (depth < newest->size())
      (*newest)[depth] = mark;
    else if (depth == newest->size())
      newest->push_back(mark);
    (*importing)[row] = mark;
  }
}

}  // namespace pytrace::store
