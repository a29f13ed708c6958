// Events as a page for a browser, in the colours of the screen. Nothing of a value is markup.
#ifndef PYTRACE_READER_EVENT_HTML_H_
#define PYTRACE_READER_EVENT_HTML_H_

#include <string>

#include "reader/event_line.h"

namespace pytrace::reader {

void AppendHtmlBegin(std::string* out);
void AppendHtml(const EventText& event, std::string* out);
void AppendHtmlEnd(std::string* out);

}  // namespace pytrace::reader

#endif  // PYTRACE_READER_EVENT_HTML_H_
