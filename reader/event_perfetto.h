// Events as the JSON that Perfetto and chrome://tracing open: a slice for each call, an instant for a log or a loss.
#ifndef PYTRACE_READER_EVENT_PERFETTO_H_
#define PYTRACE_READER_EVENT_PERFETTO_H_

#include <string>

#include "reader/event_line.h"

namespace pytrace::reader {

void AppendPerfettoBegin(std::string* out);
void AppendPerfetto(const EventText& event, bool first, std::string* out);
void AppendPerfettoEnd(std::string* out);

}  // namespace pytrace::reader

#endif  // PYTRACE_READER_EVENT_PERFETTO_H_
