// What the application puts on the screen around and below its views.
#include <set>

#include "reader/amounts.h"
#include "reader/program_ends.h"
#include "reader/printable.h"
#include "reader/tui/application.h"
#include "reader/tui/view_events.h"

namespace pytrace::reader::tui {
namespace {

constexpr int kSmallestWidth = 20, kSmallestHeight = 4;
constexpr char kHints[] = "h help  & filter  / search  E exceptions  i details  t tree  o hot  T threads  q quit";
constexpr char kShortHints[] = "h help  & filter  / search  i details  t tree  q quit";
constexpr char kShortestHints[] = "h help  q quit";

std::string FileName(const std::string& path) { return path.substr(path.rfind('/') + 1); }

}  // namespace

void Application::Draw(Canvas* canvas) {
  if (!ascii_chosen_) ascii_ = canvas->ascii();
  canvas->set_ascii(ascii_);
  canvas->Clear();
  if (canvas->width() < kSmallestWidth || canvas->height() < kSmallestHeight) {
    canvas->Put(0, 0, canvas->width(), "enlarge the window", {});
    return;
  }
  DrawView(canvas);
  DrawDiagnosis(canvas);
  DrawState(canvas);
  DrawBottom(canvas);
}

// Views draw from edge to edge; beside the details they get a canvas of their own.
void Application::DrawView(Canvas* canvas) {
  if (!details_shown()) return view()->Draw(canvas, Body());
  int width = ViewWidth();
  if (details_beside()) {
    Canvas part(width, height_, canvas->ascii());
    view()->Draw(&part, Body());
    for (int row = Body().top; row < Body().bottom; ++row) {
      for (int column = 0; column < width; ++column) *canvas->cell(row, column) = part.at(row, column);
      canvas->Put(row, width, width + 1, canvas->ascii() ? "|" : "│", {Ink::kNote});
    }
  } else {
    view()->Draw(canvas, Body());
  }
  int x = details_beside() ? width + 1 : 0;
  details_.Show(view()->Focus(), width_ - x, canvas->ascii());
  if (DetailsArea().height() > 1) details_.Draw(canvas, DetailsArea(), x, width_, in_details_);
}

void Application::DrawState(Canvas* canvas) {
  const Style bar{Ink::kPlain, true};
  canvas->Fill(0, 0, canvas->width(), bar);
  std::string state = StateText();
  if (canvas->width() >= 90) state += ProcessesText();
  std::string left = " " + Printable(FileName(options_.file)) + "  " + state;
  if (std::string_view(view()->name()) != "events") left += std::string("  ") + view()->name();
  if (!filter_text_.empty()) left += "  filter: " + Printable(filter_text_);
  if (size_t off = filters_.off(); off > 0)
    left += "  " + std::to_string(off) + (off == 1 ? " filter" : " filters") + " off";
  std::string right = view()->Position();
  int progress = save_ != nullptr ? save_->percent() : view()->Progress();
  if (progress >= 0) right += std::string(canvas->ascii() ? "  # " : "  ░ ") + std::to_string(progress) + "%";
  int from = canvas->width() - TextWidth(right) - 1;
  int end = canvas->Put(0, 0, canvas->width(), left, bar);
  if (right.empty() || from < 12) return;
  if (end > from - 2) {
    canvas->Fill(0, from - 2 - TextWidth(canvas->Ellipsis()), from, bar);
    canvas->Put(0, from - 2 - TextWidth(canvas->Ellipsis()), canvas->width(), canvas->Ellipsis(), bar);
  }
  canvas->Fill(0, canvas->Put(0, from, canvas->width(), right, bar), canvas->width(), bar);
}

// CRASHED: a program of the run never came to the end of its __main__, and is gone.
std::string Application::StateText() {
  if (live()) return following() ? "FOLLOW" : "LIVE";
  return CutOff(window_->database()->catalog(), window_->run()).empty() ? "DONE" : "CRASHED";
}

// Of the run that is shown, where there is more than one.
std::string Application::ProcessesText() const {
  const store::Catalog& catalog = window_->database()->catalog();
  int64_t threads = 0;
  std::set<int64_t> processes;
  for (const auto& [id, thread] : catalog.threads()) {
    if (!window_->InRun(id)) continue;
    ++threads;
    processes.insert(thread.process);
  }
  std::string text;
  if (processes.size() > 1) text = "  " + std::to_string(processes.size()) + " processes";
  if (threads > 1) text += (text.empty() ? "  " : ", ") + std::to_string(threads) + " threads";
  return text;
}

const char* Application::HintText() {
  if (Is("tree")) return "Enter open, close  l longest  -g merge  O order  t event  i details  h help  q back";
  if (Is("hot functions")) return "Enter its events  t slowest call  + only  \\ without  O order  h help  q back";
  if (Is("exceptions")) return "Enter the call  t in the tree  i details  h help  q back";
  if (Is("filters")) return "Enter on, off  v edit  \\ remove  + only this  Backspace undo  q back";
  if (Is("threads")) return "Enter its events  t tree  O order  h help  q back";
  if (views_.size() > 1) return "q back";
  return width_ >= static_cast<int>(sizeof kHints)        ? kHints
         : width_ >= static_cast<int>(sizeof kShortHints) ? kShortHints
                                                          : kShortestHints;
}

void Application::DrawBottom(Canvas* canvas) {
  int last = canvas->height() - 1;
  if (message_.empty()) message_ = view()->TakeMessage();
  if (!window_->problem().empty() && !problem_said_) {
    message_ = Printable(window_->problem());
    error_ = problem_said_ = true;
  }
  if (prompt_kind_ != PromptKind::kNone) {
    if (!message_.empty()) canvas->Put(last - 1, 0, canvas->width(), message_, {error_ ? Ink::kError : Ink::kNote});
    prompt_.Draw(canvas, last);
    if (prompt_kind_ == PromptKind::kFilter) help_.Draw(canvas, last, !message_.empty());
    return;
  }
  // Of a deep stack the innermost calls are what one wants to see.
  std::string crumbs = view()->Breadcrumb(canvas->ascii() ? " > " : " › ");
  int skip = TextWidth(crumbs) - (canvas->width() - 2);
  int at = 1;
  if (skip > 0) {
    at = canvas->Put(last - 1, at, canvas->width(), canvas->Ellipsis(), {Ink::kNote});
    skip += at - 1;
  }
  skip = std::max(0, skip);
  canvas->PutFrom(last - 1, at, canvas->width(), &skip, crumbs, {Ink::kFunction});
  if (count_ > 0 || dash_ || z_) {
    canvas->Put(last, 0, canvas->width(), dash_ ? "-" : z_ ? "Z" : ":" + std::to_string(count_), {});
  } else if (letter_for_ != Action::kNone) {
    canvas->Put(last, 0, canvas->width(), letter_for_ == Action::kToMark ? "to mark: " : "mark: ", {});
  } else if (!message_.empty()) {
    canvas->Put(last, 0, canvas->width(), message_, {error_ ? Ink::kError : Ink::kNote});
  } else if (save_ != nullptr) {
    canvas->Put(last, 0, canvas->width(), "saving; ^C stops it", {Ink::kNote});
  } else if (view()->busy()) {
    canvas->Put(last, 0, canvas->width(), "working; ^C stops it", {Ink::kNote});
  } else {
    std::string status = view()->Status();
    canvas->Put(last, 0, canvas->width(), status.empty() ? HintText() : status, {Ink::kNote});
  }
}

void Application::DrawDiagnosis(Canvas* canvas) {
  if (diagnosis_ == nullptr || !Is("events") || !static_cast<EventView*>(view())->empty()) return;
  int row = Body().top + 2;
  auto put = [&](int x, const std::string& text, Ink ink) {
    if (row < Body().bottom) canvas->Put(row, x, canvas->width(), Printable(text), {ink});
    ++row;
  };
  auto events = [](int64_t count) { return Grouped(count) + (count == 1 ? " event" : " events"); };
  if (!diagnosis_->done()) return put(1, "looking for the part that matches nothing ...", Ink::kNote);
  for (const Diagnosis::Part& part : diagnosis_->parts())
    put(3, part.text + "  by itself: " + events(part.alone), part.alone == 0 ? Ink::kError : Ink::kPlain);
  if (diagnosis_->offers().empty()) return;
  put(1, "press", Ink::kNote);
  int number = 0;
  for (const Diagnosis::Offer& offer : diagnosis_->offers())
    put(3, std::to_string(++number) + "  " + offer.label + (offer.keeps ? "" : ": " + events(offer.events)),
        Ink::kFunction);
}

}  // namespace pytrace::reader::tui
