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

const char* const kFieldNames[kFieldCount] = {"time",   "kind", "pid",     "tid",         "thread",   "depth",
                                              "module", "func", "call_id", "duration_ns", "arguments"};

namespace {

// The places of these names.
enum class Field { kTime, kKind, kPid, kTid, kThread, kDepth, kModule, kFunc, kCall, kDuration, kArguments };

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

void AppendField(const EventText& event, Field field, char separator, std::string* out) {
  switch (field) {
    case Field::kTime:
      return AppendSeconds(event.time_ns, out);
    case Field::kKind:
      out->append(store::KindName(event.kind));
      return;
    case Field::kPid:
      return AppendNumber(event.pid, out);
    case Field::kTid:
      return AppendNumber(event.tid, out);
    case Field::kThread:
      return AppendField(event.thread, separator, out);
    case Field::kDepth:
      return AppendNumber(event.depth, out);
    case Field::kModule:
      return AppendField(event.module, separator, out);
    case Field::kFunc:
      return AppendField(event.func, separator, out);
    case Field::kCall:
      return AppendNumber(event.call_id, out);
    case Field::kDuration:
      if (event.duration_ns >= 0) AppendNumber(event.duration_ns, out);
      return;
    case Field::kArguments:
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
  ForEach(fields, separator, out, [&](int field) { AppendField(event, static_cast<Field>(field), separator, out); });
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

namespace {

void AppendJsonArguments(const EventText& event, std::string* out) {
  if (!event.note.empty()) {
    AppendJsonKey("text", out);
    AppendJsonString(event.note, out);
  }
  AppendJsonKey("arguments", out);
  out->append("[");
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
  out->push_back(']');
}

void AppendJsonField(const EventText& event, Field field, std::string* out) {
  if (field == Field::kArguments) return AppendJsonArguments(event, out);
  if (field == Field::kDuration && event.duration_ns < 0) return;
  AppendJsonKey(kFieldNames[static_cast<size_t>(field)], out);
  switch (field) {
    case Field::kKind:
      return AppendJsonString(store::KindName(event.kind), out);
    case Field::kThread:
      return AppendJsonString(event.thread, out);
    case Field::kModule:
      return AppendJsonString(event.module, out);
    case Field::kFunc:
      return AppendJsonString(event.func, out);
    default:
      AppendField(event, field, ',', out);  // a number
  }
}

}  // namespace

void AppendJsonl(const EventText& event, const std::vector<int>& fields, std::string* out) {
  static constexpr Field kAll[] = {Field::kTime,  Field::kKind,     Field::kPid,      Field::kTid,
                                   Field::kDepth, Field::kCall,     Field::kThread,   Field::kModule,
                                   Field::kFunc,  Field::kDuration, Field::kArguments};
  out->push_back('{');
  if (fields.empty()) {
    for (Field field : kAll) AppendJsonField(event, field, out);
  }
  for (int field : fields) AppendJsonField(event, static_cast<Field>(field), out);
  out->append("}\n");
}

// The columns of text lines, and others as wide as what they mostly hold; the last one ends where its text does.
void AppendTextFields(const EventText& event, const std::vector<int>& fields, std::string* out) {
  static constexpr size_t kWidths[kFieldCount] = {26, 9, 7, 10, 16, 5, 24, 24, 9, 12, 40};
  std::string text;
  for (size_t i = 0; i < fields.size(); ++i) {
    Field field = static_cast<Field>(fields[i]);
    text.clear();
    if (field == Field::kTime) {
      text = event.date_time;
    } else {
      AppendField(event, field, '\t', &text);
    }
    bool last = i + 1 == fields.size(), right = field == Field::kDepth || field == Field::kModule ||
                                                field == Field::kCall || field == Field::kDuration;
    if (right) {
      AppendRight(text, kWidths[static_cast<size_t>(field)], out);
    } else {
      Pad(text, last ? 0 : kWidths[static_cast<size_t>(field)], out);
    }
    if (!last) out->push_back(' ');
  }
  out->erase(out->find_last_not_of(' ') + 1);
  out->push_back('\n');
}

}  // namespace pytrace::reader
