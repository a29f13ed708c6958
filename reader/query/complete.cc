// What can come next.
#include <algorithm>
#include <cctype>
#include <utility>

#include "reader/query/other_parts.h"
#include "reader/query/suggest.h"
#include "reader/query/suggest_text.h"

namespace pytrace::query {
namespace {

constexpr size_t kMostItems = 50;

// 0: begins with it, 1: has it, 2: has its letters in order; 3: not at all.
int MatchClass(std::string_view typed, std::string_view text) {
  size_t at = text.find(typed);
  return at == 0 ? 0 : at != std::string_view::npos ? 1 : IsSubsequence(typed, text) ? 2 : 3;
}

bool IsNumber(std::string_view text) {
  size_t at = text.starts_with('-') ? 1 : 0;
  if (at >= text.size() || text.size() > 18) return false;
  return std::all_of(text.begin() + at, text.end(), [](char c) { return isdigit(static_cast<unsigned char>(c)); });
}

std::string LiteralFor(const FieldInfo& field, const std::string& value) {
  if (field.type != FieldType::kValue) return QuotedLiteral(value);
  return IsNumber(value) ? value : QuotedLiteral(Unquoted(value));
}

bool IsComparator(const Token& token) {
  static constexpr std::string_view kOps[] = {"==", "!=", "<", "<=", ">", ">=", "~", "!~"};
  if (token.kind == TokenKind::kName) return token.text == "is";
  return token.kind == TokenKind::kOperator &&
         std::find(std::begin(kOps), std::end(kOps), token.text) != std::end(kOps);
}

// What the tokens before the cursor call for.
class State {
 public:
  explicit State(std::vector<Token> tokens) : tokens_(std::move(tokens)) {
    if (!tokens_.empty() && tokens_.back().kind == TokenKind::kEnd) tokens_.pop_back();
  }

  enum class Next { kField, kOperator, kValue, kArgumentName, kJoiner };
  Next Find() {
    if (tokens_.empty()) return Next::kField;
    const Token& last = tokens_.back();
    size_t size = tokens_.size();
    if (IsOp(size - 1, ".") && size >= 2 && IsName(size - 2, "arg")) return Next::kArgumentName;
    if (IsOp(size - 1, "[") && size >= 2 && IsName(size - 2, "arg")) return Next::kArgumentName;
    if (IsComparator(last) || (IsName(size - 1, "not") && size >= 2 && IsName(size - 2, "is"))) {
      size_t at = IsName(size - 1, "not") ? size - 2 : size - 1;
      FieldBefore(at);
      return Next::kValue;
    }
    if (IsOp(size - 1, "(") || IsOp(size - 1, "[") || IsOp(size - 1, ",")) {
      size_t at = size - 1;
      while (at > 0 && !IsName(at, "in") && !IsOp(at, ")")) --at;
      if (IsName(at, "in") && at > 0) {
        FieldBefore(IsName(at - 1, "not") ? at - 1 : at);
        return Next::kValue;
      }
      return Next::kField;
    }
    if (last.kind == TokenKind::kName && (last.text == "and" || last.text == "or" || last.text == "not"))
      return Next::kField;
    if (IsOp(size - 1, "]") && FieldBefore(size)) return Next::kOperator;
    if (last.kind == TokenKind::kName && !IsFlag(last.text) && FieldBefore(size)) return Next::kOperator;
    return Next::kJoiner;
  }

  const FieldInfo* field() const { return field_; }
  const std::string& name() const { return name_; }

 private:
  bool IsOp(size_t at, std::string_view text) const {
    return tokens_[at].kind == TokenKind::kOperator && tokens_[at].text == text;
  }
  bool IsName(size_t at, std::string_view text) const {
    return tokens_[at].kind == TokenKind::kName && tokens_[at].text == text;
  }
  // The field that ends just before token `at`.
  bool FieldBefore(size_t at) {
    if (at >= 3 && IsOp(at - 2, ".") && IsName(at - 3, "arg")) {
      field_ = FindField("ret");
      name_ = tokens_[at - 1].text;
      return true;
    }
    if (at >= 4 && IsOp(at - 1, "]") && IsOp(at - 3, "[") && IsName(at - 4, "arg")) {
      field_ = FindField("ret");
      name_ = tokens_[at - 2].text;
      return true;
    }
    if (at == 0 || tokens_[at - 1].kind != TokenKind::kName) return false;
    field_ = FindField(tokens_[at - 1].text);
    if (field_ != nullptr && field_->named != nullptr) name_ = field_->named;
    return field_ != nullptr;
  }

