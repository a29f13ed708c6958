// Numbers and strings as Python's repr prints them.
#ifndef PYTRACE_RINGBUF_RECORD_PYTHON_TEXT_H_
#define PYTRACE_RINGBUF_RECORD_PYTHON_TEXT_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace pytrace::record {

void AppendInt(int64_t value, std::string* out);
void AppendHex(uint64_t value, std::string* out);  // without 0x
void AppendFloat(double value, std::string* out);
void AppendComplex(double real, double imag, std::string* out);

// `digits`: little-endian uint32 in base 2^30, lowest first; `cut` lower ones are missing, then the text is its leading
// hexadecimal digits. So is that of a whole number of more digits than Python itself turns into decimal.
void AppendBigInt(bool negative, std::string_view digits, uint64_t cut, std::string* out);

// `text`: UTF-8, lone surrogates as three bytes each; bytes that are neither print as the surrogates of Python's
// surrogateescape.
void AppendStr(std::string_view text, bool cut, std::string* out);
void AppendBytes(std::string_view bytes, bool cut, std::string* out);
// Python 2's str of bytes and its unicode (UTF-8 as above), both ASCII in print.
void AppendNativeStr(std::string_view bytes, bool cut, std::string* out);
void AppendUnicode(std::string_view text, bool cut, std::string* out);

}  // namespace pytrace::record

#endif  // PYTRACE_RINGBUF_RECORD_PYTHON_TEXT_H_
