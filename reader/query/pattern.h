// A regular expression over text that is to be searched many times. Extended syntax as in Python for what people type:
// . [] \d \w \s \b * + ? {m,n} | () ^ $; lazy quantifiers and non-capturing groups are understood, look-around and back
// references are not. Smart case: without a capital letter in it, a pattern ignores case.
#ifndef PYTRACE_READER_QUERY_PATTERN_H_
#define PYTRACE_READER_QUERY_PATTERN_H_

#include <memory>
#include <string>
#include <string_view>

namespace pytrace::query {

// Position of `needle`, or npos. `fold`: without the case of ASCII letters; the needle has none but small ones.
size_t FindPlain(std::string_view text, size_t from, std::string_view needle, bool fold);

class Pattern {
 public:
  enum class Case { kSmart, kIgnore, kHeed };
  // nullptr: *error says why. `literal`: no character has a special meaning.
  static std::unique_ptr<Pattern> Compile(std::string_view text, bool literal, std::string* error,
                                          Case how = Case::kSmart);
  ~Pattern();

  const std::string& text() const { return text_; }  // as it was written
  // A text that every match has in it, empty where none is known; to be looked for with FindPlain.
  const std::string& required() const { return required_; }
  bool folds() const { return fold_; }
  bool Matches(std::string_view text) const { return Find(text, 0, nullptr, nullptr); }
  // The leftmost match at or after `from`: [*begin, *end).
  bool Find(std::string_view text, size_t from, size_t* begin, size_t* end) const;

 private:
  Pattern() = default;
  struct Compiled;
  std::string text_;
  std::unique_ptr<Compiled> regex_;  // none: the pattern is `required_` itself
  std::string required_;             // occurs in every match; lower case when fold_
  bool fold_ = false;
};

}  // namespace pytrace::query

#endif  // PYTRACE_READER_QUERY_PATTERN_H_
