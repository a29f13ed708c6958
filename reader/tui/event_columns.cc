#include "reader/tui/event_columns.h"

#include <algorithm>
#include <cstdio>
#include <string_view>

#include "reader/amounts.h"

namespace pytrace::reader::tui {
namespace {

constexpr int kTidWidth = 7, kDurationWidth = 8;
constexpr std::string_view kDigits = "00:51:31.791034";  // the time without its date

// The time of day, or its seconds and milliseconds where the column is narrower.
std::string_view TimeText(const std::string& date_time, int width) {
  std::string_view time = date_time;
  if (time.size() > kDigits.size()) time.remove_prefix(time.size() - kDigits.size());
  return width >= static_cast<int>(kDigits.size()) ? time : time.substr(std::min<size_t>(6, time.size()), 6);
}

// With a sign, so that it is no time of day: `+12.000345s`, wide as one.
std::string Difference(int64_t ns) {
  constexpr int64_t kMicro = 1000, kSecond = 1'000'000;
  bool negative = ns < 0;
  uint64_t micros = (negative ? 0 - static_cast<uint64_t>(ns) : static_cast<uint64_t>(ns)) / kMicro;
  char text[48];
  snprintf(text, sizeof text, "%c%llu.%06llus", negative ? '-' : '+',
           static_cast<unsigned long long>(micros / kSecond), static_cast<unsigned long long>(micros % kSecond));
  return text;
}

size_t IndentOf(const RowText& text, int outdent) {
  size_t indent = Indent(text.event);
  size_t less = static_cast<size_t>(outdent);
  return indent > less ? indent - less : 0;
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

// Marks the matches of a column's text that begins at `x`, where `x` may be left of the column.
void MarkHits(Canvas* canvas, int row, const Columns::Column& column, int x, std::string_view text,
              const RowStyle& style) {
  size_t from = 0, begin, end;
  while (style.hits->Find(text, from, &begin, &end)) {
    if (end > begin) {
      int left = x + TextWidth(text.substr(0, begin));
      int right = left + TextWidth(text.substr(begin, end - begin));
      for (int at = std::max(left, column.x); at < std::min(right, column.end); ++at) {
        Style* cell = &canvas->cell(row, at)->style;
        // On the focused row, which is reversed already, a match stands out by being not.
        cell->reverse = !style.focused;
        cell->bold = true;
      }
    }
    from = std::max(end, begin + 1);
    if (from > text.size()) return;
  }
}

void DrawCall(Canvas* canvas, int row, const Columns::Column& column, const RowText& text, const RowStyle& style) {
  int skip = style.shift, at = column.x;
  at = canvas->PutFrom(row, at, column.end, &skip, std::string(IndentOf(text, style.outdent), ' '),
                       {Ink::kPlain, style.focused});
  size_t begin = 0;
  for (const Span& span : text.call.spans) {
    Style ink{span.ink, style.focused, span.ink == Ink::kFunction};
    at = canvas->PutFrom(row, at, column.end, &skip, std::string_view(text.call.text).substr(begin, span.end - begin),
                         ink);
    begin = span.end;
  }
  if (style.hits != nullptr) {
    int x = column.x - style.shift + static_cast<int>(IndentOf(text, style.outdent));
    MarkHits(canvas, row, column, x, text.call.text, style);
  }
  if (style.shift > 0) canvas->Put(row, column.x, column.end, "<", {Ink::kArrow, style.focused});
  if (CallWidth(text, style.outdent) - style.shift > column.width()) {
    int width = canvas->ascii() ? 3 : 1;
    canvas->Fill(row, std::max(column.x, column.end - width), column.end, {Ink::kArrow, style.focused});
    canvas->Put(row, std::max(column.x, column.end - width), column.end, canvas->Ellipsis(),
                {Ink::kArrow, style.focused});
  }
}

bool IsEnd(store::EventKind kind) {
  return kind == store::EventKind::kReturn || kind == store::EventKind::kException || kind == store::EventKind::kYield;
}

}  // namespace

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
  take(&columns.time, width >= 40 ? static_cast<int>(kDigits.size()) : 6);
  if (options.threads_and_modules && width >= 62) take(&columns.tid, kTidWidth);
  if (options.threads_and_modules && width >= 46) take(&columns.module, std::clamp(width / 6, 8, 24));
  int end = width;
  if (options.durations && width >= 74) {
    columns.duration = {width - kDurationWidth, width};
    end = width - kDurationWidth - 1;
  }
  columns.call = {x, std::max(x, end)};
  return columns;
}

void DrawHeader(Canvas* canvas, int row, const Columns& columns, int outdent, TimeFormat time) {
  Style style{Ink::kNote, false, false, true};
  canvas->Fill(row, 0, columns.end, style);
  static constexpr const char* kTimes[] = {"TIME", "SINCE START", "SINCE BEFORE", "SINCE MARK"};
  if (columns.number.shown()) PutRight(canvas, row, columns.number, "CALL", style);
  canvas->Put(row, columns.time.x, columns.time.end, kTimes[static_cast<int>(time)], style);
  if (columns.tid.shown()) canvas->Put(row, columns.tid.x, columns.tid.end, "TID", style);
  if (columns.module.shown()) PutRight(canvas, row, columns.module, "MODULE", style);
  std::string call = outdent > 0 ? "CALL from depth " + std::to_string(outdent) : "CALL";
  canvas->Put(row, columns.call.x + 3, columns.call.end, call, style);
  if (columns.duration.shown()) PutRight(canvas, row, columns.duration, "DURATION", style);
}

void DrawRow(Canvas* canvas, int row, const Columns& columns, const RowText& text, const RowStyle& style) {
  const EventText& event = text.event;
  canvas->Fill(row, 0, columns.end, {Ink::kPlain, style.focused});
  std::string_view time = TimeText(event.date_time, columns.time.width());
  if (style.time == TimeFormat::kClock) {
    canvas->Put(row, columns.time.x, columns.time.end, time, {Ink::kTime, style.focused});
  } else if (style.zero_ns >= 0) {
    PutRight(canvas, row, columns.time, Difference(event.time_ns - style.zero_ns), {Ink::kTime, style.focused});
  }
  if (columns.number.shown() && event.call_id > 0)
    PutRight(canvas, row, columns.number, std::to_string(event.call_id), {Ink::kNote, style.focused});
  std::string tid = std::to_string(event.tid);
  if (columns.tid.shown()) canvas->Put(row, columns.tid.x, columns.tid.end, tid, {Ink::kThread, style.focused});
  if (columns.module.shown()) PutRight(canvas, row, columns.module, event.module, {Ink::kModule, style.focused});
  DrawCall(canvas, row, columns.call, text, style);
  if (columns.duration.shown() && IsEnd(event.kind) && event.duration_ns >= 0) {
    // As uftrace has it: what took milliseconds stands out from what took less, seconds more so.
    Ink ink = event.duration_ns >= 1'000'000'000 ? Ink::kError : event.duration_ns >= 1'000'000 ? Ink::kTime : Ink::kNote;
    PutRight(canvas, row, columns.duration, DurationText(event.duration_ns, canvas->ascii()), {ink, style.focused});
  }
  if (style.partner) {
    for (int at = columns.call.x; at < columns.call.end; ++at) canvas->cell(row, at)->style.underline = true;
  }
  if (style.hits == nullptr) return;
  if (style.time == TimeFormat::kClock) MarkHits(canvas, row, columns.time, columns.time.x, time, style);
  if (columns.tid.shown()) MarkHits(canvas, row, columns.tid, columns.tid.x, tid, style);
  if (columns.module.shown())
    MarkHits(canvas, row, columns.module, columns.module.end - TextWidth(event.module), event.module, style);
}

int CallWidth(const RowText& text, int outdent) {
  return static_cast<int>(IndentOf(text, outdent)) + TextWidth(text.call.text);
}

}  // namespace pytrace::reader::tui
