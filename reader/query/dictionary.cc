#include "reader/query/dictionary.h"

#include <algorithm>
#include <utility>

namespace pytrace::query {
namespace {

constexpr size_t kSampledBlocks = 32;
constexpr uint32_t kSampledCalls = 2048;  // of a block
constexpr size_t kMostValues = 5000;      // of an argument
constexpr size_t kLongestValue = 200;

Choices Ranked(const std::unordered_map<std::string, int64_t>& counts) {
  Choices choices;
  for (const auto& [text, count] : counts) choices.push_back({text, count});
  std::sort(choices.begin(), choices.end(),
            [](const Choice& a, const Choice& b) { return a.count != b.count ? a.count > b.count : a.text < b.text; });
  return choices;
}

bool FromSample(const FieldInfo& field) { return field.type == FieldType::kValue || field.field == Field::kType; }

}  // namespace

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
      for (const auto& [id, function] : catalog.functions()) {
        const std::string& text = field == Field::kFunc       ? function.func
                                  : field == Field::kModule   ? function.module
                                  : field == Field::kQualname ? function.qualname
                                                              : function.file;
        (*counts)[text] += function.calls;
      }
      break;
    case Field::kArg:
      for (const auto& [id, function] : catalog.functions()) {
        for (const std::string& name : function.arguments) (*counts)[name] += function.calls;
        (*counts)["return value"] += function.calls - function.exceptions;
        (*counts)["exception"] += function.exceptions;
        if (function.flags & 0x220) (*counts)["yield value"] += function.calls;  // generators
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
  if (field.field == Field::kNamed) {
    choices = Ranked(values_of_[name]);
  } else if (field.field == Field::kType) {
    choices = Ranked(types_);
  } else if (field.field == Field::kValue) {
    choices = Ranked(values_);
  } else {
    Counts counts;
    AddNames(field.field, &counts);
    choices = Ranked(counts);
  }
  return known_[key] = std::move(choices);
}

Choices Dictionary::ArgumentNames() { return Of(*FindField("arg"), ""); }

void Dictionary::Count(Counts* counts, const std::string& text) {
  if (text.size() > kLongestValue) return;
  auto at = counts->find(text);
  if (at != counts->end()) {
    ++at->second;
  } else if (counts->size() < kMostValues) {
    counts->emplace(text, 1);
  }
}

void Dictionary::SampleBlock(size_t number) {
  store::DecodedBlock block;
  if (!database_->ReadBlock(number, true, &block)) return;
  const store::Catalog& catalog = database_->catalog();
  std::vector<Argument> arguments;
  std::string text;
  uint32_t step = std::max<uint32_t>(1, block.size() / kSampledCalls);
  for (uint32_t row = 0; row < block.size(); row += step) {
    const store::Process* process = catalog.process_of_thread(block.thread[row]);
    ProcessTypes types(catalog, process == nullptr ? 0 : process->id);
    for (Side side : {Side::kStart, Side::kEnd}) {
      if (side == Side::kEnd && block.duration_ns[row] < 0) continue;
      ReadArguments(block, row, side, catalog.function(block.function[row]), &arguments);
      for (const Argument& argument : arguments) {
        text.clear();
        record::AppendValueType(argument.value, types, &text);
        if (text == "...") continue;
        Count(&types_, text);
        text.clear();
        record::AppendValueText(argument.value, types, &text);
        if (text.starts_with("<") && text.find(" object at 0x") != std::string::npos) continue;
        Count(&values_, text);
        Count(&values_of_[std::string(argument.name)], text);
      }
    }
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
