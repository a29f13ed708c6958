#include "reader/query/pattern_syntax.h"

#include <string.h>

#include <cctype>

#include "reader/query/letters.h"

namespace pytrace::query {
namespace {

class Translator {
 public:
  explicit Translator(std::string_view text) : text_(text) {}

  bool Run(PatternParts* out, std::string* error) {
    out_ = out;
    while (at_ < text_.size()) {
      if (!One(error)) return false;
    }
    EndRun();
    if (alternatives_) out_->required.clear();
    return true;
  }

 private:
  char Peek(size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

  void EndRun() {
    if (run_.size() > out_->required.size()) out_->required = run_;
    run_.clear();
  }

  void Plain(char c) {
    if (strchr(".[]{}()\\*+?^$|", c) != nullptr && c != '\0') out_->posix.push_back('\\');
    out_->posix.push_back(c);
    if (c & 0x80) out_->characters = true;
    if (IsUpper(c)) out_->has_upper = true;
    if (groups_ == 0) run_.push_back(c);
  }

  void Special(std::string_view posix) {
    EndRun();
    out_->special = true;
    out_->posix.append(posix);
  }

  bool One(std::string* error) {
    char c = text_[at_++];
    switch (c) {
      case '\\':
        return Escape(error);
      case '[':
        return Class(error);
      case '(':
        ++groups_;
        Special("(");
        if (Peek() == '?' && Peek(1) == ':') at_ += 2;
        if (Peek() == '?') {
          *error = "(? is only known as (?:";
          return false;
        }
        return true;
      case ')':
        if (groups_ == 0) {
          *error = ") without (";
          return false;
        }
        --groups_;
        Special(")");
        return true;
      case '*':
      case '+':
      case '?':
      case '{':
        return Quantifier(c, error);
      case '|':
        alternatives_ |= groups_ == 0;  // what stands in groups is in no run
        Special("|");
        return true;
      case '.':
        Special(".");
        if (Peek() != '*' && Peek() != '+') out_->characters = true;
        return true;
      case '^':
      case '$':
        Special(std::string(1, c));
        return true;
      default:
        Plain(c);
        return true;
    }
  }

  // The character before it may be absent from a match, so it leaves the run.
  bool Quantifier(char c, std::string* error) {
    if (c == '{' && !isdigit(static_cast<unsigned char>(Peek())) && Peek() != ',') {
      Plain(c);
      return true;
    }
    if (out_->posix.empty()) {
      *error = std::string("nothing to repeat before ") + c;
      return false;
    }
    while (!run_.empty() && (run_.back() & 0xc0) == 0x80) run_.pop_back();
    if (!run_.empty()) run_.pop_back();
    Special(std::string(1, c));
    if (c == '{') {
      while (at_ < text_.size() && text_[at_] != '}') out_->posix.push_back(text_[at_++]);
      if (at_ == text_.size()) {
        *error = "{ without }";
        return false;
      }
      out_->posix.push_back(text_[at_++]);
    }
    if (Peek() == '?') ++at_;
    return true;
  }

  bool Escape(std::string* error) {
    if (at_ == text_.size()) {
      *error = "a pattern cannot end with one backslash";
      return false;
    }
    char c = text_[at_++];
    switch (c) {
      case 'd':
        Special("[0-9]");
        return true;
      case 'D':
        Special("[^0-9]");
        out_->characters = true;
        return true;
      case 'A':
        Special("^");
        return true;
      case 'Z':
        Special("$");
        return true;
      case 'w':
      case 's':
      case 'b':
      case 'B':
        Special(std::string("\\") + c);
        return true;
      case 'W':
      case 'S':
        Special(std::string("\\") + c);
        out_->characters = true;
        return true;
      case 'n':
        Plain('\n');
        return true;
      case 't':
        Plain('\t');
        return true;
      case 'r':
        Plain('\r');
        return true;
      default:
        if (isalnum(static_cast<unsigned char>(c))) {
          *error = std::string("\\") + c + " is not known here";
          return false;
        }
        out_->special = true;  // the backslash is not searched for
        Plain(c);
        return true;
    }
  }

  // POSIX classes have no escapes: ] must come first, - last, ^ not first.
  bool Class(std::string* error) {
    bool inverted = Peek() == '^';
    if (inverted) ++at_;
    std::string items;
    bool bracket = false, minus = false, caret = false, first = true;
    for (;; first = false) {
      if (at_ >= text_.size()) {
        *error = "[ without ]";
        return false;
      }
      char c = text_[at_++];
      if (c == ']' && !first) break;
      if (c == '\\' && at_ < text_.size()) {
        c = text_[at_++];
        if (c == 'd') {
          items += "0-9";
          continue;
        }
        if (c == 'w') {
          items += "[:alnum:]_";
          continue;
        }
        if (c == 's') {
          items += "[:space:]";
          continue;
        }
        if (c == 'n') c = '\n';
        if (c == 't') c = '\t';
        if (c == '-') {
          minus = true;
          continue;
        }
      }
      if (c & 0x80) out_->characters = true;
      if (IsUpper(c)) out_->has_upper = true;
      if (c == ']')
        bracket = true;
      else if (c == '^')
        caret = true;
      else if (c == '-' && (first || Peek() == ']'))
        minus = true;
      else
        items.push_back(c);
    }
    if (inverted) out_->characters = true;
    std::string all = inverted ? "[^" : "[";
    if (bracket) all += ']';
    all += items;
    if (caret && all.size() == 1 && !minus) {
      Plain('^');
      return true;
    }
    if (caret && all.size() == 1) {
      all += "-^";
      minus = false;
    } else if (caret) {
      all += '^';
    }
    if (minus) all += '-';
    Special(all + "]");
    return true;
  }

  std::string_view text_;
  size_t at_ = 0;
  int groups_ = 0;
  bool alternatives_ = false;
  std::string run_;
  PatternParts* out_ = nullptr;
};

}  // namespace

bool TranslatePattern(std::string_view text, PatternParts* out, std::string* error) {
  return Translator(text).Run(out, error);
}

}  // namespace pytrace::query
