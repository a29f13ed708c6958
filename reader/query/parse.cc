#include "reader/query/parse.h"

#include <optional>
#include <utility>
#include <variant>

#include "reader/query/aliases.h"
#include "reader/query/comparison.h"
#include "reader/query/fields.h"

namespace pytrace::query {
namespace {

// Hostile text must not use up the stack.
constexpr int kMaxNesting = 200;

using Operand = std::variant<FieldUse, Literal>;

class Parser {
 public:
  Parser(std::vector<Token> tokens, const TimeFrame& frame, Problem* problem, FilterParts* parts)
      : tokens_(std::move(tokens)), frame_(frame), problem_(problem), parts_(parts) {}

  NodePtr Run() {
    if (Peek().kind == TokenKind::kEnd) return Fail(Peek(), "an empty filter");
    NodePtr node = Or();
    if (node == nullptr) return nullptr;
    if (Peek().kind != TokenKind::kEnd) return Fail(Peek(), IsOp(")") ? ") without (" : "expected and, or, or the end");
    return node;
  }

 private:
  const Token& Peek(size_t ahead = 0) const { return tokens_[std::min(at_ + ahead, tokens_.size() - 1)]; }
  bool IsOp(std::string_view text, size_t ahead = 0) const {
    return Peek(ahead).kind == TokenKind::kOperator && Peek(ahead).text == text;
  }
  bool IsWord(std::string_view text, size_t ahead = 0) const {
    return Peek(ahead).kind == TokenKind::kName && Peek(ahead).text == text;
  }
  bool TakeOp(std::string_view text) { return IsOp(text) && ++at_; }
  bool TakeWord(std::string_view text) { return IsWord(text) && ++at_; }

  NodePtr Fail(const Token& token, std::string message) { return Fail(token.column, std::move(message)); }
  NodePtr Fail(size_t column, std::string message) {
    *problem_ = {std::move(message), column};
    return nullptr;
  }

  NodePtr Or() { return Joined(Node::Kind::kOr, "or", &Parser::And); }
  NodePtr And() { return Joined(Node::Kind::kAnd, "and", &Parser::Not); }

  NodePtr Joined(Node::Kind kind, const char* word, NodePtr (Parser::*part)()) {
    bool outermost = parts_ != nullptr && nesting_ == 0;
    std::vector<FilterParts::Part> parts = {{Peek().column, 0}};
    NodePtr first = (this->*part)();
    if (first == nullptr || !IsWord(word)) return first;
    NodePtr node = MakeNode(kind, std::move(first));
    while (IsWord(word)) {
      parts.back().end = tokens_[at_ - 1].end;
      ++at_;
      parts.push_back({Peek().column, 0});
      NodePtr next = (this->*part)();
      if (next == nullptr) return nullptr;
      node->children.push_back(std::move(next));
    }
    parts.back().end = tokens_[at_ - 1].end;
    // Of `a and b or c` the outermost is the `or`: no part can be dropped.
    if (outermost) parts_->alternatives = kind == Node::Kind::kOr;
    if (outermost) parts_->conjuncts = kind == Node::Kind::kAnd ? std::move(parts) : std::vector<FilterParts::Part>();
    return node;
  }

  NodePtr Not() {
    if (nesting_ == kMaxNesting) return Fail(Peek(), "nested too deeply");
    ++nesting_;
    NodePtr node;
    if (TakeWord("not")) {
      node = Not();
      if (node != nullptr) node = MakeNode(Node::Kind::kNot, std::move(node));
    } else if (IsOp("(")) {
      node = Group();
    } else if (std::optional<Node::Kind> kind = Structure(); kind && IsOp("(", 1)) {
      ++at_;
      node = Group();
      if (node != nullptr) node = MakeNode(*kind, std::move(node));
    } else if ((IsWord("any") || IsWord("all")) && IsOp("(", 1)) {
      node = Quantified();
    } else {
      node = Comparison();
    }
    --nesting_;
    return node;
  }

