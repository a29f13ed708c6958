// Wheel and clicks: where they are decides what they do.
#include "reader/tui/application.h"

namespace pytrace::reader::tui {
namespace {

constexpr int64_t kWheelRows = 3;

bool Inside(Area area, int row) { return row >= area.top && row < area.bottom; }

}  // namespace

void Application::Point(Key key) {
  if (prompt_kind_ != PromptKind::kNone) return;
  MouseKind kind = MouseKindOf(key);
  int row = MouseRow(key), column = MouseColumn(key);
  bool beside = details_beside();
  bool in_view = Inside(Body(), row) && (!beside || column < ViewWidth());
  bool in_details = Inside(DetailsArea(), row) && (!beside || column > ViewWidth());
  if (kind == MouseKind::kClick) {
    if (in_view) {
      in_details_ = false;
      view()->Click(row - Body().top, column);
      Take(view()->TakeRequest());
    } else if (in_details) {
      in_details_ = true;
    }
    return;
  }
  int64_t rows = kind == MouseKind::kWheelUp ? -kWheelRows : kWheelRows;
  if (in_details) return details_.Scroll(rows);
  if (in_view) view()->Do(rows < 0 ? Action::kUp : Action::kDown, kWheelRows);
}

}  // namespace pytrace::reader::tui
