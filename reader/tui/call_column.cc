#include "reader/tui/call_column.h"

#include <algorithm>
#include <string>
#include <vector>

namespace pytrace::reader::tui {
namespace {

size_t IndentOf(const RowText& text, int outdent) {
  size_t indent = Indent(text.event);
  size_t less = static_cast<size_t>(outdent);
  return indent > less ? indent - less : 0;
}

// Of a span that begins at the byte `begin`.
Style InkOf(const Span& span, size_t begin, const RowText& text, const RowStyle& style) {
  Style ink{text.aside ? Ink::kNote : span.ink, style.focused, span.ink == Ink::kFunction && !text.aside};
  auto [from, to] = style.field == nullptr ? std::pair<size_t, size_t>() : BytesOf(*style.field, text.call);
  return begin >= from && span.end <= to ? UnderCursor(ink) : ink;
}

int DrawUnwrapped(Canvas* canvas, int row, const Columns::Column& column, const RowText& text, const RowStyle& style) {
  int skip = style.shift, at = column.x;
  at = canvas->PutFrom(row, at, column.end, &skip, std::string(IndentOf(text, style.outdent), ' '),
                       {Ink::kPlain, style.focused});
  size_t begin = 0;
  for (const Span& span : text.call.spans) {
    Style ink = InkOf(span, begin, text, style);
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
    return column.end;
  }
  return at;
}

// Calls `hit` with the bytes [begin, end) of each match, until it says false.
template <class Hit>
void ForEachHit(const query::Pattern& pattern, std::string_view text, Hit hit) {
  size_t from = 0, begin, end;
  while (pattern.Find(text, from, &begin, &end)) {
    if (end > begin && !hit(begin, end)) return;
    from = std::max(end, begin + 1);
    if (from > text.size()) return;
  }
}

// Marks a part of a text that begins at `x`, as far as it is in the column.
void MarkPart(Canvas* canvas, int row, const Columns::Column& column, int x, std::string_view text, size_t begin,
              size_t end, const RowStyle& style) {
  int left = x + TextWidth(text.substr(0, begin));
  int right = left + TextWidth(text.substr(begin, end - begin));
  for (int at = std::max(left, column.x); at < std::min(right, column.end); ++at) {
    Style* cell = &canvas->cell(row, at)->style;
    // On the focused row, which is reversed already, a match stands out by being not.
    cell->reverse = !style.focused;
    cell->bold = true;
  }
}

// A wrapped call: where its lines begin, in bytes, and by how many columns the later ones are set in.
struct Wrapping {
  std::vector<size_t> begins;
  int first_indent, indent;
  int IndentOf(size_t line) const { return line == 0 ? first_indent : indent; }
  std::string_view LineOf(size_t line, std::string_view text) const {
    size_t end = line + 1 < begins.size() ? begins[line + 1] : text.size();
    return text.substr(begins[line], end - begins[line]);
  }
};

Wrapping Wrap(const Columns::Column& column, const RowText& text, int outdent) {
  constexpr int kDeeper = 4;
  int width = std::max(1, column.width()), first = static_cast<int>(IndentOf(text, outdent));
  Wrapping wrapping{{0}, std::min(first, width / 2), std::min(first + kDeeper, width / 2)};
  std::string_view rest = text.call.text;
  int room = width - wrapping.first_indent, used = 0;
  for (size_t at = 0; at < rest.size();) {
    int columns;
    size_t bytes = FirstCharacter(rest.substr(at), &columns).size();
    if (used + columns > room && used > 0) {
      wrapping.begins.push_back(at);
      room = width - wrapping.indent;
      used = 0;
    }
    used += columns;
    at += bytes;
  }
  return wrapping;
}

// A match may go on in the next line.
void MarkWrapped(Canvas* canvas, int row, const Columns::Column& column, std::string_view text,
                 const Wrapping& wrapping, const RowStyle& style) {
  size_t lines = std::min(wrapping.begins.size(), static_cast<size_t>(style.lines)), line = 0;
  ForEachHit(*style.hits, text, [&](size_t begin, size_t end) {
    while (line < lines && wrapping.begins[line] + wrapping.LineOf(line, text).size() <= begin) ++line;
    for (size_t at = line; at < lines && wrapping.begins[at] < end; ++at) {
      std::string_view part = wrapping.LineOf(at, text);
      size_t first = wrapping.begins[at], left = std::max(begin, first) - first;
      int x = column.x + wrapping.IndentOf(at);
      MarkPart(canvas, row + static_cast<int>(at), {x, column.end}, x, part, left, std::min(end - first, part.size()),
               style);
    }
    return line < lines;
  });
}

int DrawWrapped(Canvas* canvas, int row, const Columns::Column& column, const RowText& text, const RowStyle& style) {
  Wrapping wrapping = Wrap(column, text, style.outdent);
  std::string_view all = text.call.text;
  int x = column.x;
  for (size_t line = 0; line < static_cast<size_t>(style.lines) && line < wrapping.begins.size(); ++line) {
    size_t begin = wrapping.begins[line], end = begin + wrapping.LineOf(line, all).size(), from = 0;
    x = column.x + wrapping.IndentOf(line);
    for (const Span& span : text.call.spans) {
      size_t a = std::max<size_t>(from, begin), b = std::min<size_t>(span.end, end);
      if (a < b)
        x = canvas->Put(row + static_cast<int>(line), x, column.end, all.substr(a, b - a),
                        InkOf(span, from, text, style));
      from = span.end;
    }
  }
  if (style.hits != nullptr) MarkWrapped(canvas, row, column, all, wrapping, style);
  return x;
}

}  // namespace

void MarkHits(Canvas* canvas, int row, const Columns::Column& column, int x, std::string_view text,
              const RowStyle& style) {
  ForEachHit(*style.hits, text, [&](size_t begin, size_t end) {
    MarkPart(canvas, row, column, x, text, begin, end, style);
    return true;
  });
}

int DrawCall(Canvas* canvas, int row, const Columns::Column& column, const RowText& text, const RowStyle& style) {
  return style.wrap ? DrawWrapped(canvas, row, column, text, style) : DrawUnwrapped(canvas, row, column, text, style);
}

int CallLines(const Columns& columns, const RowText& text, int outdent) {
  return static_cast<int>(Wrap(columns.call, text, outdent).begins.size());
}

int CallWidth(const RowText& text, int outdent) {
  return static_cast<int>(IndentOf(text, outdent)) + TextWidth(text.call.text);
}

}  // namespace pytrace::reader::tui
