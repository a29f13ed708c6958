#include "ringbuf/record/python_text.h"

#include <charconv>
#include <cmath>
#include <cstring>
#include <vector>

#include "ringbuf/record/printable.h"

namespace pytrace::record {
namespace {

constexpr char kHex[] = "0123456789abcdef";
// sys.int_info.default_max_str_digits is 4300: 477 digits of 30 bits are the last that fit.
constexpr size_t kMaxDecimalDigits = 477;

// \xhh, \uhhhh or \Uhhhhhhhh, the shortest that holds it.
void AppendEscape(uint32_t character, std::string* out) {
  int digits = character <= 0xff ? 2 : character <= 0xffff ? 4 : 8;
  out->append(digits == 2 ? "\\x" : digits == 4 ? "\\u" : "\\U");
  for (int i = digits - 1; i >= 0; --i) out->push_back(kHex[(character >> (4 * i)) & 15]);
}

// Escapes that str and bytes share; false: the character has none.
bool AppendCommonEscape(unsigned char c, char quote, std::string* out) {
  switch (c) {
    case '\\':
      out->append("\\\\");
      return true;
    case '\n':
      out->append("\\n");
      return true;
    case '\r':
      out->append("\\r");
      return true;
    case '\t':
      out->append("\\t");
      return true;
  }
  if (c != static_cast<unsigned char>(quote)) return false;
  out->push_back('\\');
  out->push_back(quote);
  return true;
}

char QuoteFor(std::string_view text) {
  return text.find('\'') != text.npos && text.find('"') == text.npos ? '"' : '\'';
}

// Length of the UTF-8 sequence at `text`, 0 when there is none. Lone surrogates count as characters.
size_t DecodeUtf8(std::string_view text, uint32_t* character) {
  auto at = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  unsigned char lead = at(0);
  size_t size = lead >= 0xf0 && lead < 0xf5 ? 4 : lead >= 0xe0 && lead < 0xf0 ? 3 : lead >= 0xc2 && lead < 0xe0 ? 2 : 0;
  if (size == 0 || text.size() < size) return 0;
  uint32_t value = lead & (0x7f >> size);
  for (size_t i = 1; i < size; ++i) {
    if ((at(i) & 0xc0) != 0x80) return 0;
    value = value << 6 | (at(i) & 0x3f);
  }
  if ((size == 3 && value < 0x800) || (size == 4 && (value < 0x10000 || value > 0x10ffff))) return 0;
  *character = value;
  return size;
}

// A cut may have gone through the last character: its first bytes alone say nothing.
bool IsTornTail(std::string_view text) {
  unsigned char lead = text[0];
  size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 1;
  return text.size() < size;
}

std::vector<uint32_t> Limbs(std::string_view digits) {
  std::vector<uint32_t> limbs(digits.size() / 4);
  if (!limbs.empty()) memcpy(limbs.data(), digits.data(), limbs.size() * 4);
  for (uint32_t& limb : limbs) limb &= (1u << 30) - 1;
  while (!limbs.empty() && limbs.back() == 0) limbs.pop_back();
  return limbs;
}

void AppendDecimal(std::vector<uint32_t> limbs, std::string* out) {
  constexpr uint32_t kBase = 1'000'000'000;
  std::vector<uint32_t> groups;  // of nine decimal digits, lowest first
  while (!limbs.empty()) {
    uint64_t rest = 0;
    for (size_t i = limbs.size(); i-- > 0;) {
      rest = rest << 30 | limbs[i];
      limbs[i] = static_cast<uint32_t>(rest / kBase);
      rest %= kBase;
    }
    groups.push_back(static_cast<uint32_t>(rest));
    while (!limbs.empty() && limbs.back() == 0) limbs.pop_back();
  }
  if (groups.empty()) groups.push_back(0);
  AppendInt(groups.back(), out);
  for (size_t i = groups.size() - 1; i-- > 0;) {
    char text[9];
    uint32_t group = groups[i];
    for (int k = 8; k >= 0; --k, group /= 10) text[k] = static_cast<char>('0' + group % 10);
    out->append(text, sizeof(text));
  }
}

// Hexadecimal digits from bit `low` on (0 or 2) upwards.
void AppendHexLimbs(const std::vector<uint32_t>& limbs, int low, std::string* out) {
  auto bit = [&](size_t i) { return i / 30 < limbs.size() ? limbs[i / 30] >> (i % 30) & 1 : 0; };
  std::string digits;
  for (size_t i = low; i < limbs.size() * 30; i += 4) {
    digits.push_back(kHex[bit(i) | bit(i + 1) << 1 | bit(i + 2) << 2 | bit(i + 3) << 3]);
  }
  while (digits.size() > 1 && digits.back() == '0') digits.pop_back();
  out->append(digits.rbegin(), digits.rend());
}

// repr() of a float, but for the `.0` that marks a whole number as a float.
void AppendShortest(double value, std::string* out) {
  if (std::isnan(value)) {
    out->append("nan");
    return;
  }
  if (std::signbit(value)) out->push_back('-');
  value = std::fabs(value);
  if (std::isinf(value)) {
    out->append("inf");
    return;
  }
  char text[40];
  const char* end = std::to_chars(text, text + sizeof(text), value, std::chars_format::scientific).ptr;
  const char* e = static_cast<const char*>(memchr(text, 'e', end - text));
  std::string digits(1, text[0]);
  if (e - text > 2) digits.append(text + 2, e - text - 2);
  int exponent = 0;
  std::from_chars(e + 2, end, exponent);
  if (e[1] == '-') exponent = -exponent;
  int count = static_cast<int>(digits.size());
  if (exponent < -4 || exponent >= 16) {
    out->push_back(digits[0]);
    if (count > 1) out->append(".").append(digits, 1);
    int size = exponent < 0 ? -exponent : exponent;
    out->append(exponent < 0 ? "e-" : "e+");
    if (size < 10) out->push_back('0');
    AppendInt(size, out);
  } else if (exponent < 0) {
    out->append("0.").append(-exponent - 1, '0').append(digits);
  } else if (count <= exponent + 1) {
    out->append(digits).append(exponent + 1 - count, '0');
  } else {
    out->append(digits, 0, exponent + 1).append(".").append(digits, exponent + 1);
  }
}

}  // namespace

void AppendInt(int64_t value, std::string* out) {
  char text[24];
  out->append(text, std::to_chars(text, text + sizeof(text), value).ptr);
}

void AppendHex(uint64_t value, std::string* out) {
  char text[24];
  out->append(text, std::to_chars(text, text + sizeof(text), value, 16).ptr);
}

void AppendFloat(double value, std::string* out) {
  size_t start = out->size();
  AppendShortest(value, out);
  if (std::isfinite(value) && out->find_first_of(".e", start) == out->npos) out->append(".0");
}

void AppendComplex(double real, double imag, std::string* out) {
  bool only_imag = real == 0 && !std::signbit(real);
  if (!only_imag) {
    out->push_back('(');
    AppendShortest(real, out);
    if (std::isnan(imag) || !std::signbit(imag)) out->push_back('+');
  }
  AppendShortest(imag, out);
  out->append(only_imag ? "j" : "j)");
}

void AppendBigInt(bool negative, std::string_view digits, uint64_t cut, std::string* out) {
  std::vector<uint32_t> limbs = Limbs(digits);
  if (negative) out->push_back('-');
  if (cut == 0 && limbs.size() <= kMaxDecimalDigits) return AppendDecimal(std::move(limbs), out);
  out->append("0x");
  // An odd number of 30-bit digits below ours ends in the middle of a hexadecimal digit, which is then unknown.
  AppendHexLimbs(limbs, cut % 2 ? 2 : 0, out);
  if (cut != 0) out->append("...");
}

void AppendStr(std::string_view text, bool cut, std::string* out) {
  char quote = QuoteFor(text);
  out->push_back(quote);
  for (size_t i = 0; i < text.size();) {
    unsigned char c = text[i];
    if (c < 0x80) {
      if (!AppendCommonEscape(c, quote, out)) {
        if (IsPrintable(c))
          out->push_back(text[i]);
        else
          AppendEscape(c, out);
      }
      ++i;
      continue;
    }
    uint32_t character;
    size_t size = DecodeUtf8(text.substr(i), &character);
    if (size == 0) {
      if (cut && IsTornTail(text.substr(i))) break;
      AppendEscape(0xdc00 + c, out);
      ++i;
      continue;
    }
    if (IsPrintable(character))
      out->append(text, i, size);
    else
      AppendEscape(character, out);
    i += size;
  }
  if (cut) out->append("...");
  out->push_back(quote);
}

void AppendBytes(std::string_view bytes, bool cut, std::string* out) {
  out->push_back('b');
  AppendNativeStr(bytes, cut, out);
}

void AppendUnicode(std::string_view text, bool cut, std::string* out) {
  char quote = QuoteFor(text);
  out->append("u").push_back(quote);
  for (size_t i = 0; i < text.size();) {
    uint32_t character = static_cast<unsigned char>(text[i]);
    size_t size = character < 0x80 ? 1 : DecodeUtf8(text.substr(i), &character);
    if (size == 0 && cut && IsTornTail(text.substr(i))) break;
    i += size == 0 ? 1 : size;
    if (character < 0x80 && AppendCommonEscape(character, quote, out)) continue;
    if (character >= 0x20 && character < 0x7f)
      out->push_back(static_cast<char>(character));
    else
      AppendEscape(character, out);
  }
  if (cut) out->append("...");
  out->push_back(quote);
}

void AppendNativeStr(std::string_view bytes, bool cut, std::string* out) {
  char quote = QuoteFor(bytes);
  out->push_back(quote);
  for (unsigned char c : bytes) {
    if (AppendCommonEscape(c, quote, out)) continue;
    if (c >= 0x20 && c < 0x7f)
      out->push_back(static_cast<char>(c));
    else
      AppendEscape(c, out);
  }
  if (cut) out->append("...");
  out->push_back(quote);
}

}  // namespace pytrace::record
