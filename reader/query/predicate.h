// What a comparison of a filter asks of one text or one number.
#ifndef PYTRACE_READER_QUERY_PREDICATE_H_
#define PYTRACE_READER_QUERY_PREDICATE_H_

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>

#include "reader/query/pattern.h"

namespace pytrace::query {

enum class Op { kEq, kNe, kLt, kLe, kGt, kGe, kMatch, kNotMatch, kIs, kIsNot };

Op Opposite(Op op);  // what `not` makes of it
Op Mirrored(Op op);  // what it is with its sides exchanged
const char* OpText(Op op);
inline bool IsOrdering(Op op) { return op == Op::kLt || op == Op::kLe || op == Op::kGt || op == Op::kGe; }

// SQL's LIKE: % any text, _ any character, ASCII letters without case; \% and \_ are themselves.
bool Like(std::string_view text, std::string_view pattern);

// == and != are LIKE, `is` is equality, ~ is a regular expression.
// 'abc' -> abc. Only the repr of a str begins with its quote; other texts stay as they are.
std::string_view Unquoted(std::string_view text);

class TextTest {
 public:
  TextTest() = default;
  // `regex` for kMatch and kNotMatch.
  TextTest(Op op, std::string_view text, std::shared_ptr<const Pattern> regex = nullptr);
  bool operator()(std::string_view text) const { return Holds(text) != inverted_; }
  // Of two texts, one must fit (or, negated, none).
  bool AnyOf(std::string_view a, std::string_view b) const { return (Holds(a) || Holds(b)) != inverted_; }
  // Of the text of a value: where that is a str's, of its characters, too.
  bool OfValue(std::string_view text) const {
    std::string_view characters = Unquoted(text);
    return characters.size() == text.size() ? (*this)(text) : AnyOf(text, characters);
  }
  // false: it does not hold of any text that begins with `first`, and *answer is what the test says of those.
  bool MayHold(char first, bool* answer) const;
  // The text that all it holds of are equal to, but for the case of letters; nullptr where it is a pattern.
  const std::string* Plain(bool* inverted) const;
  bool SamePlain(std::string_view text) const {
    return text.size() == text_.size() && Holds(text);
  }  // ... whether equal
  void Invert() { inverted_ = !inverted_; }

 private:
  enum class Kind { kLike, kSameButCase, kExact, kRegex };
  bool Holds(std::string_view text) const;

  Kind kind_ = Kind::kExact;
  bool inverted_ = false;
  std::string text_;
  std::shared_ptr<const Pattern> regex_;
};

// Every comparison of integers is "inside [low, high]" or "outside".
struct RangeTest {
  int64_t low = std::numeric_limits<int64_t>::min();
  int64_t high = std::numeric_limits<int64_t>::max();
  bool inverted = false;

  bool operator()(int64_t value) const { return (value >= low && value <= high) != inverted; }
  // Whether some value of [from, to] may pass.
  bool MayPass(int64_t from, int64_t to) const {
    return inverted ? from < low || to > high : from <= high && to >= low;
  }
};

// `high` is the last integer that the literal stands for: a time without a fraction stands for its whole second.
RangeTest MakeRange(Op op, int64_t low, int64_t high);
RangeTest MakeRange(Op op, double number);

}  // namespace pytrace::query

#endif  // PYTRACE_READER_QUERY_PREDICATE_H_
