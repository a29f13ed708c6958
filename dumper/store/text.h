// Text in the database: UTF-8, and lists of strings as JSON.
#ifndef PYTRACE_DUMPER_STORE_TEXT_H_
#define PYTRACE_DUMPER_STORE_TEXT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pytrace::store {

// Length of the UTF-8 sequence that `text` begins with, 0 when there is none. Surrogates are none.
size_t Utf8Length(std::string_view text);

void AppendUtf8(uint32_t character, std::string* out);

// What is no UTF-8 becomes U+FFFD, so that every SQLite tool can read it.
std::string CleanUtf8(std::string_view text);

// ["a","b"]. Bytes that are no UTF-8 become lone surrogates, as Python's os.fsdecode has them: \udc80 is byte 0x80.
std::string JsonArray(const std::vector<std::string>& items);
void AppendJsonString(std::string_view text, std::string* out);

// The strings of a JSON array of strings; what is no such array gives those up to the damage.
std::vector<std::string> ParseJsonArray(std::string_view json);

}  // namespace pytrace::store

#endif  // PYTRACE_DUMPER_STORE_TEXT_H_
