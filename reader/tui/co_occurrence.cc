#include "reader/tui/co_occurrence.h"

#include <algorithm>
#include <utility>

namespace pytrace::reader::tui {
namespace {

using query::Field;

constexpr size_t kMostPages = 128;      // spread over the recording
constexpr size_t kSampledEvents = 512;  // of a page, whose arguments are read

Selection With(Selection selection, query::Filter* filter) {
  if (filter != nullptr) selection.filters.push_back(filter);
  selection.filter_mode = FilterMode::kHide;
  return selection;
}

// Comparisons with an argument's name, type or value that stand in the outermost `and`, where all of them must hold.
std::vector<query::LiteralUse> OfArgument(const std::string& filter) {
  query::FilterParts parts;
  query::Problem problem;
  query::ParseFilter(filter, {}, &problem, &parts);
  if (parts.conjuncts.empty()) parts.conjuncts.push_back({0, filter.find_last_not_of(" \t") + 1});
  std::erase_if(parts.literals, [&](const query::LiteralUse& use) {
    bool argument =
        use.field->field == Field::kArg || use.field->field == Field::kType || use.field->field == Field::kValue;
    bool whole = std::any_of(parts.conjuncts.begin(), parts.conjuncts.end(), [&](const auto& part) {
      return part.end == use.end &&
             filter.compare(part.begin, std::string_view(use.field->name).size(), use.field->name) == 0;
    });
    return !argument || !whole;
  });
  return std::move(parts.literals);
}

}  // namespace

CoOccurrence::CoOccurrence(store::Database* database, Selection selection, const std::string& filter,
                           query::ValueSource* all)
    : database_(database),
      all_(all),
      filter_(query::Filter::Parse(filter, query::ContextOf(*database), nullptr, nullptr)),
      of_argument_(OfArgument(filter)),
      window_(database, With(std::move(selection), filter_.get())),
      step_(std::max<size_t>(1, window_.pages() / kMostPages)) {}

bool CoOccurrence::Work(Deadline deadline) {
  if (done()) return false;
  if (filter_ != nullptr && filter_->Prepare(deadline)) return true;
  while (!done()) {
    if (std::chrono::steady_clock::now() >= deadline) return true;
    AddPage(next_);
    next_ += step_;
  }
  return false;
}

void CoOccurrence::AddPage(size_t number) {
  std::shared_ptr<const Page> page = window_.Get(number);
  if (page == nullptr) return;
  size_t every = std::max<size_t>(1, page->entries.size() / kSampledEvents);
  for (size_t entry = 0; entry < page->entries.size(); ++entry) {
    EventRef event = window_.At(*page, entry);
    Add(event);
    if (event.block == nullptr || entry % every != 0) continue;
    values_.Add(database_->catalog(), *event.block, event.row, event.side,
                [this](auto name, auto type, auto value) { return Wanted(name, type, value); });
  }
}

void CoOccurrence::Add(const EventRef& event) {
  ++kinds_[event.kind];
  int64_t Sides::*side = event.side == query::Side::kStart ? &Sides::starts : &Sides::ends;
  ++(threads_[event.thread].*side);
  if (event.function != 0) ++(functions_[event.function].*side);
}

bool CoOccurrence::Wanted(std::string_view name, std::string_view type, std::string_view value) const {
  return std::all_of(of_argument_.begin(), of_argument_.end(), [&](const query::LiteralUse& use) {
    return use.field->field == Field::kArg    ? use.test(name)
           : use.field->field == Field::kType ? use.test(type)
                                              : use.test.OfValue(value);
  });
}

query::Choices CoOccurrence::Count(const query::FieldInfo& field, const std::string& name) const {
  const store::Catalog& catalog = database_->catalog();
  query::Counts counts;
  for (const auto& [id, sides] : functions_) {
    const store::Function* function = catalog.function(id);
    const std::string* text = function == nullptr ? nullptr : query::FunctionText(*function, field.field);
    if (text != nullptr) counts[*text] += sides.calls();
  }
  for (const auto& [id, sides] : threads_) {
    const store::Thread* thread = catalog.thread(id);
    const store::Process* process = catalog.process_of_thread(id);
    if (field.field == Field::kThread && thread != nullptr) counts[thread->name] += sides.calls();
    if (field.field == Field::kProcess && process != nullptr) counts[process->argv] += sides.calls();
  }
  for (const auto& [kind, events] : kinds_) {
    if (field.field == Field::kKind) counts[store::KindName(kind)] += events;
  }
  return counts.empty() ? values_.Of(field, name) : query::Ranked(counts);
}

const query::Choices& CoOccurrence::Of(const query::FieldInfo& field, const std::string& name) {
  std::string key = std::string(field.name) + "." + name;
  auto [known, is_new] = known_.try_emplace(key);
  if (is_new) known->second = Count(field, name);
  return known->second.empty() ? all_->Of(field, name) : known->second;
}

}  // namespace pytrace::reader::tui
