#include "dumper/store/text.h"

namespace pytrace::store {
namespace {

constexpr char kHex[] = "0123456789abcdef";

void AppendUnicodeEscape(uint32_t unit, std::string* out) {
  out->append("\\u");
  for (int shift = 12; shift >= 0; shift -= 4) out->push_back(kHex[unit >> shift & 15]);
}

class Parser {
 public:
  explicit Parser(std::string_view json) : json_(json) {}

  std::vector<std::string> Strings() {
    std::vector<std::string> items;
    if (!Take('[')) return items;
    while (Take('"')) {
      std::string item;
      if (!String(&item)) break;
      items.push_back(std::move(item));
      if (!Take(',')) break;
    }
    return items;
  }

 private:
  bool Take(char c) {
    while (at_ < json_.size() &&
           (json_[at_] == ' ' || json_[at_] == '\n' || json_[at_] == '\t' || json_[at_] == '\r')) {
      ++at_;
    }
    if (at_ >= json_.size() || json_[at_] != c) return false;
    ++at_;
    return true;
  }

  bool String(std::string* out) {
    while (at_ < json_.size()) {
      char c = json_[at_++];
      if (c == '"') return true;
      if (c != '\\') {
        out->push_back(c);
      } else if (!Escape(out)) {
        return false;
      }
    }
    return false;
  }

  bool Escape(std::string* out) {
    if (at_ >= json_.size()) return false;
    char c = json_[at_++];
    switch (c) {
      case 'n':
        out->push_back('\n');
        return true;
      case 't':
        out->push_back('\t');
        return true;
      case 'r':
        out->push_back('\r');
        return true;
      case 'b':
        out->push_back('\b');
        return true;
      case 'f':
        out->push_back('\f');
        return true;
      case 'u':
        return Unicode(out);
      default:
        out->push_back(c);
        return true;
    }
  }

  bool Unicode(std::string* out) {
    uint32_t unit, low;
    if (!Unit(&unit)) return false;
    if (unit >= 0xdc80 && unit <= 0xdcff) {  // a byte, see JsonArray
      out->push_back(static_cast<char>(unit - 0xdc00));
      return true;
    }
    size_t here = at_;
    if (unit >= 0xd800 && unit < 0xdc00 && json_.substr(at_, 2) == "\\u") {
      at_ += 2;
      if (Unit(&low) && low >= 0xdc00 && low < 0xe000) {
        AppendUtf8(0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00), out);
        return true;
      }
      at_ = here;
    }
    AppendUtf8(unit, out);
    return true;
  }

  bool Unit(uint32_t* unit) {
    if (json_.size() - at_ < 4) return false;
    *unit = 0;
    for (int i = 0; i < 4; ++i) {
      char c = json_[at_++];
      int digit = c >= '0' && c <= '9'   ? c - '0'
                  : c >= 'a' && c <= 'f' ? c - 'a' + 10
                  : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                         : -1;
      if (digit < 0) return false;
      *unit = *unit << 4 | digit;
    }
    return true;
  }

  std::string_view json_;
  size_t at_ = 0;
};

}  // namespace

void AppendUtf8(uint32_t character, std::string* out) {
  if (character < 0x80) {
    out->push_back(static_cast<char>(character));
    return;
  }
  int more = character < 0x800 ? 1 : character < 0x10000 ? 2 : 3;
  static constexpr uint8_t kLead[] = {0, 0xc0, 0xe0, 0xf0};
  out->push_back(static_cast<char>(kLead[more] | character >> (6 * more)));
  while (more-- > 0) out->push_back(static_cast<char>(0x80 | (character >> (6 * more) & 0x3f)));
}

size_t Utf8Length(std::string_view text) {
  if (text.empty()) return 0;
  auto at = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  uint8_t lead = at(0);
  if (lead < 0x80) return 1;
  size_t size = lead >= 0xf0 && lead < 0xf5 ? 4 : lead >= 0xe0 && lead < 0xf0 ? 3 : lead >= 0xc2 && lead < 0xe0 ? 2 : 0;
  if (size == 0 || text.size() < size) return 0;
  for (size_t i = 1; i < size; ++i) {
    if ((at(i) & 0xc0) != 0x80) return 0;
  }
  bool overlong = (lead == 0xe0 && at(1) < 0xa0) || (lead == 0xf0 && at(1) < 0x90);
  bool surrogate = lead == 0xed && at(1) >= 0xa0;
  bool too_large = lead == 0xf4 && at(1) >= 0x90;
  return overlong || surrogate || too_large ? 0 : size;
}

std::string CleanUtf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    size_t size = Utf8Length(text);
    if (size == 0) {
      out.append("\xef\xbf\xbd");
      size = 1;
    } else {
      out.append(text, 0, size);
    }
    text.remove_prefix(size);
  }
  return out;
}

void AppendJsonString(std::string_view text, std::string* out) {
  out->push_back('"');
  while (!text.empty()) {
    uint8_t c = text[0];
    size_t size = Utf8Length(text);
    if (size == 0) {
      AppendUnicodeEscape(0xdc00 + c, out);
      size = 1;
    } else if (c == '"' || c == '\\') {
      out->push_back('\\');
      out->push_back(text[0]);
    } else if (c == '\n' || c == '\t' || c == '\r') {
      out->append(c == '\n' ? "\\n" : c == '\t' ? "\\t" : "\\r");
    } else if (c < 0x20 || c == 0x7f) {
      AppendUnicodeEscape(c, out);
    } else {
      out->append(text, 0, size);
    }
    text.remove_prefix(size);
  }
  out->push_back('"');
}

std::string JsonArray(const std::vector<std::string>& items) {
  std::string out = "[";
  for (const std::string& item : items) {
    if (out.size() > 1) out.push_back(',');
    AppendJsonString(item, &out);
  }
  return out + "]";
}

std::vector<std::string> ParseJsonArray(std::string_view json) { return Parser(json).Strings(); }

}  // namespace pytrace::store
