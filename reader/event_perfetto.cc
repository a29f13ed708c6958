#include "reader/event_perfetto.h"

#include <cstdio>
#include <string_view>

#include "reader/printable.h"

namespace pytrace::reader {
namespace {

using store::EventKind;

const char* PhaseOf(EventKind kind) {
  switch (kind) {
    case EventKind::kCall:
    case EventKind::kResume:
      return "B";
    case EventKind::kLog:
    case EventKind::kLost:
      return "i";
    default:
      return "E";
  }
}

}  // namespace

void AppendPerfettoBegin(std::string* out) { out->append("{\"displayTimeUnit\": \"ns\", \"traceEvents\": [\n"); }
void AppendPerfettoEnd(std::string* out) { out->append("\n]}\n"); }

void AppendPerfetto(const EventText& event, bool first, std::string* out) {
  char numbers[160];
  // Microseconds, with the nanoseconds as their fraction.
  snprintf(numbers, sizeof numbers, "\"ph\": \"%s\", \"ts\": %lld.%03d, \"pid\": %lld, \"tid\": %lld",
           PhaseOf(event.kind), static_cast<long long>(event.time_ns / 1000), static_cast<int>(event.time_ns % 1000),
           static_cast<long long>(event.pid), static_cast<long long>(event.tid));
  out->append(first ? "{" : ",\n{").append(numbers);
  bool note = event.kind == EventKind::kLog || event.kind == EventKind::kLost;
  out->append(", \"name\": ");
  AppendJsonString(note ? event.note : event.func, out);
  out->append(", \"cat\": ");
  AppendJsonString(event.module.empty() ? store::KindName(event.kind) : std::string_view(event.module), out);
  if (note) out->append(", \"s\": \"t\"");
  out->append(", \"args\": {");
  bool first_argument = true;
  for (const ArgumentText& argument : event.arguments()) {
    if (!first_argument) out->append(", ");
    first_argument = false;
    AppendJsonString(argument.name, out);
    out->append(": ");
    AppendJsonString(argument.value, out);
  }
  out->append("}}");
}

}  // namespace pytrace::reader
