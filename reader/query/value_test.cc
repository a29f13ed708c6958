#include "reader/query/value_test.h"

#include <charconv>
#include <string>

namespace pytrace::query {
namespace {

// First bytes of stored values: field and wire type of record.proto's Value.
constexpr char kBoolTag = 4 << 3;

}  // namespace

ValueTest::ValueTest(const Leaf& leaf) {
  if (leaf.numeric) return;
  const std::string* text = leaf.text.Plain(&inverted_);
  // A quote may be that of a repr, a backslash an escape in it: those are compared as text.
  plain_ = text != nullptr && !text->empty() && text->find_first_of("'\"\\") == std::string::npos;
  if (!plain_) return;
  auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number_);
  is_number_ = error == std::errc() && end == text->data() + text->size() && std::to_string(number_) == *text;
  none_ = ToAnswer(leaf.text("None"));
  false_ = ToAnswer(leaf.text("False"));
  true_ = ToAnswer(leaf.text("True"));
}

ValueTest::Answer ValueTest::Text(const Leaf& leaf, std::string_view value) const {
  bool answer;
  // The text of an object, `<shop.Cart object at 0x7f...>`, differs from one to the next, and few ask for it.
  if (!value.empty() && value[0] == kObjectTag)
    return leaf.text.MayHold('<', &answer) ? Answer::kAskText : ToAnswer(answer);
  if (!plain_) return Answer::kAskText;
  if (value.empty()) return none_;
  switch (value[0]) {
    case kIntTag: {
      int64_t number;
      if (!ReadInt(value, &number)) return Answer::kAskText;
      return ToAnswer((is_number_ && number == number_) != inverted_);
    }
    case kBoolTag:
      return value.size() != 2 ? Answer::kAskText : value[1] == 0 ? false_ : value[1] == 1 ? true_ : Answer::kAskText;
    case kStrTag: {
      // A short one that was not cut. Without a backslash the repr between its quotes has as many bytes as the str.
      size_t size = value.size() < 2 ? 128 : static_cast<uint8_t>(value[1]);
      if (size >= 128 || value.size() != 2 + size) return Answer::kAskText;
      return leaf.text.SamePlain(value.substr(2)) ? Answer::kAskText : ToAnswer(inverted_);
    }
    default:
      return Answer::kAskText;
  }
}

}  // namespace pytrace::query
