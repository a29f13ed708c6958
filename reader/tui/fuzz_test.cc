// Random bytes as names and values, random keys, random sizes: what is drawn has no control character, and every row is
// as wide as the screen.
#include <locale.h>
#include <stdlib.h>
#include <unistd.h>

#include <chrono>
#include <random>
#include <string>

#include "dumper/store/database.h"
#include "reader/history.h"
#include "reader/testing/recording.h"
#include "reader/tui/application.h"
#include "tests/unit/check.h"

namespace pytrace::reader::tui {
namespace {

using Dice = std::mt19937;

std::string Bytes(Dice* dice) {
  static const std::string pieces[] = {"\033[31m",
                                       "\xe6\x97\xa5",
                                       "e\xcc\x81",
                                       "\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9",
                                       "\xff",
                                       "\t",
                                       "\r\n",
                                       "\xc2\x9b",
                                       "\xe2\x80\xae",
                                       "abc",
                                       std::string(300, 'w')};
  std::string text;
  for (size_t left = (*dice)() % 5; left > 0; --left) text += pieces[(*dice)() % std::size(pieces)];
  if ((*dice)() % 3 == 0) text.push_back(static_cast<char>((*dice)()));
  return text;
}

void Record(const std::string& path, Dice* dice) {
  using namespace reader::testing;
  Recording recording(path, 16);
  int64_t process = recording.AddProcess(1, {Bytes(dice)});
  int threads[] = {recording.AddThread(process, 1, Bytes(dice), true),
                   recording.AddThread(process, 2, Bytes(dice), false)};
  recording.writer()->AddType(process, 1, Bytes(dice));
  std::vector<uint32_t> functions;
  for (int i = 0; i < 5; ++i) {
    store::FunctionRow row;
    row.module = Bytes(dice), row.func = Bytes(dice), row.qualname = Bytes(dice), row.file = Bytes(dice);
    row.arguments = {Bytes(dice), Bytes(dice)};
    functions.push_back(recording.AddFunction(process, row));
  }
  for (int i = 0; i < 200; ++i) {
    int thread = threads[(*dice)() % 2];
    recording.Tick((*dice)() % 2000);
    if (recording.depth(thread) == 0 || (*dice)() % 2) {
      recording.Enter(thread, functions[(*dice)() % functions.size()], {Str(Bytes(dice)), Int(i)});
    } else if ((*dice)() % 4 == 0) {
      recording.Leave(thread, Exception(1, {Str(Bytes(dice))}), store::Outcome::kException);
    } else {
      recording.Leave(thread, Str(Bytes(dice)));
    }
    if ((*dice)() % 40 == 0) recording.Log(thread, Bytes(dice));
  }
  recording.End();
}

void CheckCells(const Canvas& canvas) {
  for (int row = 0; row < canvas.height(); ++row) {
    int width = 0;
    for (int column = 0; column < canvas.width(); ++column) {
      const std::string& glyph = canvas.at(row, column).glyph;
      for (char c : glyph) CHECK(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
      CHECK(glyph.find("\xc2\x9b") == std::string::npos && glyph.find("\xe2\x80\xae") == std::string::npos);
      width += glyph.empty() ? 0 : TextWidth(glyph);
    }
    CHECK(width == canvas.width());
  }
}

TEST(ScreensAreWhole) {
  setlocale(LC_CTYPE, "C.UTF-8");
  std::string folder = getenv("TEST_TMPDIR") ? getenv("TEST_TMPDIR") : "/tmp";
  const std::string keys = "jkfbduggGGpxXaA[],.}{lLitoTEOnNSM+\\mq'z*/&r\r\r\t\t()-g-z-t-N-r-c-d-a-i12";
  for (unsigned seed = 1; seed <= 12; ++seed) {
    Dice dice(seed);
    std::string path = folder + "/screens" + std::to_string(seed) + ".sqlite", error;
    unlink(path.c_str());
    Record(path, &dice);
    std::unique_ptr<store::Database> database = store::Database::Open(path, &error);
    CHECK(database != nullptr);
    Window window(database.get(), {});
    ReaderOptions options;
    options.file = path;
    History history("");
    Application application(&window, options, &history);
    for (int step = 0; step < 300 && !application.done(); ++step) {
      if (dice() % 10 == 0) application.Resize(1 + static_cast<int>(dice() % 200), 1 + static_cast<int>(dice() % 50));
      Key key = keys[dice() % keys.size()];
      if (key == '\r') key = kEnter;
      if (dice() % 30 == 0) key = kEscape;
      if (key == 'q' && dice() % 4) continue;
      application.Press(key);
      for (int slices = 0;
           slices < 1000 && application.Work(std::chrono::steady_clock::now() + std::chrono::seconds(1));)
        ++slices;
      int width = application.width(), height = application.height();
      Canvas canvas(width, height, dice() % 4 == 0);
      application.Draw(&canvas);
      CheckCells(canvas);
    }
  }
}

}  // namespace
}  // namespace pytrace::reader::tui
