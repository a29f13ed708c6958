#include "reader/printable.h"

#include <cstdint>
#include <cstdio>

#include "ringbuf/record/printable.h"

namespace pytrace::reader {
namespace {

bool as_it_is = false;

size_t PlainPrefix(std::string_view text) {
  size_t n = 0;
  while (n < text.size() && text[n] >= 0x20 && text[n] < 0x7f) ++n;
  return n;
}

// Length of the well-formed UTF-8 sequence at the start of `text`, 0: there is none.
size_t Decode(std::string_view text, uint32_t* code) {
  uint8_t lead = static_cast<uint8_t>(text[0]);
  size_t length = lead < 0x80                   ? 1
                  : lead >= 0xc2 && lead < 0xe0 ? 2
                  : (lead & 0xf0) == 0xe0       ? 3
                  : lead >= 0xf0 && lead < 0xf5 ? 4
                                                : 0;
  if (length == 0 || length > text.size()) return 0;
  *code = length == 1 ? lead : lead & (0x7f >> length);
  for (size_t i = 1; i < length; ++i) {
    uint8_t next = static_cast<uint8_t>(text[i]);
    if ((next & 0xc0) != 0x80) return 0;
    *code = *code << 6 | (next & 0x3f);
  }
  static constexpr uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  bool surrogate = *code >= 0xd800 && *code < 0xe000;
  return *code < kSmallest[length] || surrogate || *code > 0x10ffff ? 0 : length;
}

void AppendEscape(uint32_t code, std::string* out) {
  char text[16];
  const char* format = code < 0x100 ? "\\x%02x" : code < 0x10000 ? "\\u%04x" : "\\U%08x";
  snprintf(text, sizeof text, format, code);
  out->append(text);
}

}  // namespace

void TakeTextAsItIs(bool wanted) { as_it_is = wanted; }

void AppendPrintable(std::string_view text, std::string* out) {
  if (as_it_is) {
    out->append(text);
    return;
  }
  while (!text.empty()) {
    size_t plain = PlainPrefix(text);
    out->append(text.substr(0, plain));
    text.remove_prefix(plain);
    if (text.empty()) return;
    uint32_t code = 0;
    size_t length = Decode(text, &code);
    if (length == 0) {
      AppendEscape(static_cast<uint8_t>(text[0]), out);
      length = 1;
    } else if (record::IsPrintable(code)) {
      out->append(text.substr(0, length));
    } else {
      AppendEscape(code, out);
    }
    text.remove_prefix(length);
  }
}

void MakePrintable(size_t from, std::string* out) {
  if (as_it_is) return;
  std::string_view added = std::string_view(*out).substr(from);
  if (PlainPrefix(added) == added.size()) return;
  std::string copy(added);
  out->resize(from);
  AppendPrintable(copy, out);
}

}  // namespace pytrace::reader
