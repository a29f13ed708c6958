#include "reader/tui/application.h"

#include <chrono>
#include <cstdio>
#include <utility>

#include "reader/amounts.h"
#include "reader/program_ends.h"
#include "reader/printable.h"
#include "reader/stopped.h"
#include "reader/tui/view_events.h"
#include "reader/tui/view_exceptions.h"
#include "reader/tui/view_hot.h"
#include "reader/tui/view_threads.h"
#include "reader/tui/view_tree.h"

namespace pytrace::reader::tui {

Application::Application(Window* window, const ReaderOptions& options, History* history)
    : window_(window),
      options_(options),
      history_(history),
      base_(window->selection()),
      filters_(options.filters),
      help_(window->database()),
      details_(window),
      startup_(options.startup),
      mouse_(options.mouse),
      filter_mode_(options.filter_mode),
      context_(options.context) {
  views_.push_back(std::make_unique<EventView>(window, options.follow));
  events()->Set("time-format", FindSwitch("time-format")->values[static_cast<size_t>(options.time_format)]);
  for (const Switched& one : options.switches) SetSwitch(one);
  message_.clear();
  if (options.view == "tree") Push(std::make_unique<TreeView>(window, 0));
  if (options.view == "hot") Push(std::make_unique<HotView>(window));
  if (options.view == "exceptions") Push(std::make_unique<ExceptionsView>(window));
  if (options.view == "threads") Push(std::make_unique<ThreadsView>(window));
  start_pattern_ = options.search;
  const store::Database& database = *window->database();
  if (std::string why = WhyStopped(&database, options.file); !why.empty()) {
    message_ = "recording stopped: " + Printable(why);
    error_ = true;
  } else if (database.let_go_calls() > 0) {
    message_ = "the oldest " + std::to_string(database.let_go_calls()) + " calls were let go";
  }
}

void Application::Resize(int width, int height) {
  width_ = width;
  height_ = height;
  Arrange();
}

Area Application::Body() const {
  int bottom = height_ - 2;
  bool below = details_shown() && !details_beside() && height_ >= 10;
  return {1, below ? bottom - (bottom - 1) * 5 / 10 : bottom};
}

Area Application::DetailsArea() const {
  if (!details_shown()) return {0, 0};
  return details_beside() ? Body() : Area{Body().bottom, height_ - 2};
}

void Application::Arrange() {
  for (const std::unique_ptr<View>& view : views_) view->Resize(ViewWidth(), Body().height());
  details_.SetHeight(DetailsArea().height());
}

bool Application::Work(Deadline deadline) {
  if (preparing_ != nullptr) {
    if (preparing_->Prepare(deadline)) return true;
    Use(std::move(preparing_), std::move(preparing_filters_), preparing_step_);
  }
  if (prompt_kind_ == PromptKind::kFilter && help_.Work(deadline)) return true;
  if (save_ != nullptr && !view()->busy()) return WorkOnSave(deadline) || true;
  bool more = view()->Work(deadline);
  if (!start_pattern_.empty() && !view()->busy()) {
    prompt_.Open("/", std::exchange(start_pattern_, {}), {});
    StartSearch(true);
    return true;
  }
  if (more) return true;
  if (Diagnose(deadline)) return true;
  if (!details_shown()) return false;
  details_.Show(view()->Focus(), DetailsWidth(), ascii_);
  return details_.Work(deadline);
}

bool Application::Poll() {
  store::Database* database = window_->database();
  int64_t version = database->version();
  if (!database->Refresh()) {
    message_ = Printable(database->error());
    error_ = true;
    return true;
  }
  if (version == database->version()) return false;
  window_->Refresh();
  help_.Refresh();
  diagnosis_.reset();
  for (const std::unique_ptr<View>& view : views_) view->Changed(true);
  details_.Changed();
  return true;
}

void Application::Say(std::string message, bool error) {
  message_ = std::move(message);
  error_ = error;
}

void Application::Push(std::unique_ptr<View> view) {
  views_.push_back(std::move(view));
  Arrange();
}

void Application::Close() {
  if (views_.size() > 1) {
    views_.pop_back();
    Arrange();
  } else {
    done_ = true;
  }
}

void Application::ToEvents() {
  while (views_.size() > 1) views_.pop_back();
  Arrange();
}

void Application::Take(const Request& request) {
  switch (request.kind) {
    case Request::Kind::kNone:
      return;
    case Request::Kind::kReplace:
      return Narrow(request.text);
    case Request::Kind::kFilter:
      ToEvents();
      return Narrow(request.text);
    case Request::Kind::kEvents:
      ToEvents();
      return view()->GoToCall(request.call);
    case Request::Kind::kZoom:
      return ZoomIn(request.text);
    case Request::Kind::kZoomOut:
      return ZoomOut();
    case Request::Kind::kTree:
      return Push(std::make_unique<TreeView>(window_, request.call));
    case Request::Kind::kToggleFilter:
    case Request::Kind::kOnlyFilter:
    case Request::Kind::kRemoveFilter:
    case Request::Kind::kEditFilter:
      return ChangeFilter(request);
  }
}

// In the order of the keys' table; the last one goes back to the events.
void Application::NextView() {
  std::string name = view()->name();
  int64_t call = view()->Focus().call;
  ToEvents();
  if (name == "events") return Push(std::make_unique<TreeView>(window_, call));
  if (name == "tree") return Push(std::make_unique<HotView>(window_));
  if (name == "hot functions") return Push(std::make_unique<ExceptionsView>(window_));
  if (name == "exceptions") return Push(std::make_unique<ThreadsView>(window_));
}

// What matters most comes first: a narrow screen shows only that.
std::string Application::InfoText() const {
  const store::Database& database = *window_->database();
  std::string text = Printable(options_.file) + ": calls " + std::to_string(window_->first_id()) + " to " +
                     std::to_string(window_->last_id());
  if (window_->lost_events() > 0) text += ", " + Grouped(window_->lost_events()) + " events lost";
  if (database.let_go_calls() > 0) text += ", " + Grouped(database.let_go_calls()) + " let go";
  for (const store::Process* process : CutOff(database.catalog(), window_->run()))
    text += ", process " + std::to_string(process->pid) + " was cut off (killed, crashed, os._exit or exec)";
  if (std::string why = WhyStopped(&database, options_.file); !why.empty()) text += ", stopped: " + Printable(why);
  if (live() && !database.zones().empty()) {
    constexpr double kSecond = 1e9;
    auto now =
        std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch());
    char lag[48];
    snprintf(lag, sizeof lag, ", the newest call began %.1fs ago",
             static_cast<double>(now.count() - database.zones().back().last_start_ns) / kSecond);
    text += lag;
  }
  size_t runs = database.catalog().runs().size();
  text += ", " + std::to_string(runs) + (runs == 1 ? " run" : " runs");
  if (int percent = views_.back()->Progress(); percent >= 0) text += ", counted " + std::to_string(percent) + "%";
  return text;
}

}  // namespace pytrace::reader::tui
