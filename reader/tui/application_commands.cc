// What is typed behind a colon, and what leaves the reader: files, commands of the shell, the clipboard.
#include <stdlib.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "reader/printable.h"
#include "reader/query/times.h"
#include "reader/tui/application.h"
#include "reader/tui/view_help.h"

namespace pytrace::reader::tui {
namespace {

std::string Trimmed(const std::string& text) {
  size_t first = text.find_first_not_of(" \t"), last = text.find_last_not_of(" \t");
  return first == std::string::npos ? "" : text.substr(first, last - first + 1);
}

// What :set may switch: the actions with these names.
constexpr const char* kSettable[] = {"ascii",     "mouse",  "numbers",     "timeline", "columns",
                                     "durations", "returns", "time-format", "case",     "startup"};

}  // namespace

void Application::Save(const std::string& name) {
  std::string path = Trimmed(name), error;
  bool force = path.starts_with("!");
  if (force) path = Trimmed(path.substr(1));
  if (path.starts_with("~/") && getenv("HOME") != nullptr) path = getenv("HOME") + path.substr(1);
  if (path.empty()) return;
  save_ = SaveJob::Begin(window_, path, force, &error);
  if (save_ == nullptr) Say(error, true);
}

bool Application::WorkOnSave(Deadline deadline) {
  if (save_->Work(deadline)) return true;
  bool failed;
  std::string result = save_->Result(&failed);
  save_.reset();
  Say(result, failed);
  return false;
}

void Application::Copy() {
  copy_ = view()->CopyText();
  message_ = copy_.empty() ? "there is nothing to copy here" : "copied";
}

void Application::OpenEditor() {
  std::string why;
  if (!details_.Place(view()->Focus(), &edit_.file, &edit_.line, &why)) {
    edit_ = {};
    Say(why, true);
  }
}

void Application::GoToTime(const std::string& text) {
  query::TimeLiteral time;
  query::FilterContext context = query::ContextOf(*window_->database());
  if (!query::ParseTime(text, context.first_ns, context.last_ns, &time)) {
    return Say("no time: " + Printable(text) + "; write 01:23:45, 2012/08/15 01:23:45, +1.5s or -10s", true);
  }
  ToEvents();
  view()->GoToTime(time.ns);
}

void Application::GoToNumber(const std::string& text) {
  char* end = nullptr;
  long long id = strtoll(text.c_str(), &end, 10);
  if (text.empty() || *end != '\0') return Say("no number of a call: " + Printable(text), true);
  if (id < window_->first_id() || id > window_->last_id()) {
    return Say("there are calls " + std::to_string(window_->first_id()) + " to " + std::to_string(window_->last_id()),
               true);
  }
  ToEvents();
  view()->GoToCall(id);
}

void Application::Set(const std::string& name) {
  auto settable = std::find(std::begin(kSettable), std::end(kSettable), name);
  for (const Binding& binding : AllBindings()) {
    if (settable != std::end(kSettable) && name == binding.name) return Do(binding.action, 0);
  }
  std::string known;
  for (const char* one : kSettable) known += std::string(" ") + one;
  Say("set switches one of" + known, true);
}

void Application::Command(const std::string& line) {
  std::string text = Trimmed(line);
  size_t space = text.find_first_of(" \t");
  std::string word = text.substr(0, space), rest = space == std::string::npos ? "" : Trimmed(text.substr(space));
  if (word.empty()) return;
  if (word == "q" || word == "quit") {
    done_ = true;
  } else if (word == "time") {
    GoToTime(rest);
  } else if (word == "goto") {
    GoToNumber(rest);
  } else if (word == "filter") {
    if (SetFilter(rest) && !rest.empty()) history_->Add('&', rest);
  } else if (word == "set") {
    Set(rest);
  } else if (word == "save") {
    Save(rest);
  } else if (word == "sql") {
    errand_ = {{"/proc/self/exe", "sql", "-f", options_.file, rest}, false, false, ""};
  } else if (word == "help") {
    Push(std::make_unique<HelpView>());
  } else if (std::all_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    GoToNumber(word);
  } else {
    Say("there is no command " + Printable(word) + "; there are time goto filter set save sql help q", true);
  }
}

}  // namespace pytrace::reader::tui
