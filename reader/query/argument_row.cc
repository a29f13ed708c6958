#include "reader/query/argument_row.h"

namespace pytrace::query {
namespace {

// A damaged block may name any id.
constexpr uint32_t kMaxRemembered = 1u << 20;

}  // namespace

const std::string& ArgumentRow::Text() {
  if (!has_text_) {
    text_.clear();
    record::AppendValueText(value_, ProcessTypes(*catalog_, process_), &text_);
    has_text_ = true;
  }
  return text_;
}

const std::string& ArgumentRow::Type() {
  if (!has_type_) {
    type_.clear();
    record::AppendValueType(value_, ProcessTypes(*catalog_, process_), &type_);
    has_type_ = true;
  }
  return type_;
}

bool ArgumentRow::HasText(const Leaf& leaf) { return leaf.text.OfValue(Text()); }

bool ArgumentRow::HasValue(const Leaf& leaf, ValueTest* test) {
  if (catalog_ == nullptr) return leaf.numeric ? leaf.op == Op::kNe : HasText(leaf);
  ValueTest::Answer answer = (*test)(leaf, value_);
  if (answer != ValueTest::Answer::kAskText) return answer == ValueTest::Answer::kYes;
  if (!test->memo.Fits(value_)) return HasText(leaf);
  uint32_t process = static_cast<uint32_t>(process_);
  ValueMemo::Slot* slot = test->memo.Find(process, value_);
  if (!slot->known) test->memo.Set(slot, process, value_, HasText(leaf));
  return slot->answer;
}

void ArgumentRows::Forget() {
  functions_.clear();
  places_.clear();
  process_ = -1;
}

const store::Function* ArgumentRows::FunctionOf(uint32_t id) {
  if (id >= kMaxRemembered) return catalog_.function(id);
  if (id >= functions_.size()) functions_.resize(id + 1);
  if (functions_[id] == nullptr) functions_[id] = catalog_.function(id);
  return functions_[id];
}

int64_t ArgumentRows::ProcessOf(uint32_t thread) {
  if (process_ < 0 || thread != thread_) {
    const store::Process* process = catalog_.process_of_thread(thread);
    thread_ = thread;
    process_ = process == nullptr ? 0 : process->id;
  }
  return process_;
}

ArgumentRow* ArgumentRows::Add(std::string_view name) {
  if (size_ == rows_.size()) rows_.emplace_back();
  ArgumentRow* row = &rows_[size_++];
  row->name_ = name;
  row->has_text_ = row->has_type_ = false;
  return row;
}

void ArgumentRows::Read(const store::Block& block, uint32_t row, Side side, bool names) {
  size_ = 0;
  int64_t process = ProcessOf(block.thread[row]);
  auto add = [&](std::string_view name, std::string_view value) {
    ArgumentRow* added = Add(name);
    added->value_ = value;
    added->catalog_ = &catalog_;
    added->process_ = process;
  };
  if (side == Side::kEnd) {
    add(ResultName(block.outcome[row]), block.Result(row));
    return;
  }
  const store::Function* function = names ? FunctionOf(block.function[row]) : nullptr;
  std::string_view rest = block.Args(row), value;
  for (size_t index = 0; NextArgument(&rest, &index, &value);) add(NameOf(function, index - 1), value);
}

bool ArgumentRows::HasValue(const Leaf& leaf, ValueTest* test, std::string_view value, uint32_t thread) {
  ValueTest::Answer answer = (*test)(leaf, value);
  if (answer != ValueTest::Answer::kAskText) return answer == ValueTest::Answer::kYes;
  size_ = 0;
  ArgumentRow* row = Add({});
  row->value_ = value;
  row->catalog_ = &catalog_;
  row->process_ = ProcessOf(thread);
  return row->HasValue(leaf, test);
}

bool ArgumentRows::AnyHasValue(const Leaf& leaf, ValueTest* test, const store::Block& block, uint32_t row, Side side) {
  bool named = leaf.field == Field::kNamed;
  if (side == Side::kEnd) {
    if (named && ResultName(block.outcome[row]) != leaf.name) return false;
    return HasValue(leaf, test, block.Result(row), block.thread[row]);
  }
  std::string_view rest = block.Args(row), value;
  if (leaf.numeric && !named) {  // decided without a text, always
    for (size_t index = 0; NextArgument(&rest, &index, &value);) {
      if ((*test)(leaf, value) == ValueTest::Answer::kYes) return true;
    }
    return false;
  }
  size_t place = named ? PlaceOf(leaf.name, block.function[row]) : 0;
  if (named && place == kNowhere) return false;
  for (size_t index = 0; NextArgument(&rest, &index, &value);) {
    if (named && index - 1 < place) continue;
    if (named && index - 1 > place) return false;
    if (HasValue(leaf, test, value, block.thread[row])) return true;
  }
  return false;
}

// Where an argument of this name stands among those of the function. One name only is ever asked for.
uint32_t ArgumentRows::PlaceOf(std::string_view name, uint32_t function) {
  if (function < places_.size() && places_[function] != kNotAsked) return places_[function];
  const store::Function* found = FunctionOf(function);
  uint32_t place = kNowhere;
  for (uint32_t i = 0; found != nullptr && place == kNowhere && i < found->arguments.size(); ++i)
    if (found->arguments[i] == name) place = i;
  if (found != nullptr && function < kMaxRemembered) {
    if (function >= places_.size()) places_.resize(function + 1, kNotAsked);
    places_[function] = place;
  }
  return place;
}

void ArgumentRows::SetText(std::string_view name, std::string_view text) {
  size_ = 0;
  ArgumentRow* row = Add(name);
  row->catalog_ = nullptr;
  row->text_ = text;
  row->type_ = "str";
  row->has_text_ = row->has_type_ = true;
}

}  // namespace pytrace::query
