#include "reader/query/fields.h"

#include <algorithm>

namespace pytrace::query {
namespace {

size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1])});
      diagonal = above;
    }
  }
  return row[b.size()];
}

}  // namespace

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
