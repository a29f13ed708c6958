// Code points as UTF-8.
#ifndef PYTRACE_READER_UTF8_H_
#define PYTRACE_READER_UTF8_H_

#include <cstdint>
#include <string>

namespace pytrace {

inline void AppendUtf8(uint32_t code, std::string* out) {
  if (code < 0x80) {
    out->push_back(static_cast<char>(code));
    return;
  }
  int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  static constexpr uint8_t kLead[] = {0, 0xc0, 0xe0, 0xf0};
  out->push_back(static_cast<char>(kLead[more] | code >> (6 * more)));
  while (more-- > 0) out->push_back(static_cast<char>(0x80 | (code >> (6 * more) & 0x3f)));
}

}  // namespace pytrace

#endif  // PYTRACE_READER_UTF8_H_