  std::optional<Node::Kind> Structure() const {
    if (IsWord("within")) return Node::Kind::kWithin;
    if (IsWord("contains")) return Node::Kind::kContains;
    if (IsWord("caller")) return Node::Kind::kCaller;
    return std::nullopt;
  }

  NodePtr Group() {
    size_t column = Peek().column;
    ++at_;
    NodePtr node = Or();
    if (node == nullptr) return nullptr;
    if (TakeOp(")")) return node;
    return Peek().kind == TokenKind::kEnd ? Fail(column, "( without )") : Fail(Peek(), "expected and, or, or )");
  }

  // all(e) is: not any(not e).
  NodePtr Quantified() {
    bool all = IsWord("all");
    ++at_;
    NodePtr inner = Group();
    if (inner == nullptr) return nullptr;
    if (!all) return MakeNode(Node::Kind::kAny, std::move(inner));
    return MakeNode(Node::Kind::kNot, MakeNode(Node::Kind::kAny, MakeNode(Node::Kind::kNot, std::move(inner))));
  }

  // 1ms < duration < 5ms means both.
  NodePtr Comparison() {
    const Token& start = Peek();
    if (start.kind == TokenKind::kName && IsFlag(start.text) && !StartsComparison(1)) {
      ++at_;
      return MakeFlag(start.text);
    }
    std::optional<Operand> left = ParseOperand();
    if (!left) return nullptr;
    NodePtr all;
    for (;;) {
      const Token& where = Peek();
      std::optional<Op> op = TakeComparator();
      if (!op) {
        if (all != nullptr) return all;
        if (IsWord("in") || (IsWord("not") && IsWord("in", 1))) return Membership(*left);
        return Fail(where, "expected a comparison: == != < <= > >= ~ !~ in is");
      }
      std::optional<Operand> right = ParseOperand(/*is_right=*/true);
      if (!right) return nullptr;
      NodePtr one = Compare(*left, *op, *right, where);
      if (one == nullptr) return nullptr;
      all = all == nullptr ? std::move(one) : MakeNode(Node::Kind::kAnd, std::move(all), std::move(one));
      left = std::move(right);
    }
  }

  bool StartsComparison(size_t ahead) const {
    const Token& token = Peek(ahead);
    if (token.kind == TokenKind::kOperator) return token.text != ")";
    return IsWord("in", ahead) || IsWord("is", ahead) || (IsWord("not", ahead) && IsWord("in", ahead + 1));
  }

  std::optional<Op> TakeComparator() {
    static constexpr std::pair<std::string_view, Op> kOps[] = {{"==", Op::kEq},   {"!=", Op::kNe},      {"<", Op::kLt},
                                                               {"<=", Op::kLe},   {">", Op::kGt},       {">=", Op::kGe},
                                                               {"~", Op::kMatch}, {"!~", Op::kNotMatch}};
    for (const auto& [text, op] : kOps) {
      if (TakeOp(text)) return op;
    }
    if (!TakeWord("is")) return std::nullopt;
    return TakeWord("not") ? Op::kIsNot : Op::kIs;
  }

  NodePtr Compare(const Operand& left, Op op, const Operand& right, const Token& where) {
    bool left_field = std::holds_alternative<FieldUse>(left), right_field = std::holds_alternative<FieldUse>(right);
    if (left_field == right_field) {
      return Fail(where, left_field ? "one side must be a value, not a field; strings are quoted"
                                    : "one side must be a field: " + FieldNames());
    }
    const FieldUse& field = std::get<FieldUse>(left_field ? left : right);
    const Literal& literal = std::get<Literal>(left_field ? right : left);
    if (!left_field) op = Mirrored(op);
    NodePtr node = MakeComparison(field, op, literal, frame_, problem_);
    bool judged = node != nullptr && parts_ != nullptr && literal.kind == Literal::Kind::kString &&
                  field.info->type != FieldType::kTime;
    if (judged)
      parts_->literals.push_back(
          {field.info, field.name, op, literal.text, literal.column, literal.end, node->leaf.text});
    return node;
  }

