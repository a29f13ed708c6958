#include "reader/tui/headless.h"

#include <errno.h>
#include <locale.h>
#include <string.h>

#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "reader/history.h"
#include "reader/tui/application.h"
#include "reader/tui/recorder.h"
#include "reader/tui/stats.h"

namespace pytrace::reader::tui {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr int kFailed = 2, kDiffers = 1;
constexpr milliseconds kSlice{10};
constexpr int kMostCells = 1000;

int Fail(const std::string& line) {
  fprintf(stderr, "pytrace: %s\n", line.c_str());
  return kFailed;
}

void Finish(Application* application, Stats* stats) {
  for (bool more = true; more;) {
    stats->SliceBegins();
    more = application->Work(steady_clock::now() + kSlice);
    stats->SliceEnds(more);
  }
}

}  // namespace

int RunHeadless(Window* window, const ReaderOptions& options) {
  setlocale(LC_CTYPE, "C.UTF-8");
  int width = 80, height = 24;
  char end;
  if (!options.screen.empty() && (sscanf(options.screen.c_str(), "%dx%d%c", &width, &height, &end) != 2 || width < 1 ||
                                  height < 1 || width > kMostCells || height > kMostCells))
    return Fail("--screen: " + options.screen + " is no size; write 80x24");
  std::vector<Key> keys;
  std::string error;
  if (!ParseKeys(options.keys, &keys, &error)) return Fail("--keys: " + error);
  Recorder recorder;
  if (!options.record.empty() && !recorder.Open(options.record, &error)) return Fail("--record: " + error);
  Stats stats;
  History history("");
  Application application(window, options, &history);
  Canvas canvas(width, height, options.ascii);
  application.Resize(width, height);
  // Only who measures or records wants the screens between.
  auto draw = [&] {
    application.Draw(&canvas);
    recorder.Drawn(canvas, true);
    stats.Frame();
  };
  Finish(&application, &stats);
  for (Key key : keys) {
    if (application.done()) break;
    if (recorder.wanted() || stats.wanted()) draw();
    recorder.Pressed(key, false);
    stats.Key();
    application.Press(key);
    Finish(&application, &stats);
  }
  draw();
  if (!stats.Write(window->last_id() - window->first_id() + 1, &error)) return Fail(error);
  FILE* file = options.dump == "-" ? stdout : fopen(options.dump.c_str(), "we");
  if (file == nullptr) return Fail("cannot write " + options.dump + ": " + strerror(errno));
  fputs(canvas.Text().c_str(), file);
  if (options.attributes) fputs(canvas.Attributes().c_str(), file);
  bool written = fflush(file) == 0;
  if (file != stdout) fclose(file);
  return written ? 0 : kFailed;
}

int Replay(Window* window, const ReaderOptions& options) {
  setlocale(LC_CTYPE, "C.UTF-8");
  std::vector<RecordedScreen> screens;
  std::string error;
  if (!ReadRecorded(options.replay, &screens, &error)) return Fail("--replay: " + error);
  Stats stats;
  History history("");
  Application application(window, options, &history);
  Canvas canvas(1, 1, false);
  int number = 0;
  for (const RecordedScreen& screen : screens) {
    if (screen.width != canvas.width() || screen.height != canvas.height()) {
      canvas = Canvas(screen.width, screen.height, screen.ascii);
      application.Resize(screen.width, screen.height);
    }
    number += screen.key != kNoKey;
    if (screen.key != kNoKey && screen.pasted) application.Paste(screen.key);
    if (screen.key != kNoKey && !screen.pasted) application.Press(screen.key);
    Finish(&application, &stats);
    application.Draw(&canvas);
    std::string difference = screen.settled && !application.done() ? Difference(screen.rows, canvas.Text()) : "";
    if (difference.empty()) continue;
    std::string after =
        number == 0 ? "before the first key" : "after key " + std::to_string(number) + " (" + KeyWord(screen.key) + ")";
    printf("%s: another screen: %s\n", after.c_str(), difference.c_str());
    return kDiffers;
  }
  printf("%d keys, %zu screens: as recorded\n", number, screens.size());
  return 0;
}

}  // namespace pytrace::reader::tui
