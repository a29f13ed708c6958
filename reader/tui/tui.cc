#include "reader/tui/tui.h"

#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "reader/history.h"
#include "reader/tui/application.h"
#include "reader/tui/editor.h"
#include "reader/tui/headless.h"
#include "reader/tui/recorder.h"
#include "reader/tui/shell.h"
#include "reader/tui/stats.h"
#include "reader/tui/terminal.h"

namespace pytrace::reader::tui {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr int kFailed = 2;
constexpr milliseconds kSlice{4};        // of work between two looks at the keyboard, and between a key and its frame
constexpr milliseconds kFrame{50};       // between two drawings while work goes on
constexpr milliseconds kPollEvery{100};  // whether the recording has grown

// The loop of the real terminal: keys first, then a slice of work, then a drawing.
class Loop {
 public:
  Loop(Window* window, const ReaderOptions& options, bool ascii, History* history, Recorder* recorder, Stats* stats)
      : window_(window),
        application_(window, options, history),
        canvas_(Terminal::width(), Terminal::height(), ascii),
        recorder_(recorder),
        stats_(stats) {
    application_.Resize(canvas_.width(), canvas_.height());
    Terminal::SetMouse(application_.mouse());
  }

  void Run() {
    auto begin = steady_clock::now();
    bool working = true;
    while (working && (working = Work()) && application_.busy() && steady_clock::now() - begin < kFrame) continue;
    Draw();
    was_working_ = working;  // what the next slice finishes is drawn, too
    while (!application_.done() && Terminal::ending_signal() == 0) {
      Key key = kNoKey;
      if (!waiting_.empty()) {
        key = waiting_.front();
        waiting_.pop_front();
      } else {
        key = Terminal::Read(working ? 0 : application_.live() ? static_cast<int>(kPollEvery.count()) : -1);
      }
      bool pressed = key != kNoKey;
      if (pressed) Take(key);
      if (application_.TakeSuspend()) Terminal::Suspend(), Measure();
      if (Application::Edit edit = application_.TakeEdit(); !edit.file.empty()) {
        RunEditor(edit.file, edit.line);
        Measure();
      }
      if (Errand errand = application_.TakeErrand(); !errand.words.empty()) RunErrand(errand);
      if (std::string text = application_.TakeCopy(); !text.empty()) Copy(std::move(text));
      Terminal::SetMouse(application_.mouse());
      if (application_.TakeBell()) Terminal::Bell();
      if (application_.TakeRepaint()) Terminal::Repaint();
      undrawn_ = undrawn_ || pressed;
      // Keys that are there already come first: no slice of work and no frame for each of them.
      if (pressed && steady_clock::now() - drawn_ < kFrame && KeysWait()) continue;
      bool changed = Poll();
      working = Work();
      // What a key did is drawn at once, whatever goes on in the background; the rest now and then.
      bool settled = undrawn_ && !application_.busy();
      bool waits = working && !settled && steady_clock::now() - drawn_ < kFrame;
      if ((undrawn_ || changed || working || was_working_) && !waits) Draw();
      was_working_ = working;
    }
  }

 private:
  // While a motion is under way, keys other than those that stop it wait for its end.
  void Take(Key key) {
    if (key == kResize) return Measure();
    if (key == kPasteBegin || key == kPasteEnd) {
      pasting_ = key == kPasteBegin;
      return;
    }
    recorder_->Pressed(key, pasting_);
    stats_->Key();
    if (pasting_) return application_.Paste(key);
    bool stops = key == kCtrlC || key == kEscape || key == Ctrl('x');
    while (application_.busy() && !stops && Terminal::ending_signal() == 0) {
      Work();
      if (steady_clock::now() - drawn_ >= kFrame) Draw();
      Key next = Terminal::Read(0);
      if (next == kCtrlC || next == kEscape) {
        recorder_->Pressed(next, false);
        application_.Press(next);
        waiting_.clear();
        return;
      }
      if (next == kResize) {
        Measure();
      } else if (next != kNoKey) {
        waiting_.push_back(next);
      }
    }
    application_.Press(key);
  }

  bool KeysWait() {
    if (waiting_.empty()) {
      if (Key next = Terminal::Read(0); next != kNoKey) waiting_.push_back(next);
    }
    return !waiting_.empty();
  }

