#include "reader/query/lexer.h"

#include <cctype>

#include "dumper/store/text.h"

namespace pytrace::query {
namespace {

bool IsNameStart(char c) { return isalpha(static_cast<unsigned char>(c)) || c == '_' || (c & 0x80); }
bool IsNameChar(char c) { return IsNameStart(c) || isdigit(static_cast<unsigned char>(c)); }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

class Lexer {
 public:
  Lexer(std::string_view text, std::vector<Token>* out, Problem* problem) : text_(text), out_(out), problem_(problem) {}

  bool Run() {
    for (;;) {
      SkipBlanks();
      if (at_ == text_.size()) break;
      if (!One()) return false;
      out_->back().end = at_;
    }
    Add(TokenKind::kEnd, at_)->end = at_;
    return true;
  }

 private:
  char Peek(size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

  Token* Add(TokenKind kind, size_t column) {
    out_->emplace_back();
    out_->back().kind = kind;
    out_->back().column = column;
    return &out_->back();
  }

  bool Fail(size_t column, std::string message) {
    *problem_ = {std::move(message), column};
    return false;
  }

  void SkipBlanks() {
    while (at_ < text_.size()) {
      if (isspace(static_cast<unsigned char>(text_[at_]))) {
        ++at_;
      } else if (text_[at_] == '#') {
        while (at_ < text_.size() && text_[at_] != '\n') ++at_;
      } else {
        break;
      }
    }
  }

  bool One() {
    char c = Peek();
    if (c == '\'' || c == '"') return String(false);
    if ((c == 'r' || c == 'R' || c == 'u' || c == 'b') && (Peek(1) == '\'' || Peek(1) == '"')) {
      ++at_;
      return String(c == 'r' || c == 'R');
    }
    if (IsDigit(c) || (c == '.' && IsDigit(Peek(1)))) return Number();
    if (IsNameStart(c)) {
      size_t start = at_;
      while (IsNameChar(Peek())) ++at_;
      Add(TokenKind::kName, start)->text = text_.substr(start, at_ - start);
      return true;
    }
    return Operator();
  }

  bool String(bool raw) {
    size_t start = at_;
    char quote = text_[at_++];
    std::string value;
    while (Peek() != quote) {
      if (at_ >= text_.size()) return Fail(start, "this string has no end");
      char c = text_[at_++];
      if (c != '\\' || at_ == text_.size()) {
        value.push_back(c);
      } else if (raw) {
        value.push_back(c);
        value.push_back(text_[at_++]);
      } else if (!Escape(&value)) {
        return false;
      }
    }
    ++at_;
    Add(TokenKind::kString, start)->text = std::move(value);
    return true;
  }

  // An escape that Python does not know keeps its backslash, as there; so \% and \_ reach the pattern matcher.
  bool Escape(std::string* value) {
    char c = text_[at_++];
    switch (c) {
      case 'n':
        value->push_back('\n');
        return true;
      case 't':
        value->push_back('\t');
        return true;
      case 'r':
        value->push_back('\r');
        return true;
      case '0':
        value->push_back('\0');
        return true;
      case '\\':
      case '\'':
      case '"':
        value->push_back(c);
        return true;
      case 'x':
        return CodePoint(2, value);
      case 'u':
        return CodePoint(4, value);
      case 'U':
        return CodePoint(8, value);
      default:
        value->push_back('\\');
        value->push_back(c);
        return true;
    }
  }

  bool CodePoint(int digits, std::string* value) {
    size_t start = at_ - 2;
    uint32_t code = 0;
    for (int i = 0; i < digits; ++i, ++at_) {
      char c = Peek();
      if (!isxdigit(static_cast<unsigned char>(c)))
        return Fail(start, "this escape needs " + std::to_string(digits) + " hex digits");
      code = code << 4 | static_cast<uint32_t>(IsDigit(c) ? c - '0' : (c | 0x20) - 'a' + 10);
    }
    if (code > 0x10ffff) return Fail(start, "no such character");
    store::AppendUtf8(code, value);
    return true;
  }

  bool Number() {
    size_t start = at_;
    std::string digits;
    auto take_digits = [&] {
      while (IsDigit(Peek()) || (Peek() == '_' && IsDigit(Peek(1)))) {
        if (Peek() != '_') digits.push_back(Peek());
        ++at_;
      }
    };
    take_digits();
    if (Peek() == '.' && IsDigit(Peek(1))) {
      digits.push_back('.');
      ++at_;
      take_digits();
    }
    if ((Peek() == 'e' || Peek() == 'E') &&
        (IsDigit(Peek(1)) || ((Peek(1) == '-' || Peek(1) == '+') && IsDigit(Peek(2))))) {
      digits.push_back('e');
      digits.push_back(Peek(1));
      at_ += 2;
      take_digits();
    }
    size_t unit = at_;
    while (IsNameChar(Peek())) ++at_;
    Token* token = Add(TokenKind::kNumber, start);
    token->text = std::move(digits);
    token->unit = text_.substr(unit, at_ - unit);
    return true;
  }

  bool Operator() {
    static constexpr std::string_view kTwo[] = {"==", "!=", "<=", ">=", "!~", "&&", "||"};
    static constexpr std::string_view kOne = "<>~()[],.!-+";
    size_t start = at_;
    std::string_view two = text_.substr(at_, 2);
    for (std::string_view op : kTwo) {
      if (two != op) continue;
      at_ += 2;
      Token* token = Add(op == "&&" || op == "||" ? TokenKind::kName : TokenKind::kOperator, start);
      token->text = op == "&&" ? "and" : op == "||" ? "or" : op;
      return true;
    }
    char c = text_[at_];
    if (c == '=') return Fail(start, "to compare, write ==");
    if (c == '&' || c == '|') return Fail(start, c == '&' ? "write and" : "write or");
    if (kOne.find(c) == std::string_view::npos)
      return Fail(start, std::string("unexpected ") + (isprint(c) ? std::string(1, c) : "character"));
    ++at_;
    Token* token = Add(c == '!' ? TokenKind::kName : TokenKind::kOperator, start);
    token->text = c == '!' ? std::string("not") : std::string(1, c);
    return true;
  }

  std::string_view text_;
  size_t at_ = 0;
  std::vector<Token>* out_;
  Problem* problem_;
};

}  // namespace

bool Tokenize(std::string_view text, std::vector<Token>* out, Problem* problem) {
  out->clear();
  return Lexer(text, out, problem).Run();
}

}  // namespace pytrace::query
