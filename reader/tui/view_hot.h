// Hot functions: what each took, with its callers and callees.
#ifndef PYTRACE_READER_TUI_VIEW_HOT_H_
#define PYTRACE_READER_TUI_VIEW_HOT_H_

#include <string>
#include <utility>
#include <vector>

#include "reader/profile.h"
#include "reader/tui/list_view.h"

namespace pytrace::reader::tui {

class HotView : public ListView {
 public:
  explicit HotView(Window* window) : window_(window), profile_(window) {}

  const char* name() const override { return "hot functions"; }
  bool Do(Action action, int64_t count) override;
  bool WorkOnRows(Deadline deadline) override;
  void CancelRows() override { profile_.Cancel(); }
  void Changed(bool same) override;
  std::string Position() override;
  Subject Focus() override;

 protected:
  int64_t rows() override { return static_cast<int64_t>(rows_.size()); }
  void DrawHeader(Canvas* canvas, int row) override;
  void DrawRow(Canvas* canvas, int row, int64_t at, bool focused) override;
  std::string RowText(int64_t at) override { return NameOf(rows_[at]) + " " + PlaceOf(rows_[at]); }
  int64_t OrderAt(int column) override;
  int rows_below() override;
  void DrawBelow(Canvas* canvas, Area area) override;

 private:
  enum class Order { kSelf, kTotal, kCalls, kAverage, kLongest, kExceptions, kName };
  enum class By { kFunction, kModule, kFile, kThread };
  struct Row {
    FunctionSums sums;
    std::string group;    // of kModule, kFile
    uint32_t thread = 0;  // of kThread
  };
  static int64_t AverageOf(const FunctionSums& sums) { return sums.calls == 0 ? 0 : sums.total_ns / sums.calls; }
  void AddGroups(const std::vector<FunctionSums>& functions);
  void AddThreads();
  int64_t AmountOf(const Row& row) const;  // by which rows are ordered
  std::string FilterOf(const Row& row) const;
  void Collect();
  std::string NameOf(const Row& row) const;
  std::string PlaceOf(const Row& row) const;
  void DrawEdges(Canvas* canvas, Area area, int x, int end, const std::string& title,
                 const std::vector<std::pair<uint32_t, EdgeSums>>& edges);

  Window* window_;
  Profile profile_;
  std::vector<Row> rows_;
  int64_t all_self_ns_ = 0;
  Order order_ = Order::kSelf;
  By by_ = By::kFunction;
  bool reversed_ = false;
  int64_t least_percent_ = 0, small_ = 0;  // smaller shares are hidden, and how many are
  int height_ = 20;
};

}  // namespace pytrace::reader::tui

#endif  // PYTRACE_READER_TUI_VIEW_HOT_H_
