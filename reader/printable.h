// Text of a traced program made safe to print: no control character, no invalid UTF-8, no invisible direction mark
// reaches a terminal or a file.
#ifndef PYTRACE_READER_PRINTABLE_H_
#define PYTRACE_READER_PRINTABLE_H_

#include <string>
#include <string_view>

namespace pytrace::reader {

// Appends `text`; what Python's repr would escape (but for quotes and backslashes) comes as \x1b, \u202e ..., bytes
// that are no UTF-8 as \xNN.
void AppendPrintable(std::string_view text, std::string* out);
inline std::string Printable(std::string_view text) {
  std::string out;
  AppendPrintable(text, &out);
  return out;
}
// From now on AppendPrintable takes text as it is, whatever it does to a terminal.
void TakeTextAsItIs(bool wanted);
// The same for text that is in *out from `from` on.
void MakePrintable(size_t from, std::string* out);

}  // namespace pytrace::reader

#endif  // PYTRACE_READER_PRINTABLE_H_
