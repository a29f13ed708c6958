#include "reader/query/comparison.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <utility>

#include "reader/query/times.h"

namespace pytrace::query {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

NodePtr Fail(Problem* problem, size_t column, std::string message) {
  *problem = {std::move(message), column};
  return nullptr;
}

NodePtr LeafNode(Leaf leaf) {
  NodePtr node = MakeNode(Node::Kind::kLeaf);
  node->leaf = std::move(leaf);
  return node;
}

std::string Quoted(const FieldUse& field) {
  return field.info->field == Field::kNamed && !field.name.empty() ? "arg." + field.name : field.info->name;
}

// Plain counts may end in K or M.
bool CountUnit(std::string_view unit, double* scale) {
  *scale = unit.empty() ? 1 : unit == "K" || unit == "k" ? 1e3 : unit == "M" ? 1e6 : unit == "G" ? 1e9 : 0;
  return *scale != 0;
}

// Whole numbers keep all their digits; others go through double.
RangeTest NumberRange(Op op, const std::string& digits, double scale) {
  bool whole = digits.find_first_of(".e") == std::string::npos;
  if (whole) {
    errno = 0;
    __int128 exact = static_cast<__int128>(strtoll(digits.c_str(), nullptr, 10)) * static_cast<int64_t>(scale);
    constexpr __int128 kMax = INT64_MAX;
    if (errno == 0 && exact <= kMax && exact >= -kMax)
      return MakeRange(op, static_cast<int64_t>(exact), static_cast<int64_t>(exact));
  }
  return MakeRange(op, strtod(digits.c_str(), nullptr) * scale);
}

NodePtr TimeComparison(Leaf leaf, const Literal& literal, const TimeFrame& frame, Problem* problem) {
  TimeLiteral time;
  if (literal.kind == Literal::Kind::kWord) return Fail(problem, literal.column, "time is compared with a time");
  if (literal.kind == Literal::Kind::kNumber) {
    if (!literal.unit.empty())
      return Fail(problem, literal.column, "a distance from the start is written '+1.5s', from the end '-10s'");
    // Seconds since the epoch need more digits than a double has.
    char* end = nullptr;
    errno = 0;
    long long seconds = strtoll(literal.text.c_str(), &end, 10);
    double rest = strtod(literal.text.c_str(), nullptr) - static_cast<double>(seconds);
    if (*end == '.') rest = strtod(("0" + std::string(end)).c_str(), nullptr);
    if (errno != 0 || std::llabs(seconds) > 9'000'000'000 || *end == 'e')
      return Fail(problem, literal.column, "no such time");
    time.ns = seconds * kSecond + std::llround(rest * kSecond);
    time.precision_ns = *end == '.' ? 1 : kSecond;
  } else if (!ParseTime(literal.text, frame.first_ns, frame.last_ns, &time)) {
    return Fail(
        problem, literal.column,
        "no such time; write '2012/08/15 01:23:45', '01:23:45.5', '+1.5s' from the start or '-10s' from the end");
  }
  leaf.range = MakeRange(leaf.op, time.ns, time.ns + time.precision_ns - 1);
  return LeafNode(std::move(leaf));
}

NodePtr NumberComparison(Leaf leaf, const FieldUse& field, const Literal& literal, Problem* problem) {
  bool duration = field.info->type == FieldType::kDuration;
  std::string example = duration ? "a duration: 100us, 1.5ms, 2s" : "a number";
  if (literal.kind != Literal::Kind::kNumber)
    return Fail(problem, literal.column, Quoted(field) + " is compared with " + example);
  double scale = duration ? static_cast<double>(literal.unit.empty() ? 1 : UnitNs(literal.unit)) : 0;
  if (duration ? scale == 0 : !CountUnit(literal.unit, &scale)) {
    return Fail(problem, literal.column,
                "no such unit: " + literal.unit + (duration ? " (ns us ms s m h)" : " (K M G)"));
  }
  leaf.range = NumberRange(leaf.op, literal.text, scale);
  return LeafNode(std::move(leaf));
}

NodePtr TextComparison(Leaf leaf, const FieldUse& field, const Literal& literal, Problem* problem) {
  if (literal.kind == Literal::Kind::kNumber)
    return Fail(problem, literal.column,
                Quoted(field) + " is compared with a string: '" + literal.text + literal.unit + "'");
  if (IsOrdering(leaf.op)) {
    std::string types = field.info->type == FieldType::kValue ? " with a number, or == != ~ is in with a string"
                                                              : " with == != ~ !~ is in";
    return Fail(problem, literal.column, Quoted(field) + " is compared" + types);
  }
  // A word is a value, not a pattern: True does not match 'true'.
  Op op = literal.kind == Literal::Kind::kWord && leaf.op == Op::kEq   ? Op::kIs
          : literal.kind == Literal::Kind::kWord && leaf.op == Op::kNe ? Op::kIsNot
                                                                       : leaf.op;
  std::shared_ptr<const Pattern> regex;
  if (op == Op::kMatch || op == Op::kNotMatch) {
    std::string error;
    regex = Pattern::Compile(literal.text, false, &error);
    if (regex == nullptr) return Fail(problem, literal.column, "this is no regular expression: " + error);
  }
  leaf.with_qualname = leaf.field == Field::kFunc && literal.text.find('.') != std::string::npos;
  leaf.text = TextTest(op, literal.text, std::move(regex));
  return LeafNode(std::move(leaf));
}

NodePtr ValueComparison(Leaf leaf, const FieldUse& field, const Literal& literal, Problem* problem) {
  if (literal.kind != Literal::Kind::kNumber) return TextComparison(std::move(leaf), field, literal, problem);
  double scale = 1;
  if (!CountUnit(literal.unit, &scale))
    return Fail(problem, literal.column, "no such unit: " + literal.unit + " (K M G)");
  if (leaf.op == Op::kIs) leaf.op = Op::kEq;
  if (leaf.op == Op::kIsNot) leaf.op = Op::kNe;
  leaf.numeric = true;
  leaf.number = strtod(literal.text.c_str(), nullptr) * scale;
  return LeafNode(std::move(leaf));
}

}  // namespace

NodePtr MakeComparison(const FieldUse& field, Op op, const Literal& literal, const TimeFrame& frame, Problem* problem) {
  Leaf leaf;
  leaf.field = field.info->field;
  leaf.op = op;
  leaf.name = field.name;
  if ((op == Op::kMatch || op == Op::kNotMatch) &&
      (literal.kind != Literal::Kind::kString || field.info->type == FieldType::kTime ||
       field.info->type == FieldType::kInteger || field.info->type == FieldType::kDuration)) {
    return Fail(problem, literal.kind != Literal::Kind::kString ? literal.column : field.column,
                std::string(OpText(op)) + " looks for a regular expression in text: func ~ '^get_'");
  }
  switch (field.info->type) {
    case FieldType::kTime:
      return TimeComparison(std::move(leaf), literal, frame, problem);
    case FieldType::kInteger:
    case FieldType::kDuration:
      return NumberComparison(std::move(leaf), field, literal, problem);
    case FieldType::kText:
      return TextComparison(std::move(leaf), field, literal, problem);
    case FieldType::kValue:
      return ValueComparison(std::move(leaf), field, literal, problem);
  }
  return nullptr;
}

NodePtr MakeFlag(const std::string& name) {
  Leaf leaf;
  if (name == "open" || name == "leaf") {
    leaf.field = name == "open" ? Field::kOpen : Field::kLeaf;
    leaf.range = {1, 1, false};
  } else {
    leaf.field = Field::kKind;
    leaf.text = TextTest(Op::kIs, name);
  }
  return LeafNode(std::move(leaf));
}

}  // namespace pytrace::query
