#include "reader/tui/row_field.h"

#include <algorithm>

#include "reader/amounts.h"
#include "reader/query/suggest.h"
#include "reader/tui/event_columns.h"
#include "reader/tui/filter_text.h"

namespace pytrace::reader::tui {
namespace {

using Kind = RowField::Kind;

// In the largest unit of the filter language that has no fraction.
std::string ExactDuration(int64_t ns) {
  for (auto [unit, name] : {std::pair{1'000'000'000, "s"}, {1'000'000, "ms"}, {1'000, "us"}}) {
    if (ns > 0 && ns % unit == 0) return std::to_string(ns / unit) + name;
  }
  return std::to_string(ns) + "ns";
}

}  // namespace

std::vector<RowField> FieldsOf(const RowText& row, const Columns& columns) {
  std::vector<RowField> fields;
  auto add = [&](Kind kind, bool there) {
    if (there) fields.push_back({kind, 0});
  };
  add(Kind::kNumber, columns.number.shown() && row.event.call_id > 0);
  add(Kind::kTime, columns.time.shown());
  add(Kind::kThread, columns.thread.shown());
  add(Kind::kModule, columns.module.shown() && !row.event.module.empty());
  add(Kind::kFunction, row.call.function.end > row.call.function.begin);
  for (const CallText::Part& part : row.call.arguments) fields.push_back({Kind::kArgument, part.argument});
  add(Kind::kDuration, columns.duration.shown() && IsEnd(row.event.kind) && row.event.duration_ns >= 0);
  return fields;
}

size_t PlaceOf(const std::vector<RowField>& fields, const RowField& wanted) {
  size_t function = 0, argument = fields.size();
  for (size_t i = 0; i < fields.size(); ++i) {
    if (fields[i] == wanted) return i;
    if (fields[i].kind == Kind::kFunction) function = i;
    if (fields[i].kind == Kind::kArgument && fields[i].argument <= wanted.argument) argument = i;
  }
  return wanted.kind == Kind::kArgument && argument < fields.size() ? argument : function;
}

std::pair<size_t, size_t> BytesOf(const RowField& field, const CallText& call) {
  if (field.kind == Kind::kFunction) return {call.function.begin, call.function.end};
  if (field.kind != Kind::kArgument) return {0, 0};
  for (const CallText::Part& part : call.arguments) {
    if (part.argument == field.argument) return {part.begin, part.end};
  }
  return {0, 0};
}

std::string TextOf(const RowField& field, const RowText& row) {
  const EventText& event = row.event;
  switch (field.kind) {
    case Kind::kNumber:
      return std::to_string(event.call_id);
    case Kind::kTime:
      return event.date_time;
    case Kind::kThread:
      return std::to_string(event.tid);
    case Kind::kModule:
      return event.module;
    case Kind::kFunction:
      return event.func;
    case Kind::kArgument:
      return field.argument < event.argument_count ? event.arguments()[field.argument].value : "";
    case Kind::kDuration:
      return ExactDuration(event.duration_ns);
  }
  return "";
}

std::string FilterFor(const RowField& field, const RowText& row, const store::Function* function, bool processes) {
  const EventText& event = row.event;
  std::string text = TextOf(field, row);
  switch (field.kind) {
    case Kind::kNumber:
      return "id == " + text;
    case Kind::kTime:
      return "time >= '" + text + "'";
    case Kind::kThread:
      return "tid == " + text + (processes ? " and pid == " + std::to_string(event.pid) : "");
    case Kind::kModule:
      return function == nullptr ? "" : "module is " + query::QuotedLiteral(function->module);
    case Kind::kFunction:
      return function == nullptr ? "" : "func is " + query::QuotedLiteral(function->func);
    case Kind::kArgument:
      return field.argument < event.argument_count ? FilterFor(event.arguments()[field.argument]) : "";
    case Kind::kDuration:
      return "duration >= " + text;
  }
  return "";
}

}  // namespace pytrace::reader::tui
