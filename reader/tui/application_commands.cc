// What is typed behind a colon, and what leaves the reader: files, commands of the shell, the clipboard.
#include <stdlib.h>

#include <algorithm>
#include <string>
#include <utility>

#include "reader/printable.h"
#include "reader/query/times.h"
#include "reader/tui/application.h"

namespace pytrace::reader::tui {
namespace {

std::string Trimmed(const std::string& text) {
  size_t first = text.find_first_not_of(" \t"), last = text.find_last_not_of(" \t");
  return first == std::string::npos ? "" : text.substr(first, last - first + 1);
}

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
  copy_ = in_details_ ? details_.CursorText() : view()->CopyText();
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

// Without a value the next one, as its key does.
void Application::Set(const std::string& text) {
  size_t space = text.find_first_of(" =");
  std::string name = text.substr(0, space), value = space == std::string::npos ? "" : Trimmed(text.substr(space + 1));
  const Switch* one = FindSwitch(name);
  if (name == "context" && !value.empty() && value.size() < 5 &&
      std::all_of(value.begin(), value.end(), [](char c) { return c >= '0' && c <= '9'; }))
    return Do(Action::kFilterMode, std::stoi(value));
  if (one == nullptr) {
    std::string known;
    for (const Switch& each : AllSwitches()) known += std::string(" ") + each.name;
    return Say("set switches one of" + known + " context", true);
  }
  if (value.empty()) {
    for (const Binding& binding : AllBindings()) {
      if (name == binding.name) return Do(binding.action, 0);
    }
  }
  if (!TakesValue(*one, &value)) return Say("set " + name + ": expected " + ValuesText(*one), true);
  SetSwitch({name, value});
}

// Only what lies between two times.
void Application::Zoom(const std::string& text) {
  size_t space = text.rfind(" - ");
  std::string from = Trimmed(text.substr(0, space)),
              to = space == std::string::npos ? "" : Trimmed(text.substr(space + 3));
  if (from.empty() || to.empty()) return Say("zoom FROM - TO: two times, as 01:23:45 or +1.5s", true);
  query::TimeLiteral time;
  query::FilterContext context = query::ContextOf(*window_->database());
  for (const std::string& one : {from, to}) {
    if (!query::ParseTime(one, context.first_ns, context.last_ns, &time))
      return Say("no time: " + Printable(one) + "; write 01:23:45, 2012/08/15 01:23:45, +1.5s or -10s", true);
  }
  ZoomIn("time >= '" + from + "' and time <= '" + to + "'");
}

// What is on the screen, on the terminal as it was before: to be copied without borders.
void Application::Print() {
  std::string text = view()->ScreenText();
  if (text.empty()) return Say("there is nothing to print here", true);
  errand_ = {{"/bin/cat"}, false, false, std::move(text)};
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
  } else if (word == "zoom") {
    Zoom(rest);
  } else if (word == "print") {
    Print();
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
    Do(Action::kHelp, 0);
  } else if (std::all_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    GoToNumber(word);
  } else {
    Say("there is no command " + Printable(word) + "; there are time zoom goto filter set save print sql help q", true);
  }
}

}  // namespace pytrace::reader::tui
