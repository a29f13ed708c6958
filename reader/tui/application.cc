#include "reader/tui/application.h"

#include <algorithm>
#include <set>
#include <utility>

#include "reader/amounts.h"
#include "reader/cut_off.h"
#include "reader/printable.h"
#include "reader/stopped.h"
#include "reader/tui/view_events.h"
#include "reader/tui/view_exceptions.h"
#include "reader/tui/view_help.h"
#include "reader/tui/view_hot.h"
#include "reader/tui/view_threads.h"
#include "reader/tui/view_tree.h"

namespace pytrace::reader::tui {
namespace {

constexpr int64_t kLargestCount = 1'000'000'000'000;

}  // namespace

Application::Application(Window* window, const ReaderOptions& options, History* history)
    : window_(window),
      options_(options),
      history_(history),
      base_(window->selection()),
      help_(window->database()),
      details_(window),
      startup_(options.startup),
      mouse_(options.mouse) {
  views_.push_back(std::make_unique<EventView>(window, options.follow));
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
  bool below = details_open_ && !details_beside() && height_ >= 10;
  return {1, below ? bottom - (bottom - 1) * 5 / 10 : bottom};
}

Area Application::DetailsArea() const {
  if (!details_open_) return {0, 0};
  return details_beside() ? Body() : Area{Body().bottom, height_ - 2};
}

void Application::Arrange() {
  for (const std::unique_ptr<View>& view : views_) view->Resize(ViewWidth(), Body().height());
}

bool Application::Work(Deadline deadline) {
  if (preparing_ != nullptr) {
    if (preparing_->Prepare(deadline)) return true;
    Use(std::move(preparing_), preparing_text_);
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
  if (!details_open_) return false;
  details_.Show(view()->Focus(), details_beside() ? width_ - ViewWidth() - 1 : width_);
  return details_.Work(deadline);
}

void Application::Say(std::string message, bool error) {
  message_ = std::move(message);
  error_ = error;
}

void Application::Push(std::unique_ptr<View> view) {
  view->Resize(ViewWidth(), Body().height());
  views_.push_back(std::move(view));
}

void Application::Close() {
  if (views_.size() > 1) {
    views_.pop_back();
  } else {
    done_ = true;
  }
}

void Application::Press(Key key) {
  if (IsMouse(key)) return Point(key);
  if (prompt_kind_ != PromptKind::kNone) return PressInPrompt(key);
  message_.clear();
  error_ = false;
  if (letter_for_ != Action::kNone) return TakeLetter(key);
  if (key == '-' && !dash_) {
    dash_ = true;
    return;
  }
  if (std::exchange(dash_, false)) key += kDash;
  bool offered = diagnosis_ != nullptr && diagnosis_->done() && Is("events") && count_ == 0;
  if (offered && key >= '1' && key - '1' < static_cast<int>(diagnosis_->offers().size())) {
    std::string filter = diagnosis_->offers()[static_cast<size_t>(key - '1')].filter;
    if (SetFilter(filter)) history_->Add('&', filter);
    return;
  }
  if (key >= '0' && key <= '9' && (key != '0' || count_ > 0)) {
    count_ = std::min(kLargestCount, count_ * 10 + (key - '0'));
    return;
  }
  int64_t count = std::exchange(count_, 0);
  if (key == kCtrlC || key == kEscape || key == Ctrl('x')) {
    if (preparing_ != nullptr) {
      preparing_.reset();
      message_ = "interrupted; the filter is as before";
      return;
    }
    if (save_ != nullptr) {
      save_->Stop();
      return;
    }
    bool idle = !view()->busy() && !view()->following();
    view()->Cancel();
    if (in_details_) {
      in_details_ = false;
      return;
    }
    if (idle) message_ = "q leaves the reader";
    return;
  }
  const Binding* binding = FindBinding(key);
  if (binding == nullptr) {
    message_ = KeyName(key) + " has no meaning here; h shows the keys";
    return;
  }
  Do(binding->action, count);
}

void Application::TakeLetter(Key key) {
  Action action = std::exchange(letter_for_, Action::kNone);
  if (key == kEscape || key == kCtrlC) return;
  if (action == Action::kMark || action == Action::kMarkLast) {
    bool set = action == Action::kMark ? view()->SetMark(key) : view()->SetMarkBelow(key);
    message_ = set ? "marked as " + KeyName(key) : "this view has no marks";
  } else if (!view()->GoToMark(key)) {
    Say("there is no mark " + KeyName(key), true);
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
    case Request::Kind::kTree:
      return Push(std::make_unique<TreeView>(window_, request.call));
  }
}

// The filter, and this one too.
void Application::Narrow(const std::string& filter) {
  bool joined = filter_text_.find(" or ") != std::string::npos;
  std::string text =
      filter_text_.empty() ? filter : (joined ? "(" + filter_text_ + ")" : filter_text_) + " and " + filter;
  if (SetFilter(text)) history_->Add('&', filter_text_);
}

void Application::UndoFilter() {
  if (filters_before_.empty()) {
    message_ = "there is no filter before";
    return;
  }
  std::string text = filters_before_.back();
  filters_before_.pop_back();
  size_t kept = filters_before_.size();
  std::string undone = filter_text_;
  SetFilter(text);
  filters_before_.resize(kept);
  filters_after_.push_back(std::move(undone));
}

void Application::RedoFilter() {
  if (filters_after_.empty()) {
    message_ = "no filter was undone";
    return;
  }
  std::vector<std::string> after = filters_after_;
  SetFilter(after.back());
  after.pop_back();
  filters_after_ = std::move(after);
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

// Options and what leaves the reader. false: it is something else.
bool Application::DoHere(Action action) {
  static constexpr const char* kCases[] = {"searches ignore case, unless the pattern has a capital letter",
                                           "searches ignore case", "searches heed case"};
  switch (action) {
    case Action::kCase:
      case_ = static_cast<query::Pattern::Case>((static_cast<int>(case_) + 1) % 3);
      message_ = kCases[static_cast<int>(case_)];
      return true;
    case Action::kAscii:
      ascii_ = !ascii_;
      ascii_chosen_ = true;
      return true;
    case Action::kPointer:
      mouse_ = !mouse_;
      message_ = mouse_ ? "the mouse is the reader's; with Shift it is the terminal's" : "the mouse is the terminal's";
      return true;
    case Action::kSave:
      OpenPrompt(PromptKind::kSave);
      return true;
    case Action::kPipe:
      OpenPrompt(PromptKind::kPipe);
      return true;
    case Action::kCommand:
      OpenPrompt(PromptKind::kCommand);
      return true;
    case Action::kCopy:
      Copy();
      return true;
    case Action::kRedo:
      RedoFilter();
      return true;
    case Action::kNextView:
      NextView();
      return true;
    default:
      return false;
  }
}

void Application::SearchFunction() {
  const store::Function* function = window_->database()->catalog().function(view()->Focus().function);
  std::string error;
  if (function == nullptr) {
    message_ = "there is no function here";
    return;
  }
  view()->SetSearchModes({});
  view()->Search(query::Pattern::Compile(Printable(function->func) + "(", true, &error, query::Pattern::Case::kHeed),
                 true, 1);
}

void Application::OpenEditor() {
  std::string why;
  if (!details_.Place(view()->Focus(), &edit_.file, &edit_.line, &why)) {
    edit_ = {};
    Say(why, true);
  }
}

void Application::Paste(Key key) {
  if (prompt_kind_ == PromptKind::kNone) return;
  if (key == kEnter || key == kTab || key == '\n') key = ' ';
  if (key >= ' ' && key < kSpecial && key != kBackspace) prompt_.Type(key);
}

void Application::Do(Action action, int64_t count) {
  if (in_details_) {
    int64_t n = std::max<int64_t>(1, count), page = std::max(1, DetailsArea().height() - 1);
    if (action == Action::kDown || action == Action::kUp) return details_.Scroll(action == Action::kDown ? n : -n);
    if (action == Action::kPageDown || action == Action::kPageUp)
      return details_.Scroll(action == Action::kPageDown ? page : -page);
    if (action == Action::kFirst || action == Action::kLast)
      return details_.Scroll(action == Action::kLast ? 1 << 30 : -(1 << 30));
  }
  if (DoHere(action)) return;
  switch (action) {
    case Action::kDetails:
    case Action::kEnter:
      if (action == Action::kEnter && (!Is("events") || (details_open_ && Body().height() > 0))) {
        if (!Is("events")) break;
        in_details_ = !in_details_;
        return;
      }
      details_open_ = !details_open_;
      in_details_ = false;
      return Arrange();
    case Action::kPane:
      in_details_ = details_open_ && !in_details_;
      return;
    case Action::kEdit:
      return OpenEditor();
    case Action::kTree:
      if (Is("events")) return Push(std::make_unique<TreeView>(window_, view()->Focus().call));
      break;
    case Action::kHot:
      if (!Is("hot functions")) return Push(std::make_unique<HotView>(window_));
      break;
    case Action::kThreads:
      if (!Is("threads")) return Push(std::make_unique<ThreadsView>(window_));
      break;
    case Action::kExceptions:
      if (!Is("exceptions")) return Push(std::make_unique<ExceptionsView>(window_));
      break;
    case Action::kMark:
    case Action::kMarkLast:
    case Action::kToMark:
      letter_for_ = action;
      return;
    case Action::kBack:
      return UndoFilter();
    case Action::kSearchFunction:
      return SearchFunction();
    case Action::kOnly:
    case Action::kWithout:
      if (Is("events") || Is("tree")) {
        const store::Function* function = window_->database()->catalog().function(view()->Focus().function);
        if (function == nullptr) {
          message_ = "there is no function here";
          return;
        }
        return Narrow(action == Action::kOnly ? FilterFor(*function) : "not (" + FilterFor(*function) + ")");
      }
      break;
    default:
      break;
  }
  switch (action) {
    case Action::kClose:
      return Close();
    case Action::kQuit:
      done_ = true;
      return;
    case Action::kSuspend:
      suspend_ = true;
      return;
    case Action::kRepaint:
      repaint_ = true;
      return;
    case Action::kHelp:
      if (std::string_view(view()->name()) != "help") Push(std::make_unique<HelpView>());
      return;
    case Action::kInfo:
      message_ = InfoText();
      return;
    case Action::kSearchForward:
    case Action::kSearchBackward:
      prompt_count_ = count;
      return OpenPrompt(action == Action::kSearchForward ? PromptKind::kForward : PromptKind::kBackward);
    case Action::kFilter:
      return OpenPrompt(PromptKind::kFilter);
    case Action::kStartup:
      startup_ = !startup_;
      message_ = startup_ ? "start-up, imports and shut-down are shown" : "start-up, imports and shut-down are hidden";
      return Reselect();
    default:
      if (view()->Do(action, count)) return Take(view()->TakeRequest());
      message_ = action == Action::kNextHit || action == Action::kPreviousHit ? "No pattern defined: / searches"
                                                                              : "this has no meaning here";
  }
}

void Application::Reselect() {
  diagnosis_.reset();
  if (save_ != nullptr) {
    save_.reset();
    Say("saving has ended: another filter", true);
  }
  Selection selection = WithoutFilter();
  if (filter_ != nullptr) selection.filters.push_back(filter_.get());
  window_->Select(std::move(selection));
  for (const std::unique_ptr<View>& view : views_) view->Changed(false);
  details_.Changed();
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

std::string Application::InfoText() const {
  const store::Database& database = *window_->database();
  std::string text = Printable(options_.file) + ": " + std::to_string(database.catalog().runs().size()) +
                     " runs, calls " + std::to_string(window_->first_id()) + " to " +
                     std::to_string(window_->last_id());
  if (database.let_go_calls() > 0) text += ", " + std::to_string(database.let_go_calls()) + " let go";
  for (const store::Process* process : CutOff(database.catalog(), window_->run()))
    text += ", process " + std::to_string(process->pid) + " was cut off (killed, crashed, os._exit or exec)";
  if (std::string why = WhyStopped(&database, options_.file); !why.empty()) text += ", stopped: " + Printable(why);
  return text;
}

}  // namespace pytrace::reader::tui
