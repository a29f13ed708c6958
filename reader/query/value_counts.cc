#include "reader/query/value_counts.h"

#include <algorithm>

namespace pytrace::query {
namespace {

constexpr size_t kMostValues = 5000;  // of an argument
constexpr size_t kLongestValue = 200;

// An object's address says nothing.
bool IsAddress(const std::string& text) {
  return text.starts_with("<") && text.find(" object at 0x") != std::string::npos;
}

}  // namespace

Choices Ranked(const Counts& counts) {
  Choices choices;
  for (const auto& [text, count] : counts) choices.push_back({text, count});
  std::sort(choices.begin(), choices.end(),
            [](const Choice& a, const Choice& b) { return a.count != b.count ? a.count > b.count : a.text < b.text; });
  return choices;
}

void ValueCounts::Count(Counts* counts, const std::string& text) {
  if (text.size() > kLongestValue) return;
  auto at = counts->find(text);
  if (at != counts->end()) {
    ++at->second;
  } else if (counts->size() < kMostValues) {
    counts->emplace(text, 1);
  }
}

void ValueCounts::Add(const store::Catalog& catalog, const store::Block& block, uint32_t row, Side side,
                      const Wanted& wanted) {
  const store::Process* process = catalog.process_of_thread(block.thread[row]);
  ProcessTypes types(catalog, process == nullptr ? 0 : process->id);
  ReadArguments(block, row, side, catalog.function(block.function[row]), &arguments_);
  for (const Argument& argument : arguments_) {
    type_.clear();
    value_.clear();
    record::AppendValueType(argument.value, types, &type_);
    record::AppendValueText(argument.value, types, &value_);
    if (wanted != nullptr && !wanted(argument.name, type_, value_)) continue;
    std::string name(argument.name);
    Count(&names_, name);
    if (type_ == "...") continue;
    Count(&types_, type_);
    if (IsAddress(value_)) continue;
    Count(&values_, value_);
    Count(&values_of_[std::move(name)], value_);
  }
}

Choices ValueCounts::Of(const FieldInfo& field, const std::string& name) const {
  if (field.field == Field::kArg) return Ranked(names_);
  if (field.field == Field::kType) return Ranked(types_);
  if (field.field == Field::kValue) return Ranked(values_);
  auto of = field.field == Field::kNamed ? values_of_.find(name) : values_of_.end();
  return of == values_of_.end() ? Choices() : Ranked(of->second);
}

}  // namespace pytrace::query