  // `f in (a, b)` is `f == a or f == b`.
  NodePtr Membership(const Operand& left) {
    bool negated = TakeWord("not");
    const Token& where = Peek();
    ++at_;
    if (!std::holds_alternative<FieldUse>(left)) return Fail(where, "left of in there must be a field");
    const char* close = IsOp("[") ? "]" : ")";
    if (!TakeOp("(") && !TakeOp("[")) return Fail(Peek(), "expected a list: ('a', 'b')");
    NodePtr any = MakeNode(Node::Kind::kOr);
    while (!TakeOp(close)) {
      std::optional<Operand> item = ParseOperand(/*is_right=*/true);
      if (!item) return nullptr;
      NodePtr one = Compare(left, Op::kEq, *item, where);
      if (one == nullptr) return nullptr;
      any->children.push_back(std::move(one));
      if (!TakeOp(",") && !IsOp(close)) return Fail(Peek(), std::string("expected , or ") + close);
    }
    return negated ? MakeNode(Node::Kind::kNot, std::move(any)) : std::move(any);
  }

  // `is_right`: of an operator, where a value is more likely than a field.
  std::optional<Operand> ParseOperand(bool is_right = false) {
    const Token& token = Peek();
    bool minus = IsOp("-");
    if (minus || IsOp("+")) ++at_;
    if (Peek().kind == TokenKind::kNumber) {
      const Token& number = tokens_[at_++];
      return Literal{Literal::Kind::kNumber, (minus ? "-" : "") + number.text, number.unit, token.column, number.end};
    }
    if (token.kind == TokenKind::kString) {
      ++at_;
      return Literal{Literal::Kind::kString, token.text, "", token.column, token.end};
    }
    if (IsWord("None") || IsWord("True") || IsWord("False")) {
      ++at_;
      return Literal{Literal::Kind::kWord, token.text, "", token.column, token.end};
    }
    if (token.kind == TokenKind::kName) return ParseField(is_right);
    Fail(token, token.kind == TokenKind::kEnd ? "the filter ends too early: expected a field or a value"
                                              : "expected a field or a value");
    return std::nullopt;
  }

  std::optional<Operand> ParseField(bool is_right) {
    const Token& token = tokens_[at_++];
    FieldUse use{FindField(token.text), "", token.column};
    if (token.text == "arg" && (IsOp(".") || IsOp("["))) {
      use.info = FindField("ret");
      bool dot = TakeOp(".");
      if (!dot) ++at_;
      const Token& name = Peek();
      if (name.kind != (dot ? TokenKind::kName : TokenKind::kString)) {
        Fail(name, dot ? "expected the name of an argument" : "expected the name of an argument in quotes");
        return std::nullopt;
      }
      use.name = name.text;
      ++at_;
      if (!dot && !TakeOp("]")) {
        Fail(Peek(), "expected ]");
        return std::nullopt;
      }
      return use;
    }
    if (use.info == nullptr && is_right) {
      Fail(token, "strings are quoted: '" + token.text + "'");
      return std::nullopt;
    }
    if (use.info == nullptr) {
      std::string nearest = NearestField(token.text);
      std::string hint = nearest.empty() ? "fields: " + FieldNames() : "did you mean " + nearest + "?";
      Fail(token, "there is no field " + token.text + "; " + hint);
      return std::nullopt;
    }
    if (use.info->named != nullptr) use.name = use.info->named;
    return use;
  }

  std::vector<Token> tokens_;
  size_t at_ = 0;
  int nesting_ = 0;
  TimeFrame frame_;
  Problem* problem_;
  FilterParts* parts_;
};

}  // namespace

NodePtr ParseFilter(std::string_view text, const TimeFrame& frame, Problem* problem, FilterParts* parts) {
  std::vector<Token> tokens;
  if (!Tokenize(text, &tokens, problem) || !ExpandAliases(&tokens, problem)) return nullptr;
  NodePtr node = Parser(std::move(tokens), frame, problem, parts).Run();
  return node == nullptr ? nullptr : Normalize(std::move(node));
}

}  // namespace pytrace::query
