#include "reader/query/pattern.h"

#include <locale.h>
#include <regex.h>
#include <string.h>

#include "reader/query/letters.h"
#include "reader/query/pattern_syntax.h"

namespace pytrace::query {

struct Pattern::Compiled {
  regex_t regex;
  bool characters = false;  // compiled for UTF-8
  ~Compiled() { regfree(&regex); }
};

namespace {

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
  PatternParts made;
  if (literal) {
    made.required = text;
    for (char c : text) made.has_upper |= IsUpper(c);
  } else if (!TranslatePattern(text, &made, error)) {
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
