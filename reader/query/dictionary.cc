#include "reader/query/dictionary.h"

#include <algorithm>
#include <utility>

#include "dumper/store/bounds.h"

namespace pytrace::query {
namespace {

constexpr size_t kSampledBlocks = 32;
constexpr uint32_t kSampledCalls = 2048;  // of a block

bool FromSample(const FieldInfo& field) { return field.type == FieldType::kValue || field.field == Field::kType; }

}  // namespace

const std::string* FunctionText(const store::Function& function, Field field) {
  return field == Field::kFunc       ? &function.func
         : field == Field::kModule   ? &function.module
         : field == Field::kQualname ? &function.qualname
         : field == Field::kFile     ? &function.file
                                     : nullptr;
}

bool Dictionary::IsComplete(const FieldInfo& field) {
  return field.type == FieldType::kText && field.field != Field::kType && field.field != Field::kStack;
}

void Dictionary::AddNames(Field field, Counts* counts) {
  const store::Catalog& catalog = database_->catalog();
  switch (field) {
    case Field::kFunc:
    case Field::kModule:
    case Field::kQualname:
    case Field::kFile:
      for (const auto& [id, function] : catalog.functions())
        store::AddTo(&(*counts)[*FunctionText(function, field)], function.calls);
      break;
    case Field::kArg:
      for (const auto& [id, function] : catalog.functions()) {
        for (const std::string& name : function.arguments) store::AddTo(&(*counts)[name], function.calls);
        store::AddTo(&(*counts)["return value"], function.calls - function.exceptions);
        store::AddTo(&(*counts)["exception"], function.exceptions);
        if (function.flags & 0x220) store::AddTo(&(*counts)["yield value"], function.calls);  // generators
      }
      (*counts)["yield value"] += 0;
      (*counts)["log"] += 0;
      break;
    case Field::kThread:
      for (const auto& [id, thread] : catalog.threads()) ++(*counts)[thread.name];
      break;
    case Field::kProcess:
      for (const auto& [id, process] : catalog.processes()) ++(*counts)[process.argv];
      break;
    case Field::kKind:
      for (const char* kind : {"call", "return", "exception", "yield", "resume", "log", "lost"}) (*counts)[kind] = 0;
      break;
    default:
      break;
  }
}

const Choices& Dictionary::Of(const FieldInfo& field, const std::string& name) {
  std::string key = field.name;
  if (field.field == Field::kNamed) key = "arg." + name;
  auto known = known_.find(key);
  if (known != known_.end()) return known->second;
  Choices choices;
  if (FromSample(field)) {
    choices = sample_.Of(field, name);
  } else {
    Counts counts;
    AddNames(field.field, &counts);
    choices = Ranked(counts);
  }
  return known_[key] = std::move(choices);
}

void Dictionary::SampleBlock(size_t number) {
  store::DecodedBlock block;
  if (!database_->ReadBlock(number, true, &block)) return;
  uint32_t step = std::max<uint32_t>(1, block.size() / kSampledCalls);
  for (uint32_t row = 0; row < block.size(); row += step) {
    sample_.Add(database_->catalog(), block, row, Side::kStart);
    if (block.duration_ns[row] >= 0) sample_.Add(database_->catalog(), block, row, Side::kEnd);
  }
}

bool Dictionary::Work(std::chrono::steady_clock::time_point deadline) {
  if (!started_) {
    started_ = true;
    size_t blocks = database_->zones().size(), step = std::max<size_t>(1, blocks / kSampledBlocks);
    for (size_t number = 0; number < blocks; number += step) to_sample_.push_back(number);
  }
  while (!to_sample_.empty()) {
    if (std::chrono::steady_clock::now() >= deadline) return true;
    SampleBlock(to_sample_.back());
    to_sample_.pop_back();
    if (to_sample_.empty()) {
      std::erase_if(known_, [](const auto& one) {
        return one.first.starts_with("arg.") || one.first == "value" || one.first == "type" ||
               FindField(one.first) == nullptr;
      });
    }
  }
  return false;
}

// Values are not sampled anew: what is common stays so.
void Dictionary::Refresh() {
  std::erase_if(known_, [](const auto& one) {
    const FieldInfo* field = FindField(one.first);
    return field != nullptr && !FromSample(*field);
  });
}

}  // namespace pytrace::query
