#include "reader/query/predicate.h"

#include <cmath>
#include <utility>

#include "reader/query/letters.h"

namespace pytrace::query {
namespace {

bool SameButCase(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (Lower(a[i]) != Lower(b[i])) return false;
  }
  return true;
}

size_t CharacterBytes(std::string_view text, size_t at) {
  size_t n = 1;
  if (!(text[at] & 0x80)) return 1;
  while (at + n < text.size() && (text[at + n] & 0xc0) == 0x80) ++n;
  return n;
}

bool Wild(std::string_view pattern, size_t at, char which) { return at < pattern.size() && pattern[at] == which; }

// Bytes that the plain pattern character at `at` takes; *c is what the text must have.
size_t PlainAt(std::string_view pattern, size_t at, char* c) {
  bool escaped = pattern[at] == '\\' && at + 1 < pattern.size() && (pattern[at + 1] == '%' || pattern[at + 1] == '_');
  *c = pattern[at + escaped];
  return escaped ? 2 : 1;
}

}  // namespace

std::string_view Unquoted(std::string_view text) {
  if (text.empty() || (text[0] != '\'' && text[0] != '"')) return text;
  size_t close = text.rfind(text[0]);
  return close == 0 ? text : text.substr(1, close - 1);
}

Op Opposite(Op op) {
  switch (op) {
    case Op::kEq:
      return Op::kNe;
    case Op::kNe:
      return Op::kEq;
    case Op::kLt:
      return Op::kGe;
    case Op::kLe:
      return Op::kGt;
    case Op::kGt:
      return Op::kLe;
    case Op::kGe:
      return Op::kLt;
    case Op::kMatch:
      return Op::kNotMatch;
    case Op::kNotMatch:
      return Op::kMatch;
    case Op::kIs:
      return Op::kIsNot;
    case Op::kIsNot:
      return Op::kIs;
  }
  return op;
}

Op Mirrored(Op op) {
  switch (op) {
    case Op::kLt:
      return Op::kGt;
    case Op::kLe:
      return Op::kGe;
    case Op::kGt:
      return Op::kLt;
    case Op::kGe:
      return Op::kLe;
    default:
      return op;
  }
}

const char* OpText(Op op) {
  static constexpr const char* kText[] = {"==", "!=", "<", "<=", ">", ">=", "~", "!~", "is", "is not"};
  return kText[static_cast<int>(op)];
}

// On a mismatch, the last % takes one byte more and all after it is tried again: no recursion, at worst text x pattern
// steps.
bool Like(std::string_view text, std::string_view pattern) {
  size_t t = 0, p = 0, star = std::string_view::npos, resume = 0;
  while (t < text.size()) {
    char c = 0;
    if (Wild(pattern, p, '%')) {
      star = ++p;
      resume = t;
    } else if (Wild(pattern, p, '_')) {
      t += CharacterBytes(text, t);
      ++p;
    } else if (size_t step = p < pattern.size() ? PlainAt(pattern, p, &c) : 0;
               step != 0 && Lower(c) == Lower(text[t])) {
      ++t;
      p += step;
    } else if (star != std::string_view::npos) {
      p = star;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (Wild(pattern, p, '%')) ++p;
  return p == pattern.size();
}

TextTest::TextTest(Op op, std::string_view text, std::shared_ptr<const Pattern> regex)
    : inverted_(op == Op::kNe || op == Op::kIsNot || op == Op::kNotMatch), text_(text), regex_(std::move(regex)) {
  if (op == Op::kMatch || op == Op::kNotMatch) {
    kind_ = Kind::kRegex;
  } else if (op == Op::kIs || op == Op::kIsNot) {
    kind_ = Kind::kExact;
  } else {
    kind_ = text.find_first_of("%_") == std::string_view::npos ? Kind::kSameButCase : Kind::kLike;
  }
}

bool TextTest::MayHold(char first, bool* answer) const {
  *answer = inverted_;
  if (kind_ == Kind::kRegex) return true;
  if (text_.empty()) return false;
  bool wild = kind_ == Kind::kLike && (text_[0] == '%' || text_[0] == '_' || text_[0] == '\\');
  return wild || text_[0] == first;
}

const std::string* TextTest::Plain(bool* inverted) const {
  *inverted = inverted_;
  return kind_ == Kind::kSameButCase || kind_ == Kind::kExact ? &text_ : nullptr;
}

bool TextTest::Holds(std::string_view text) const {
  switch (kind_) {
    case Kind::kLike:
      return Like(text, text_);
    case Kind::kSameButCase:
      return SameButCase(text, text_);
    case Kind::kExact:
      return text == text_;
    case Kind::kRegex:
      return regex_->Matches(text);
  }
  return false;
}

RangeTest MakeRange(Op op, int64_t low, int64_t high) {
  constexpr int64_t kMin = std::numeric_limits<int64_t>::min(), kMax = std::numeric_limits<int64_t>::max();
  switch (op) {
    case Op::kLt:
      return {low, kMax, true};
    case Op::kGe:
      return {low, kMax, false};
    case Op::kLe:
      return {kMin, low, false};
    case Op::kGt:
      return {kMin, low, true};
    case Op::kNe:
    case Op::kIsNot:
      return {low, high, true};
    default:
      return {low, high, false};
  }
}

RangeTest MakeRange(Op op, double number) {
  constexpr double kLimit = 9.2e18;
  double floor = std::floor(number);
  if (std::isnan(number) || (number == floor && std::fabs(number) < kLimit)) {
    int64_t exact = std::isnan(number) ? 0 : static_cast<int64_t>(number);
    return MakeRange(op, exact, exact);
  }
  constexpr int64_t kMin = std::numeric_limits<int64_t>::min(), kMax = std::numeric_limits<int64_t>::max();
  int64_t below = number >= kLimit ? kMax : number <= -kLimit ? kMin : static_cast<int64_t>(floor);
  switch (op) {
    case Op::kLt:
    case Op::kLe:
      return {kMin, below, false};
    case Op::kGt:
    case Op::kGe:
      return {kMin, below, true};
    case Op::kNe:
    case Op::kIsNot:
      return {1, 0, true};
    default:
      return {1, 0, false};
  }
}

}  // namespace pytrace::query
