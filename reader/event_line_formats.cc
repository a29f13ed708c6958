// The lines that go into pipes and files: text, classic, csv, jsonl.
#include <algorithm>
#include <cstdio>
#include <iterator>
#include <string_view>
#include <utility>

#include "reader/event_line.h"

namespace pytrace::reader {
namespace {

using store::EventKind;

constexpr int64_t kSecond = 1'000'000'000;

void Pad(std::string_view text, size_t width, std::string* out) {
  out->append(text);
  if (text.size() < width) out->append(width - text.size(), ' ');
}

void AppendNumber(int64_t number, std::string* out) { out->append(std::to_string(number)); }

// The call column of text lines, without spans.
void AppendCall(const EventText& event, std::string* out) {
  thread_local CallText call;
  MakeCallText(event, &call);
  out->append(Indent(event), ' ');
  out->append(call.text);
}

// At most `size` bytes, whole characters.
std::string_view Cut(std::string_view text, size_t size) {
  if (text.size() <= size) return text;
  while (size > 0 && (text[size] & 0xc0) == 0x80) --size;
  return text.substr(0, size);
}

void AppendRight(std::string_view text, size_t width, std::string* out) {
  if (text.size() < width) out->append(width - text.size(), ' ');
  out->append(text);
}

void AppendField(std::string_view text, char separator, std::string* out) {
  if (separator == '\t') {
    out->append(text);
    return;
  }
  if (text.find_first_of("\",\n\r") == std::string_view::npos) {
    out->append(text);
    return;
  }
  out->push_back('"');
  for (char c : text) {
    if (c == '"') out->push_back('"');
    out->push_back(c);
  }
  out->push_back('"');
}

void AppendJsonKey(std::string_view key, std::string* out) {
  out->append(out->back() == '{' ? "" : ", ");
  AppendJsonString(key, out);
  out->append(": ");
}

// Seconds since the epoch with all their digits; a double would lose the last ones.
void AppendSeconds(int64_t time_ns, std::string* out) {
  char text[40];
  snprintf(text, sizeof text, "%lld.%09lld", static_cast<long long>(time_ns / kSecond),
           static_cast<long long>(time_ns % kSecond));
  out->append(text);
}

// Of the 16 that every terminal has.
const char* ColorOf(Ink ink) {
  switch (ink) {
    case Ink::kTime:
      return "34";
    case Ink::kFunction:
      return "1;34";
    case Ink::kThread:
    case Ink::kValue:
      return "31";
    case Ink::kError:
      return "1;31";
    case Ink::kModule:
    case Ink::kName:
      return "32";
    case Ink::kType:
    case Ink::kNote:
      return "36";
    default:
      return nullptr;
  }
}

void Paint(std::string_view text, Ink ink, std::string* out) {
  const char* color = ColorOf(ink);
  if (color == nullptr) {
    out->append(text);
    return;
  }
  out->append("\033[").append(color).append("m").append(text).append("\033[0m");
}

void AppendColored(const EventText& event, std::string* out) {
  thread_local CallText call;
  std::string padded;
  Paint(event.date_time, Ink::kTime, out);
  out->push_back(' ');
  Pad(std::to_string(event.tid), 10, &padded);
  Paint(padded, Ink::kThread, out);
  padded.assign(" ");
  AppendRight(event.module, 24, &padded);
  Paint(padded, Ink::kModule, out);
  MakeCallText(event, &call);
  out->append(1 + Indent(event), ' ');
  size_t from = 0;
  for (const Span& span : call.spans) {
    Paint(std::string_view(call.text).substr(from, span.end - from), span.ink, out);
    from = span.end;
  }
  out->push_back('\n');
}

}  // namespace

void AppendText(const EventText& event, std::string* out, bool colors) {
  if (colors) return AppendColored(event, out);
  out->append(event.date_time).push_back(' ');
  Pad(std::to_string(event.tid), 10, out);
  out->push_back(' ');
  AppendRight(event.module, 24, out);
  out->push_back(' ');
  AppendCall(event, out);
  out->push_back('\n');
}

void AppendClassic(const EventText& event, std::string* out) {
  size_t point = event.date_time.rfind('.');
  std::string time = event.date_time.substr(0, point) + ",0" + event.date_time.substr(point);
  Pad(time, 28, out);
  out->push_back(' ');
  Pad(std::to_string(event.tid).substr(0, 11), 11, out);
  out->push_back(' ');
  AppendRight(Cut(event.module, 24), 24, out);
  out->push_back(' ');
  if (event.kind == EventKind::kLost) {
    out->append("Traces lost. Consider excluding hot modules or functions.");
  } else {
    AppendCall(event, out);
  }
  out->push_back('\n');
}

const char* const kFieldNames[kFieldCount] = {"time", "kind",  "pid",     "tid",         "thread",   "depth",
                                              "module", "func", "call_id", "duration_ns", "arguments"};

namespace {

void AppendArguments(const EventText& event, char separator, std::string* out) {
  std::string arguments = event.note;
  for (const ArgumentText& argument : event.arguments()) {
    arguments.append(arguments.empty() ? "" : ", ")
        .append(argument.name)
        .append(" = ")
        .append(argument.type)
        .append(": ")
        .append(argument.value);
  }
  AppendField(arguments, separator, out);
}

void AppendField(const EventText& event, int field, char separator, std::string* out) {
  switch (field) {
    case 0:
      return AppendSeconds(event.time_ns, out);
    case 1:
      out->append(store::KindName(event.kind));
      return;
    case 2:
      return AppendNumber(event.pid, out);
    case 3:
      return AppendNumber(event.tid, out);
    case 4:
      return AppendField(event.thread, separator, out);
    case 5:
      return AppendNumber(event.depth, out);
    case 6:
      return AppendField(event.module, separator, out);
    case 7:
      return AppendField(event.func, separator, out);
    case 8:
      return AppendNumber(event.call_id, out);
    case 9:
      if (event.duration_ns >= 0) AppendNumber(event.duration_ns, out);
      return;
    default:
      return AppendArguments(event, separator, out);
  }
}

// All of them where none is asked for.
template <class Append>
void ForEach(const std::vector<int>& fields, char separator, std::string* out, Append&& append) {
  size_t count = fields.empty() ? kFieldCount : fields.size();
  for (size_t i = 0; i < count; ++i) {
    append(fields.empty() ? static_cast<int>(i) : fields[i]);
    out->push_back(i + 1 < count ? separator : '\n');
  }
}

}  // namespace

void AppendFields(const EventText& event, char separator, const std::vector<int>& fields, std::string* out) {
  ForEach(fields, separator, out, [&](int field) { AppendField(event, field, separator, out); });
}

void AppendHeader(char separator, const std::vector<int>& fields, std::string* out) {
  ForEach(fields, separator, out, [&](int field) { out->append(kFieldNames[field]); });
}

bool ParseFields(const std::string& text, std::vector<int>* out, std::string* error) {
  out->clear();
  for (size_t at = 0; at <= text.size();) {
    size_t end = std::min(text.find(',', at), text.size());
    std::string name = text.substr(at, end - at);
    auto found = std::find(std::begin(kFieldNames), std::end(kFieldNames), name);
    if (found == std::end(kFieldNames)) {
      *error = "there is no field '" + name + "'; there are";
      for (const char* known : kFieldNames) *error += std::string(" ") + known;
      return false;
    }
    out->push_back(static_cast<int>(found - std::begin(kFieldNames)));
    at = end + 1;
  }
  return true;
}

void AppendJsonString(std::string_view text, std::string* out) {
  out->push_back('"');
  for (char c : text) {
    if (c == '"' || c == '\\') out->push_back('\\');
    out->push_back(c);
  }
  out->push_back('"');
}

void AppendJsonl(const EventText& event, std::string* out) {
  out->push_back('{');
  AppendJsonKey("time", out);
  AppendSeconds(event.time_ns, out);
  AppendJsonKey("kind", out);
  AppendJsonString(store::KindName(event.kind), out);
  for (auto [key, number] :
       {std::pair{"pid", event.pid}, {"tid", event.tid}, {"depth", event.depth}, {"call_id", event.call_id}}) {
    AppendJsonKey(key, out);
    AppendNumber(number, out);
  }
  for (auto [key, text] : {std::pair{"thread", &event.thread}, {"module", &event.module}, {"func", &event.func}}) {
    AppendJsonKey(key, out);
    AppendJsonString(*text, out);
  }
  if (event.duration_ns >= 0) {
    AppendJsonKey("duration_ns", out);
    AppendNumber(event.duration_ns, out);
  }
  if (!event.note.empty()) {
    AppendJsonKey("text", out);
    AppendJsonString(event.note, out);
  }
  AppendJsonKey("arguments", out);
  out->push_back('[');
  bool first = true;
  for (const ArgumentText& argument : event.arguments()) {
    out->append(first ? "{" : ", {");
    first = false;
    for (auto [key, text] : {std::pair{"name", &argument.name}, {"type", &argument.type}, {"value", &argument.value}}) {
      AppendJsonKey(key, out);
      AppendJsonString(*text, out);
    }
    out->push_back('}');
  }
  out->append("]}\n");
}

}  // namespace pytrace::reader
