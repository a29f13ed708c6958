// The filters one by one: which of them are on, and how many events each of them matches by itself.
#ifndef PYTRACE_READER_TUI_VIEW_FILTERS_H_
#define PYTRACE_READER_TUI_VIEW_FILTERS_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "reader/tui/filter_help.h"
#include "reader/tui/filter_stack.h"
#include "reader/tui/list_view.h"

namespace pytrace::reader::tui {

class FiltersView : public ListView {
 public:
  // `selection`: without any of them. `filters` belongs to the caller, who is asked for changes.
  FiltersView(store::Database* database, Selection selection, const FilterStack* filters)
      : database_(database), selection_(std::move(selection)), filters_(filters) {}

  const char* name() const override { return "filters"; }
  bool Do(Action action, int64_t count) override;
  void Changed(bool same) override;
  std::string Position() override;

 protected:
  bool WorkOnRows(Deadline deadline) override;
  int64_t rows() override { return static_cast<int64_t>(filters_->items().size()); }
  void DrawHeader(Canvas* canvas, int row) override;
  void DrawRow(Canvas* canvas, int row, int64_t at, bool focused) override;
  std::string RowText(int64_t at) override;
  std::string EmptyText() override { return "there is no filter; & writes one"; }

 private:
  store::Database* database_;
  Selection selection_;
  const FilterStack* filters_;
  std::map<std::string, int64_t> events_;  // by filter
  std::string counted_;                    // what running_ counts
  std::unique_ptr<EventCount> running_;
};

}  // namespace pytrace::reader::tui

#endif  // PYTRACE_READER_TUI_VIEW_FILTERS_H_
