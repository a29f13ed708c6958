#include "reader/tui/event_columns.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string_view>

#include "reader/amounts.h"
#include "reader/tui/call_column.h"

namespace pytrace::reader::tui {
namespace {

constexpr int kTidWidth = 7, kThreadWidth = 15, kSinceStartWidth = 9, kDurationWidth = 8, kIsoWidth = 26;
constexpr std::string_view kDigits = "00:51:31.791034";  // the time without its date

// The time of day, or its seconds and milliseconds where the column is narrower.
std::string_view TimeText(const std::string& date_time, int width) {
  std::string_view time = date_time;
  if (time.size() > kDigits.size()) time.remove_prefix(time.size() - kDigits.size());
  return width >= static_cast<int>(kDigits.size()) ? time : time.substr(std::min<size_t>(6, time.size()), 6);
}

// The same, short: as many decimals as there is room for.
std::string ShortDifference(int64_t ns) {
  double seconds = static_cast<double>(ns) / 1e9;
  int digits = std::snprintf(nullptr, 0, "%.0f", std::abs(seconds));
  char text[48];
  snprintf(text, sizeof text, "%+.*fs", std::clamp(6 - digits, 0, 4), seconds);
  return text;
}

// A thread's number, with its process' where there are several.
std::string ThreadText(const EventText& event, bool processes) {
  return (processes ? std::to_string(event.pid) + ":" : "") + std::to_string(event.tid);
}

// What of a module's name fits: its last part, before a piece of it. A file's name stays whole.
std::string_view ModuleText(std::string_view module, int width) {
  while (TextWidth(module) > width) {
    size_t dot = module.find('.');
    if (dot == std::string_view::npos || module.substr(dot) == ".py") break;
    module.remove_prefix(dot + 1);
  }
  return module;
}

// Right-aligned; of a text too long its end, which tells more of a module's name.
void PutRight(Canvas* canvas, int row, const Columns::Column& column, std::string_view text, Style style) {
  int width = TextWidth(text);
  if (width <= column.width()) {
    canvas->Put(row, column.end - width, column.end, text, style);
    return;
  }
  int at = canvas->Put(row, column.x, column.end, canvas->Ellipsis(), style);
  int skip = width - (column.end - at);
  canvas->PutFrom(row, at, column.end, &skip, text, style);
}

}  // namespace

Style UnderCursor(Style style) { return {style.ink, false, true, true}; }

Columns LayOut(int width, const RowOptions& options) {
  Columns columns;
  columns.end = width;
  int x = 0;
  auto take = [&](Columns::Column* column, int size) {
    column->x = x;
    column->end = x + size;
    x += size + 1;
  };
  if (options.number_width > 0 && width >= 40 + options.number_width) take(&columns.number, options.number_width);
  bool iso = options.time == TimeFormat::kIso && width >= 74;
  take(&columns.time, iso ? kIsoWidth : width >= 40 ? static_cast<int>(kDigits.size()) : 6);
  if (options.since_start && options.time != TimeFormat::kSinceStart && width >= 120)
    take(&columns.since_start, kSinceStartWidth);
  columns.processes = options.processes && width >= 90;
  if (options.threads_and_modules && width >= 62) take(&columns.thread, columns.processes ? kThreadWidth : kTidWidth);
  if (options.threads_and_modules && width >= 46) take(&columns.module, std::clamp(width / 6, 8, 24));
  int end = width;
  if (options.durations && width >= 74) {
    columns.duration = {width - kDurationWidth, width};
    end = width - kDurationWidth - 1;
  }
  columns.call = {x, std::max(x, end)};
  return columns;
}

Columns::Column ColumnOf(const RowField& field, const Columns& columns) {
  switch (field.kind) {
    case RowField::Kind::kNumber:
      return columns.number;
    case RowField::Kind::kTime:
      return columns.time;
    case RowField::Kind::kThread:
      return columns.thread;
    case RowField::Kind::kModule:
      return columns.module;
    case RowField::Kind::kDuration:
      return columns.duration;
    case RowField::Kind::kFunction:
    case RowField::Kind::kArgument:
      break;
  }
  return columns.call;
}

void DrawHeader(Canvas* canvas, int row, const Columns& columns, int outdent, TimeFormat time) {
  Style style{Ink::kNote, false, false, true};
  canvas->Fill(row, 0, columns.end, style);
  static constexpr const char* kTimes[] = {"TIME", "SINCE START", "SINCE BEFORE", "SINCE MARK", "TIME"};
  if (columns.number.shown()) PutRight(canvas, row, columns.number, "CALL", style);
  canvas->Put(row, columns.time.x, columns.time.end, kTimes[static_cast<int>(time)], style);
  if (columns.since_start.shown()) PutRight(canvas, row, columns.since_start, "+REL", style);
  if (columns.thread.shown())
    canvas->Put(row, columns.thread.x, columns.thread.end, columns.processes ? "PID:TID" : "TID", style);
  if (columns.module.shown()) PutRight(canvas, row, columns.module, "MODULE", style);
  std::string call = outdent > 0 ? "CALL from depth " + std::to_string(outdent) : "CALL";
  canvas->Put(row, columns.call.x + 3, columns.call.end, call, style);
  if (columns.duration.shown()) PutRight(canvas, row, columns.duration, "DURATION", style);
}

void DrawRow(Canvas* canvas, int row, const Columns& columns, const RowText& text, const RowStyle& style) {
  const EventText& event = text.event;
  auto ink = [&](Ink one) { return Style{text.aside ? Ink::kNote : one, style.focused}; };
  for (int line = 0; line < style.lines; ++line) canvas->Fill(row + line, 0, columns.end, {Ink::kPlain, style.focused});
  std::string iso = columns.time.width() >= kIsoWidth ? IsoTime(event.date_time) : "";
  std::string_view time = iso.empty() ? TimeText(event.date_time, columns.time.width()) : std::string_view(iso);
  bool absolute = style.time == TimeFormat::kClock || style.time == TimeFormat::kIso;
  if (absolute) {
    canvas->Put(row, columns.time.x, columns.time.end, time, ink(Ink::kTime));
  } else if (style.zero_ns >= 0) {
    PutRight(canvas, row, columns.time, DifferenceText(event.time_ns - style.zero_ns), ink(Ink::kTime));
  }
  if (columns.number.shown() && event.call_id > 0)
    PutRight(canvas, row, columns.number, std::to_string(event.call_id), ink(Ink::kNote));
  if (columns.since_start.shown())
    PutRight(canvas, row, columns.since_start, ShortDifference(event.time_ns - style.start_ns), ink(Ink::kNote));
  std::string thread = ThreadText(event, columns.processes);
  std::string_view module = ModuleText(event.module, columns.module.width());
  if (columns.thread.shown())
    canvas->Put(row, columns.thread.x, columns.thread.end, thread,
                ink(style.threads ? InkOfThread(event.tid) : Ink::kThread));
  if (columns.module.shown()) PutRight(canvas, row, columns.module, module, ink(Ink::kModule));
  int end = DrawCall(canvas, row, columns.call, text, style);
  if (style.durations && IsEnd(event.kind) && event.duration_ns >= 0) {
    // As uftrace has it: what took milliseconds stands out from what took less, seconds more so.
    Ink how_long = event.duration_ns >= 1'000'000'000 ? Ink::kError
                   : event.duration_ns >= 1'000'000   ? Ink::kTime
                                                      : Ink::kNote;
    std::string duration = DurationText(event.duration_ns, canvas->ascii());
    if (columns.duration.shown()) {
      PutRight(canvas, row, columns.duration, duration, ink(how_long));
    } else if (end + 2 + TextWidth(duration) <= columns.call.end) {
      canvas->Put(row + style.lines - 1, end + 2, columns.call.end, duration, ink(how_long));
    }
  }
  if (style.field != nullptr && BytesOf(*style.field, text.call).second == 0) {
    Columns::Column column = ColumnOf(*style.field, columns);
    for (int at = column.x; at < column.end; ++at) {
      Style* cell = &canvas->cell(row, at)->style;
      *cell = UnderCursor(*cell);
    }
  }
  if (style.partner) {
    for (int at = columns.call.x; at < columns.call.end; ++at) canvas->cell(row, at)->style.underline = true;
  }
  if (style.hits == nullptr) return;
  if (absolute) MarkHits(canvas, row, columns.time, columns.time.x, time, style);
  if (columns.thread.shown()) MarkHits(canvas, row, columns.thread, columns.thread.x, thread, style);
  if (columns.module.shown())
    MarkHits(canvas, row, columns.module, columns.module.end - TextWidth(module), module, style);
}

}  // namespace pytrace::reader::tui
