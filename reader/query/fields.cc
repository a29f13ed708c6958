#include "reader/query/fields.h"

#include <algorithm>

#include "reader/edit_distance.h"

namespace pytrace::query {
const std::vector<FieldInfo>& AllFields() {
  static const std::vector<FieldInfo> fields = {
      {"time", Field::kTime, FieldType::kTime, nullptr},
      {"tid", Field::kTid, FieldType::kInteger, nullptr},
      {"module", Field::kModule, FieldType::kText, nullptr},
      {"func", Field::kFunc, FieldType::kText, nullptr},
      {"arg", Field::kArg, FieldType::kText, nullptr},
      {"value", Field::kValue, FieldType::kValue, nullptr},
      {"type", Field::kType, FieldType::kText, nullptr},
      {"pid", Field::kPid, FieldType::kInteger, nullptr},
      {"depth", Field::kDepth, FieldType::kInteger, nullptr},
      {"line", Field::kLine, FieldType::kInteger, nullptr},
      {"id", Field::kId, FieldType::kInteger, nullptr},
      {"duration", Field::kDuration, FieldType::kDuration, nullptr},
      {"self", Field::kSelf, FieldType::kDuration, nullptr},
      {"kind", Field::kKind, FieldType::kText, nullptr},
      {"file", Field::kFile, FieldType::kText, nullptr},
      {"qualname", Field::kQualname, FieldType::kText, nullptr},
      {"thread", Field::kThread, FieldType::kText, nullptr},
      {"process", Field::kProcess, FieldType::kText, nullptr},
      {"stack", Field::kStack, FieldType::kText, nullptr},
      {"ret", Field::kNamed, FieldType::kValue, "return value"},
      {"exc", Field::kNamed, FieldType::kValue, "exception"},
  };
  return fields;
}

const FieldInfo* FindField(std::string_view name) {
  for (const FieldInfo& field : AllFields()) {
    if (name == field.name) return &field;
  }
  return nullptr;
}

bool IsFlag(std::string_view name) {
  return name == "exception" || name == "lost" || name == "log" || name == "open" || name == "leaf";
}

std::string NearestField(std::string_view name) {
  const FieldInfo* best = nullptr;
  size_t best_distance = 3;
  for (const FieldInfo& field : AllFields()) {
    std::string_view candidate = field.name;
    bool prefix = name.size() >= 2 && (candidate.starts_with(name) || name.starts_with(candidate));
    size_t distance = prefix ? 1 : EditDistance(name, candidate);
    if (distance < best_distance && distance < candidate.size()) best = &field, best_distance = distance;
  }
  return best == nullptr ? "" : best->name;
}

std::string FieldNames() {
  std::string names;
  for (const FieldInfo& field : AllFields()) names.append(names.empty() ? 0 : 1, ' ').append(field.name);
  return names + " arg.NAME";
}

}  // namespace pytrace::query
