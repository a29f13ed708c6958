// Whether a stored value passes a comparison of `value` or `arg.NAME`. Most values are decided by their bytes; the
// others need their text.
#ifndef PYTRACE_READER_QUERY_VALUE_TEST_H_
#define PYTRACE_READER_QUERY_VALUE_TEST_H_

#include <cstdint>
#include <string_view>

#include "reader/query/tree.h"
#include "reader/query/value_memo.h"
#include "ringbuf/record/value_text.h"

namespace pytrace::query {

class ValueTest {
 public:
  enum class Answer : uint8_t { kNo, kYes, kAskText };

  ValueTest() = default;
  explicit ValueTest(const Leaf& leaf);
  // `leaf`: the one that it was made of.
  Answer operator()(const Leaf& leaf, std::string_view value) const {
    return leaf.numeric ? ToAnswer(HasNumber(leaf, value)) : Text(leaf, value);
  }

  ValueMemo memo;  // what the texts of others said

 private:
  // First bytes of stored values: field and wire type of record.proto's Value.
  static constexpr char kIntTag = 1 << 3, kStrTag = 5 << 3 | 2, kObjectTag = 12 << 3 | 2;

  static Answer ToAnswer(bool yes) { return yes ? Answer::kYes : Answer::kNo; }
  // An int and nothing else, in the shortest form, as it is written. false: something else.
  static bool ReadInt(std::string_view value, int64_t* out) {
    if (value.size() < 2 || value.size() > 9 || value[0] != kIntTag) return false;
    uint64_t zigzag = 0;
    for (size_t i = 1; i < value.size(); ++i) {
      zigzag |= static_cast<uint64_t>(value[i] & 0x7f) << (7 * (i - 1));
      if (((value[i] & 0x80) != 0) == (i + 1 == value.size())) return false;
    }
    *out = static_cast<int64_t>(zigzag >> 1) ^ -static_cast<int64_t>(zigzag & 1);
    return true;
  }
  // A value that is no number is not equal to one, and neither more nor less.
  static bool HasNumber(const Leaf& leaf, std::string_view value) {
    int64_t whole;
    double number;
    if (ReadInt(value, &whole)) {  // which most are
      number = static_cast<double>(whole);
    } else if (value.empty() || value[0] == kObjectTag || value[0] == kStrTag || !record::ValueNumber(value, &number)) {
      return leaf.op == Op::kNe;
    }
    switch (leaf.op) {
      case Op::kEq:
        return number == leaf.number;
      case Op::kNe:
        return number != leaf.number;
      case Op::kLt:
        return number < leaf.number;
      case Op::kLe:
        return number <= leaf.number;
      case Op::kGt:
        return number > leaf.number;
      case Op::kGe:
        return number >= leaf.number;
      default:
        return false;
    }
  }
  Answer Text(const Leaf& leaf, std::string_view value) const;

  // Of a comparison with a plain text, `x == 'abc'`:
  bool plain_ = false;
  bool inverted_ = false;
  bool is_number_ = false;  // the text is that of an int, and this int has it:
  int64_t number_ = 0;
  Answer none_ = Answer::kAskText, false_ = Answer::kAskText, true_ = Answer::kAskText;
};

}  // namespace pytrace::query

#endif  // PYTRACE_READER_QUERY_VALUE_TEST_H_
