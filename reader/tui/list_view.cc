#include "reader/tui/list_view.h"

#include <algorithm>
#include <cmath>

namespace pytrace::reader::tui {

void ListView::Resize(int width, int height) {
  width_ = width;
  height_ = std::max(1, height);
  FocusOn(focus_);
}

int ListView::page() { return std::max(1, height_ - 1 - rows_below()); }

void ListView::FocusOn(int64_t at) {
  int64_t size = rows();
  focus_ = std::clamp<int64_t>(at, 0, std::max<int64_t>(0, size - 1));
  top_ = std::clamp<int64_t>(top_, std::max<int64_t>(0, focus_ - page() + 1), focus_);
  top_ = std::min(top_, std::max<int64_t>(0, size - page()));
}

bool ListView::Do(Action action, int64_t count) {
  if ((action == Action::kWindowDown || action == Action::kWindowUp) && count > 0) page_ = count;
  int64_t n = std::max<int64_t>(1, count), far = count > 0 ? count : page_ > 0 ? page_ : page();
  auto scroll = [&](int64_t by) {
    top_ = std::max<int64_t>(0, top_ + by);
    FocusOn(focus_ + by);
  };
  switch (action) {
    case Action::kDown:
      FocusOn(focus_ + n);
      return true;
    case Action::kUp:
      FocusOn(focus_ - n);
      return true;
    case Action::kPageDown:
    case Action::kWindowDown:
      scroll(far);
      return true;
    case Action::kPageUp:
    case Action::kWindowUp:
      scroll(-far);
      return true;
    case Action::kHalfDown:
      scroll(std::max(1, page() / 2));
      return true;
    case Action::kHalfUp:
      scroll(-std::max(1, page() / 2));
      return true;
    case Action::kFirst:
      FocusOn(n - 1);
      return true;
    case Action::kLast:
      FocusOn(count > 0 ? count - 1 : rows());
      return true;
    case Action::kPercent:
      FocusOn(rows() * std::clamp<int64_t>(count, 0, 100) / 100);
      return true;
    case Action::kRight:
      shift_ += static_cast<int>(count > 0 ? std::min<int64_t>(count, 10000) : width_ / 2);
      return true;
    case Action::kLeft:
      shift_ = std::max(0, shift_ - static_cast<int>(count > 0 ? std::min<int64_t>(count, 10000) : width_ / 2));
      return true;
    case Action::kLeftEnd:
      shift_ = 0;
      return true;
    case Action::kNextHit:
      return Search(nullptr, forward_, n);
    case Action::kPreviousHit:
      return Search(nullptr, !forward_, n);
    default:
      return false;
  }
}

// The header orders by its column, where that is one; a row that has the focus already is opened.
void ListView::Click(int row, int column) {
  int header = height_ > 1;
  int64_t at = top_ + row - header;
  if (row < header) {
    Do(Action::kOrder, OrderAt(column));
  } else if (at < rows() && row - header < page()) {
    if (at == focus_) {
      Do(Action::kEnter, 0);
    } else {
      FocusOn(at);
    }
  }
}

bool ListView::Search(std::shared_ptr<const query::Pattern> pattern, bool forward, int64_t count) {
  bool same = pattern == nullptr;
  if (!same) {
    pattern_ = std::move(pattern);
    forward_ = forward;
  }
  if (pattern_ == nullptr) return false;
  std::optional<Job> stopped = std::exchange(stopped_, std::nullopt);
  Begin(focus_, forward, count, false);
  if (same && stopped && stopped->from == focus_ && stopped->forward == forward) job_->at = stopped->at;
  return true;
}

void ListView::Begin(int64_t from, bool forward, int64_t count, bool typed) {
  job_ = Job{from, from + (forward ? 1 : -1), forward, std::max<int64_t>(1, count), typed};
}

bool ListView::Work(Deadline deadline) {
  if (!job_ || rows_come()) return WorkOnRows(deadline) || job_.has_value();
  Job& job = *job_;
  while (job.at >= 0 && job.at < rows()) {
    if (pattern_->Matches(RowText(job.at)) && --job.left == 0) {
      FocusOn(job.at);
      job_.reset();
      return true;
    }
    job.at += job.forward ? 1 : -1;
    if (std::chrono::steady_clock::now() >= deadline) return true;
  }
  if (!job.typed) message_ = "Pattern not found";
  job_.reset();
  return true;
}

int ListView::Progress() {
  if (!job_) return -1;
  int64_t all = job_->forward ? rows() - job_->from : job_->from + 1;
  return static_cast<int>(100 * std::abs(job_->at - job_->from) / std::max<int64_t>(1, all));
}

void ListView::Cancel() {
  if (!job_) return CancelRows();
  message_ = "interrupted at row " + std::to_string(job_->at + 1) + "; n goes on from there";
  stopped_ = std::exchange(job_, std::nullopt);
  stopped_->from = focus_;
}

void ListView::RowsChanged() {
  stopped_.reset();
  if (job_) Begin(focus_, job_->forward, job_->left, job_->typed);
}

void ListView::Preview(std::shared_ptr<const query::Pattern> pattern, bool forward) {
  if (typed_from_ < 0) typed_from_ = focus_;
  FocusOn(typed_from_);
  job_.reset();
  if (pattern == nullptr) return;
  if (!typed_over_) typed_over_ = pattern_;
  pattern_ = std::move(pattern);
  Begin(typed_from_, forward, 1, true);
}

void ListView::EndPreview(bool) {
  if (typed_from_ < 0) return;
  FocusOn(std::exchange(typed_from_, -1));
  job_.reset();
  if (typed_over_) pattern_ = *std::exchange(typed_over_, std::nullopt);
}

std::string ListView::ScreenText() {
  std::string text;
  for (int64_t at = top_; at < std::min(rows(), top_ + page()); ++at) text += RowText(at) + "\n";
  return text;
}

void ListView::Draw(Canvas* canvas, Area area) {
  FocusOn(focus_);
  bool header = area.height() > 1;  // of a single row the list has more use
  if (header) DrawHeader(canvas, area.top);
  int below = std::min(rows_below(), std::max(0, area.height() - 2));
  Area list{area.top + header, area.bottom - below};
  for (int row = list.top; row < list.bottom; ++row) {
    int64_t at = top_ + row - list.top;
    if (at >= rows()) break;
    canvas->Fill(row, 0, canvas->width(), {Ink::kPlain, at == focus_});
    DrawRow(canvas, row, at, at == focus_);
  }
  if (rows() == 0 && !busy()) canvas->Put(list.top, 1, canvas->width(), EmptyText(), {Ink::kNote});
  if (below > 0) DrawBelow(canvas, {list.bottom, area.bottom});
}

void PutAtEnd(Canvas* canvas, int row, int x, int end, std::string_view text, Style style) {
  canvas->Put(row, std::max(x, end - TextWidth(text)), end, text, style);
}

std::string Bar(double part, int width, bool ascii) {
  static constexpr const char* kEighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  int eighths = static_cast<int>(std::lround(std::clamp(part, 0.0, 1.0) * width * 8));
  std::string bar;
  for (int i = 0; i < eighths / 8; ++i) bar += ascii ? "#" : "█";
  return ascii ? bar : bar + kEighths[eighths % 8];
}

}  // namespace pytrace::reader::tui
