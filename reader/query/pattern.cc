#include "reader/query/pattern.h"

#include <locale.h>
#include <regex.h>
#include <string.h>

#include <cctype>
#include <vector>

namespace pytrace::query {

struct Pattern::Compiled {
  regex_t regex;
  bool characters = false;  // compiled for UTF-8
  ~Compiled() { regfree(&regex); }
};

namespace {

bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
char Lower(char c) { return IsUpper(c) ? static_cast<char>(c + 32) : c; }

// What the translation found out on its way.
struct Translation {
  std::string posix;
  std::string required;     // the longest run of plain characters that every match has
  bool special = false;     // has any character with a meaning
  bool characters = false;  // cares where characters end, not only bytes
  bool has_upper = false;
};

class Translator {
 public:
  explicit Translator(std::string_view text) : text_(text) {}

  bool Run(Translation* out, std::string* error) {
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
  Translation* out_ = nullptr;
};

// glibc's matcher is several times faster where a character is a byte. It asks the locale both when it compiles and
// when it matches.
class MatchLocale {
 public:
  explicit MatchLocale(bool utf8) {
    static locale_t bytes = newlocale(LC_ALL_MASK, "C", nullptr);
    static locale_t characters = newlocale(LC_ALL_MASK, "C.UTF-8", nullptr);
    locale_t wanted = utf8 ? characters : bytes;
    if (wanted != nullptr) before_ = uselocale(wanted);
  }
  ~MatchLocale() {
    if (before_ != nullptr) uselocale(before_);
  }

 private:
  locale_t before_ = nullptr;
};

}  // namespace

size_t FindPlain(std::string_view text, size_t from, std::string_view needle, bool fold) {
  if (!fold) return text.find(needle, from);
  if (needle.empty()) return from <= text.size() ? from : std::string_view::npos;
  if (text.size() < needle.size()) return std::string_view::npos;
  char low = needle[0];
  char up = low >= 'a' && low <= 'z' ? static_cast<char>(low - 32) : low;
  size_t last = text.size() - needle.size();
  for (size_t i = from; i <= last; ++i) {
    if (text[i] != low && text[i] != up) continue;
    size_t k = 1;
    while (k < needle.size() && Lower(text[i + k]) == needle[k]) ++k;
    if (k == needle.size()) return i;
  }
  return std::string_view::npos;
}

Pattern::~Pattern() = default;

std::unique_ptr<Pattern> Pattern::Compile(std::string_view text, bool literal, std::string* error, Case how) {
  Translation made;
  if (literal) {
    made.required = text;
    for (char c : text) made.has_upper |= IsUpper(c);
  } else if (!Translator(text).Run(&made, error)) {
    return nullptr;
  }
  std::unique_ptr<Pattern> pattern(new Pattern);
  pattern->text_ = text;
  pattern->fold_ = how == Case::kIgnore || (how == Case::kSmart && !made.has_upper);
  if (pattern->fold_) {
    for (char c : made.required) made.characters |= (c & 0x80) != 0;
    for (char& c : made.required) c = Lower(c);
  }
  // Folding beyond ASCII is the regex library's business.
  bool plain = literal || (!made.special && !(pattern->fold_ && made.characters));
  if (pattern->fold_ && made.characters && !literal) made.required.clear();
  pattern->required_ = std::move(made.required);
  if (plain) return pattern;
  MatchLocale locale(made.characters);
  pattern->regex_ = std::make_unique<Compiled>();
  pattern->regex_->characters = made.characters;
  int flags = REG_EXTENDED | (pattern->fold_ ? REG_ICASE : 0);
  int code = regcomp(&pattern->regex_->regex, made.posix.c_str(), flags);
  if (code != 0) {
    char message[160];
    regerror(code, &pattern->regex_->regex, message, sizeof message);
    memset(&pattern->regex_->regex, 0, sizeof(regex_t));
    *error = message;
    return nullptr;
  }
  return pattern;
}

bool Pattern::Find(std::string_view text, size_t from, size_t* begin, size_t* end) const {
  if (from > text.size()) return false;
  size_t at = FindPlain(text, from, required_, fold_);
  if (at == std::string_view::npos) return false;
  if (regex_ == nullptr) {
    if (begin != nullptr) *begin = at, *end = at + required_.size();
    return true;
  }
  regmatch_t match;
  match.rm_so = static_cast<regoff_t>(from);
  match.rm_eo = static_cast<regoff_t>(text.size());
  int flags = REG_STARTEND | (from > 0 ? REG_NOTBOL : 0);
  MatchLocale locale(regex_->characters);
  if (regexec(&regex_->regex, text.data(), 1, &match, flags) != 0) return false;
  if (begin != nullptr) *begin = static_cast<size_t>(match.rm_so), *end = static_cast<size_t>(match.rm_eo);
  return true;
}

}  // namespace pytrace::query
