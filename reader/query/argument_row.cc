#include "reader/query/argument_row.h"

namespace pytrace::query {
namespace {

// A damaged block may name any id.
constexpr uint32_t kMaxRemembered = 1u << 20;

// 'abc' -> abc. Only the repr of a str begins with its quote.
std::string_view Unquoted(std::string_view text) {
  if (text.empty() || (text[0] != '\'' && text[0] != '"')) return {};
  size_t close = text.rfind(text[0]);
  return close == 0 ? std::string_view() : text.substr(1, close - 1);
}

bool Compare(Op op, double a, double b) {
  switch (op) {
    case Op::kEq:
      return a == b;
    case Op::kNe:
      return a != b;
    case Op::kLt:
      return a < b;
    case Op::kLe:
      return a <= b;
    case Op::kGt:
      return a > b;
    case Op::kGe:
      return a >= b;
    default:
      return false;
  }
}

// record::ValueNumber; the number of an int, which most are, is read in place.
bool NumberOf(std::string_view value, double* out) {
  constexpr char kIntTag = 1 << 3, kObjectTag = 12 << 3 | 2, kStrTag = 5 << 3 | 2;
  if (value.empty() || value[0] == kObjectTag || value[0] == kStrTag) return false;
  if (value.size() < 2 || value.size() > 9 || value[0] != kIntTag) return record::ValueNumber(value, out);
  uint64_t zigzag = 0;
  for (size_t i = 1; i < value.size(); ++i) {
    zigzag |= static_cast<uint64_t>(value[i] & 0x7f) << (7 * (i - 1));
    if (((value[i] & 0x80) != 0) == (i + 1 == value.size())) return record::ValueNumber(value, out);
  }
  *out = static_cast<double>(static_cast<int64_t>(zigzag >> 1) ^ -static_cast<int64_t>(zigzag & 1));
  return true;
}

// A value that is no number is not equal to one, and neither more nor less.
bool HasNumber(const Leaf& leaf, std::string_view value) {
  double number;
  if (!NumberOf(value, &number)) return leaf.op == Op::kNe;
  return Compare(leaf.op, number, leaf.number);
}

}  // namespace

bool AnyHasNumber(const store::Block& block, uint32_t row, Side side, const Leaf& leaf) {
  if (side == Side::kEnd) return HasNumber(leaf, block.Result(row));
  std::string_view rest = block.Args(row), value;
  for (size_t index = 0; NextArgument(&rest, &index, &value);) {
    if (HasNumber(leaf, value)) return true;
  }
  return false;
}

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

bool ArgumentRow::HasText(const Leaf& leaf) {
  const std::string& text = Text();
  std::string_view inner = Unquoted(text);
  return inner.data() == nullptr ? leaf.text(text) : leaf.text.AnyOf(text, inner);
}

bool ArgumentRow::HasValue(const Leaf& leaf, ValueMemo* memo) {
  if (leaf.numeric) return catalog_ == nullptr ? leaf.op == Op::kNe : HasNumber(leaf, value_);
  if (catalog_ == nullptr) return HasText(leaf);
  // The text of an object, `<shop.Cart object at 0x7f...>`, differs from one to the next, and few ask for it.
  constexpr char kObjectTag = 12 << 3 | 2;
  bool answer;
  if (!value_.empty() && value_[0] == kObjectTag && !leaf.text.MayHold('<', &answer)) return answer;
  if (!memo->Fits(value_)) return HasText(leaf);
  uint32_t process = static_cast<uint32_t>(process_);
  ValueMemo::Slot* slot = memo->Find(process, value_);
  if (!slot->known) memo->Set(slot, process, value_, HasText(leaf));
  return slot->answer;
}

void ArgumentRows::Forget() {
  functions_.clear();
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

void ArgumentRows::SetText(std::string_view name, std::string_view text) {
  size_ = 0;
  ArgumentRow* row = Add(name);
  row->catalog_ = nullptr;
  row->text_ = text;
  row->type_ = "str";
  row->has_text_ = row->has_type_ = true;
}

}  // namespace pytrace::query
