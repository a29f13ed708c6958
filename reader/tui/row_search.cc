#include "reader/tui/row_search.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "reader/printable.h"
#include "reader/query/arguments.h"
#include "ringbuf/record/value_text.h"

namespace pytrace::reader::tui {
namespace {

using store::EventKind;

// A damaged block may name any id.
constexpr uint32_t kMaxRemembered = 1u << 20;

// The longest piece of what every match has that lies inside one name or value of a row: what stands between those is
// blanks and punctuation. Digits alone may also be those of a time.
std::string WordOf(const std::string& required) {
  std::string word, run;
  bool letter = false;
  for (size_t i = 0; i <= required.size(); ++i) {
    unsigned char c = i < required.size() ? static_cast<unsigned char>(required[i]) : ' ';
    if (isalnum(c) || c == '_' || c >= 0x80) {
      run.push_back(static_cast<char>(c));
      letter |= !isdigit(c);
      continue;
    }
    if (letter && run.size() > word.size()) word = run;
    run.clear();
    letter = false;
  }
  return word;
}

// The words of a kind of row that are neither names nor values of its call.
std::vector<std::string_view> WordsOf(EventKind kind) {
  switch (kind) {
    case EventKind::kResume:
      return {"resume", "throw"};
    case EventKind::kReturn:
      return {"return value"};
    case EventKind::kException:
      return {"exception"};
    case EventKind::kYield:
      return {"yield value"};
    default:
      return {};
  }
}

}  // namespace

RowSearch::RowSearch(std::shared_ptr<const query::Pattern> pattern, bool negated, const store::Catalog* catalog)
    : pattern_(std::move(pattern)), negated_(negated), catalog_(*catalog) {
  if (!negated_) word_ = WordOf(pattern_->required());
  for (EventKind kind : {EventKind::kResume, EventKind::kReturn, EventKind::kException, EventKind::kYield}) {
    for (std::string_view word : WordsOf(kind)) in_kind_[static_cast<size_t>(kind)] |= HasWord(word);
  }
}

void RowSearch::Forget() {
  names_.clear();
  arguments_.clear();
  memo_ = query::ValueMemo();
  thread_known_ = false;
}

bool RowSearch::HasWord(std::string_view text) const {
  return query::FindPlain(text, 0, word_, pattern_->folds()) != std::string_view::npos;
}

bool RowSearch::FunctionHasIt(const EventRef& event) {
  uint32_t id = event.function;
  if (id >= kMaxRemembered) return true;
  if (id >= names_.size()) names_.resize(id + 1, kNotAsked), arguments_.resize(id + 1, kNotAsked);
  if (names_[id] == kNotAsked) {
    const store::Function* function = catalog_.function(id);
    if (function == nullptr) return true;
    names_[id] = HasWord(Printable(function->func)) || HasWord(Printable(function->module));
    arguments_[id] = std::any_of(function->arguments.begin(), function->arguments.end(),
                                 [&](const std::string& name) { return HasWord(Printable(name)); });
  }
  return names_[id] == kYes || (event.side == query::Side::kStart && arguments_[id] == kYes);
}

bool RowSearch::ValueHasIt(uint32_t process, std::string_view value) {
  bool fits = !value.empty() && value.size() <= query::ValueMemo::kMaxBytes;
  query::ValueMemo::Slot* slot = fits ? memo_.Find(process, value) : nullptr;
  if (slot != nullptr && slot->known) return slot->answer;
  query::ProcessTypes types(catalog_, process);
  text_.clear();
  record::AppendValueType(value, types, &text_);
  MakePrintable(0, &text_);
  bool has = HasWord(text_);
  if (!has) {
    text_.clear();
    record::AppendValueText(value, types, &text_);
    MakePrintable(0, &text_);
    has = HasWord(text_);
  }
  if (slot != nullptr) memo_.Set(slot, process, value, has);
  return has;
}

uint32_t RowSearch::ProcessOf(uint32_t thread) {
  if (!thread_known_ || thread != thread_) {
    const store::Process* process = catalog_.process_of_thread(thread);
    thread_ = thread;
    thread_known_ = true;
    process_ = process == nullptr ? 0 : static_cast<uint32_t>(process->id);
  }
  return process_;
}

bool RowSearch::MayMatch(const EventRef& event) {
  if (word_.empty() || event.block == nullptr) return true;
  if (in_kind_[static_cast<size_t>(event.kind)] || FunctionHasIt(event)) return true;
  uint32_t process = ProcessOf(event.thread);
  if (event.side == query::Side::kEnd) return ValueHasIt(process, event.block->Result(event.row));
  std::string_view rest = event.block->Args(event.row), value;
  for (size_t index = 0; query::NextArgument(&rest, &index, &value);) {
    if (ValueHasIt(process, value)) return true;
  }
  return false;
}

bool RowSearch::Matches(const RowText& row) {
  const EventText& event = row.event;
  if (event.tid != tid_) {
    tid_ = event.tid;
    tid_matches_ = pattern_->Matches(std::to_string(tid_));
  }
  auto [module, is_new] = modules_.try_emplace(event.module);
  if (is_new) module->second = pattern_->Matches(event.module);
  bool matches =
      tid_matches_ || module->second || pattern_->Matches(row.call.text) || pattern_->Matches(event.date_time);
  return matches != negated_;
}

}  // namespace pytrace::reader::tui
