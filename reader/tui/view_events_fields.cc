// The cursor on a field of a row: what it is on, and what is done with that.
#include <algorithm>
#include <utility>

#include "reader/printable.h"
#include "reader/tui/view_events.h"

namespace pytrace::reader::tui {

using Kind = RowField::Kind;

const RowText* EventView::Fields(std::vector<RowField>* fields, size_t* at) {
  const RowText* row = list_.rows().empty() ? nullptr : list_.TextOf(list_.focus());
  if (row == nullptr) return nullptr;
  *fields = FieldsOf(*row, LayOut(RowWidth(width_), row_options_));
  *at = PlaceOf(*fields, field_.value_or(RowField{}));
  return row;
}

bool EventView::MoveField(bool forward) {
  if (!forward && !field_) return false;
  std::vector<RowField> fields;
  size_t at;
  if (Fields(&fields, &at) == nullptr || fields.empty()) return false;
  if (field_) at = (at + (forward ? 1 : fields.size() - 1)) % fields.size();
  ChooseField(fields[at]);
  return true;
}

bool EventView::GoToField(int64_t number) {
  std::vector<RowField> fields;
  size_t at;
  if (Fields(&fields, &at) == nullptr || fields.empty()) return false;
  ChooseField(fields[std::min(fields.size(), static_cast<size_t>(number)) - 1]);
  return true;
}

void EventView::ChooseField(const RowField& field) {
  field_ = field;
  std::vector<RowField> fields;
  size_t at;
  const RowText* row = Fields(&fields, &at);
  if (row == nullptr || fields.empty()) return;
  auto [begin, end] = BytesOf(fields[at], row->call);
  if (end > begin) ShowBytes(*row, begin, end);
}

std::optional<std::string> EventView::FieldFilter() {
  std::vector<RowField> fields;
  size_t at;
  const RowText* row = field_ ? Fields(&fields, &at) : nullptr;
  if (row == nullptr || fields.empty()) return std::nullopt;
  const store::Function* function = window_->database()->catalog().function(Focus().function);
  return FilterFor(fields[at], *row, function, row_options_.processes);
}

std::string EventView::FieldStatus() {
  std::optional<std::string> filter = FieldFilter();
  if (!filter) return "";
  return filter->empty() ? "C copies; the value is too long, or was not captured"
                         : "+ only  \\ without  C copies: " + Printable(*filter);
}

// Chooses the column's field; of one that is chosen already, what else it can: another format of the time, no
// durations.
void EventView::ClickHeader(int column) {
  Columns columns = LayOut(RowWidth(width_), row_options_);
  for (Kind kind : {Kind::kNumber, Kind::kTime, Kind::kThread, Kind::kModule, Kind::kFunction, Kind::kDuration}) {
    Columns::Column place = ColumnOf({kind, 0}, columns);
    if (!place.shown() || column < place.x || column >= place.end) continue;
    bool chosen = field_ && field_->kind == kind;
    if (!chosen) return ChooseField({kind, 0});
    if (kind == Kind::kTime) Toggle(Action::kTimeFormat);
    if (kind == Kind::kDuration) Toggle(Action::kDurations);
  }
}

// The first click chooses the row, another one in it the field.
void EventView::ClickRow(int row, int column) {
  bool again = row == list_.focus();
  list_.FocusRow(row);
  std::vector<RowField> fields;
  size_t at;
  const RowText* text = again ? Fields(&fields, &at) : nullptr;
  if (text == nullptr) return;
  Columns columns = LayOut(RowWidth(width_), row_options_);
  int indent = std::max(0, static_cast<int>(Indent(text->event)) - style_.outdent);
  for (const RowField& field : fields) {
    auto [begin, end] = BytesOf(field, text->call);
    Columns::Column place = ColumnOf(field, columns);
    if (end > begin) {
      std::string_view call = text->call.text;
      int x = place.x + indent - style_.shift + TextWidth(call.substr(0, begin));
      if (style_.wrap || column < x || column >= x + TextWidth(call.substr(begin, end - begin))) continue;
    }
    if (column >= place.x && column < place.end) return ChooseField(field);
  }
}

}  // namespace pytrace::reader::tui
