// The fields of a row of the event view: what its cursor moves among, one by one, to filter by or to copy.
#ifndef PYTRACE_READER_TUI_ROW_FIELD_H_
#define PYTRACE_READER_TUI_ROW_FIELD_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "reader/tui/event_list.h"

namespace pytrace::reader::tui {

struct Columns;

struct RowField {
  enum class Kind : uint8_t { kNumber, kTime, kThread, kModule, kFunction, kArgument, kDuration };
  Kind kind = Kind::kFunction;
  size_t argument = 0;  // of kArgument: its place among those of the event

  friend bool operator==(const RowField&, const RowField&) = default;
};

// Those that the row has a text for and the screen a column, from left to right.
std::vector<RowField> FieldsOf(const RowText& row, const Columns& columns);
// The one of `fields` that stands for `wanted` in their row: the same, the argument nearest to it, or the function. Its
// place; that of the first one where there is none of these.
size_t PlaceOf(const std::vector<RowField>& fields, const RowField& wanted);
// The bytes of the call's text that are the field; none of them: it has a column of its own.
std::pair<size_t, size_t> BytesOf(const RowField& field, const CallText& call);
// What the event of the row has there, whole.
std::string TextOf(const RowField& field, const RowText& row);
// `module is 'shop.cart'`, `arg.sku is 'A-17'`; of amounts that hardly occur twice `duration >= 10900us` and
// `time >= '...'`. `function`: the row's, or nullptr; `processes`: there are several. Empty: the value is too long, or
// was not captured.
std::string FilterFor(const RowField& field, const RowText& row, const store::Function* function, bool processes);

}  // namespace pytrace::reader::tui

#endif  // PYTRACE_READER_TUI_ROW_FIELD_H_