  std::vector<Token> tokens_;
  const FieldInfo* field_ = nullptr;
  std::string name_;
};

void Add(std::string_view typed, Suggestions* to, std::vector<Suggestions::Item> items) {
  std::string lower = Lowered(typed);
  std::vector<std::pair<int, Suggestions::Item>> ranked;
  for (Suggestions::Item& item : items) {
    int match = lower.empty() ? 0 : MatchClass(lower, Lowered(item.label));
    if (match < 3) ranked.emplace_back(match, std::move(item));
  }
  std::stable_sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (auto& [match, item] : ranked) {
    if (to->items.size() == kMostItems) return;
    to->items.push_back(std::move(item));
  }
}

std::vector<Suggestions::Item> Words(std::initializer_list<const char*> words) {
  std::vector<Suggestions::Item> items;
  for (const char* word : words) items.push_back({word, word, 0});
  return items;
}

std::vector<Suggestions::Item> OperatorsOf(const FieldInfo& field) {
  switch (field.type) {
    case FieldType::kText:
      return Words({"==", "!=", "~", "!~", "is", "in ("});
    case FieldType::kValue:
      return Words({"==", "!=", "~", "!~", "<", "<=", ">", ">=", "is", "in ("});
    default:
      return Words({"==", "!=", "<", "<=", ">", ">=", "in ("});
  }
}

}  // namespace

Suggestions Complete(std::string_view text, size_t cursor, ValueSource* values) {
  Suggestions found;
  text = text.substr(0, cursor);
  bool in_string;
  size_t begin = WordBegin(text, &in_string);
  std::vector<Token> tokens;
  Problem problem;
  if (!Tokenize(text.substr(0, begin), &tokens, &problem)) return found;
  State state(std::move(tokens));
  State::Next next = state.Find();
  std::string_view typed = text.substr(begin + in_string);
  found.begin = begin;
  found.end = cursor;
  switch (next) {
    case State::Next::kField: {
      if (in_string) break;
      std::vector<Suggestions::Item> items;
      for (const FieldInfo& field : AllFields()) items.push_back({field.name, field.name, 0});
      for (Suggestions::Item& item : Words({"arg.", "exception", "open", "leaf", "log", "lost", "not", "within(",
                                            "contains(", "caller(", "any(", "all("}))
        items.push_back(item);
      Add(typed, &found, std::move(items));
      break;
    }
    case State::Next::kOperator:
      if (!in_string && state.field() != nullptr) Add(typed, &found, OperatorsOf(*state.field()));
      break;
    case State::Next::kArgumentName: {
      std::vector<Suggestions::Item> items;
      for (const Choice& choice : values->ArgumentNames()) {
        bool plain = !choice.text.empty() && !isdigit(static_cast<unsigned char>(choice.text[0])) &&
                     std::all_of(choice.text.begin(), choice.text.end(), IsNameChar);
        if (in_string) {
          items.push_back({QuotedLiteral(choice.text), choice.text, choice.count});
        } else if (plain) {
          items.push_back({choice.text, choice.text, choice.count});
        }
      }
      Add(typed, &found, std::move(items));
      break;
    }
    case State::Next::kValue: {
      if (state.field() == nullptr) break;
      bool texts = state.field()->type == FieldType::kText || state.field()->type == FieldType::kValue;
      if (!texts) break;
      std::vector<Suggestions::Item> items;
      for (const Choice& choice : values->Of(*state.field(), state.name()))
        items.push_back({LiteralFor(*state.field(), choice.text),
                         std::string(state.field()->type == FieldType::kValue ? Unquoted(choice.text) : choice.text),
                         choice.count});
      Add(typed, &found, std::move(items));
      break;
    }
    case State::Next::kJoiner:
      if (!in_string) Add(typed, &found, Words({"and", "or"}));
      break;
  }
  // What is there already is no suggestion.
  if (found.items.size() == 1 && found.items[0].text == text.substr(begin)) found.items.clear();
  return found;
}

}  // namespace pytrace::query