  void RunEditor(const std::string& file, uint32_t line) {
    Terminal::Leave();
    std::string problem = EditFile(file, line);
    Terminal::Return();
    if (!problem.empty()) application_.Say(problem, true);
  }

  void RunErrand(const Errand& errand) {
    Terminal::Leave();
    std::string problem = tui::Run(errand, window_);
    if (problem.empty()) WaitForEnter();
    Terminal::Return();
    if (!problem.empty()) application_.Say(problem, true);
    Measure();
  }

  // By the terminal, and by the desktop's own command where there is one.
  void Copy(std::string text) {
    Terminal::Copy(text);
    Errand errand{CopyCommand(), false, true, std::move(text)};
    if (!errand.words.empty()) tui::Run(errand, window_);
  }

  void Measure() {
    canvas_.Resize(Terminal::width(), Terminal::height());
    application_.Resize(canvas_.width(), canvas_.height());
  }

  bool Poll() {
    if (!application_.live() || steady_clock::now() - polled_ < kPollEvery) return false;
    polled_ = steady_clock::now();
    return application_.Poll();
  }

  bool Work() {
    stats_->SliceBegins();
    working_ = application_.Work(steady_clock::now() + kSlice);
    stats_->SliceEnds(working_);
    return working_;
  }

  void Draw() {
    application_.Draw(&canvas_);
    Terminal::Show(canvas_);
    recorder_->Drawn(canvas_, !working_);
    stats_->Frame();
    drawn_ = steady_clock::now();
    undrawn_ = false;
  }

  Window* window_;
  Application application_;
  Canvas canvas_;
  Recorder* recorder_;
  Stats* stats_;
  bool working_ = true;
  std::deque<Key> waiting_;  // read already
  bool pasting_ = false, was_working_ = false, undrawn_ = false;
  steady_clock::time_point drawn_, polled_;
};

bool WantsColor(const ReaderOptions& options) {
  if (options.color != Color::kAuto) return options.color == Color::kAlways;
  const char* no_color = getenv("NO_COLOR");
  return no_color == nullptr || *no_color == '\0';
}

int RunOnTerminal(Window* window, const ReaderOptions& options) {
  setlocale(LC_ALL, "");
  bool utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
  std::string error;
  Recorder recorder;
  Stats stats;
  if (!options.record.empty() && !recorder.Open(options.record, &error)) {
    fprintf(stderr, "pytrace: --record: %s\n", error.c_str());
    return kFailed;
  }
  if (!Terminal::Open(WantsColor(options), &error)) {
    fprintf(stderr, "pytrace: %s\n", error.c_str());
    return kFailed;
  }
  History history(History::DefaultPath());
  Loop(window, options, options.ascii || !utf8, &history, &recorder, &stats).Run();
  Terminal::Close();
  if (!stats.Write(window->last_id() - window->first_id() + 1, &error)) fprintf(stderr, "pytrace: %s\n", error.c_str());
  if (Terminal::ending_signal() != 0) Terminal::Die(Terminal::ending_signal());
  return 0;
}

// `x`, `<C-x>`, or `-x`.
bool OneKey(const std::string& text, Key* key) {
  std::vector<Key> keys;
  std::string error;
  if (!ParseKeys(text, &keys, &error) || keys.empty() || keys.size() > 2) return false;
  *key = keys.back();
  if (keys.size() == 1) return true;
  *key += kDash;
  return keys[0] == '-';
}

bool Configure(const Config& config) {
  Key key;
  for (const auto& [name, action] : config.bindings) {
    if (OneKey(name, &key) && Bind(key, action)) continue;
    fprintf(stderr, "pytrace: configuration: bind %s %s: no such key or action; pytrace(5) has their names\n",
            name.c_str(), action.c_str());
    return false;
  }
  for (const auto& [ink, color] : config.colors) {
    if (Terminal::SetColor(ink, color)) continue;
    fprintf(stderr, "pytrace: configuration: color %s %s: no such thing or colour; pytrace(5) has their names\n",
            ink.c_str(), color.c_str());
    return false;
  }
  return true;
}

}  // namespace

int Run(Window* window, const ReaderOptions& options) {
  if (!Configure(options.config)) return kFailed;
  if (!options.replay.empty()) return Replay(window, options);
  return options.dump.empty() ? RunOnTerminal(window, options) : RunHeadless(window, options);
}

}  // namespace pytrace::reader::tui
