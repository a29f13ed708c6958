// The reader's frame, slice by slice: what it says while work goes on.
#include "reader/tui/application.h"

#include <locale.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "reader/testing/recording.h"
#include "tests/unit/check.h"

namespace pytrace::reader::tui {
namespace {

constexpr int kWidth = 100, kHeight = 12;

std::string Path(const char* name) {
  std::string folder = getenv("TEST_TMPDIR") ? getenv("TEST_TMPDIR") : "/tmp";
  return folder + "/" + name;
}

// One call that makes all others, in blocks of 16; every 500th takes a second.
std::string Record() {
  using namespace reader::testing;
  std::string path = Path("application.sqlite");
  unlink(path.c_str());
  Recording recording(path, 16);
  int64_t process = recording.AddProcess(1, {"python3", "a.py"});
  int thread = recording.AddThread(process, 1, "MainThread", true);
  store::FunctionRow row;
  row.module = row.file = "a.py";
  row.func = row.qualname = "f";
  row.arguments = {"n"};
  uint32_t function = recording.AddFunction(process, row);
  recording.Enter(thread, function, {Int(0)});
  for (int i = 1; i <= 2000; ++i) {
    recording.Enter(thread, function, {Int(i)});
    recording.Tick(i % 500 == 0 ? 1'000'000'000 : 100);
    recording.Leave(thread, None());
  }
  recording.Leave(thread, None());
  recording.End();
  return path;
}

struct Reader {
  Reader() : history("") {
    setlocale(LC_CTYPE, "C.UTF-8");
    options.file = Record();
    std::string error;
    database = store::Database::Open(options.file, &error);
    window = std::make_unique<Window>(database.get(), Selection{});
    application = std::make_unique<Application>(window.get(), options, &history);
    application->Resize(kWidth, kHeight);
    Finish();
  }
  // The least that a slice does.
  bool Step() { return application->Work(std::chrono::steady_clock::time_point::min()); }
  void Finish() {
    while (application->Work(std::chrono::steady_clock::now() + std::chrono::seconds(1))) continue;
  }
  void Type(const std::string& text) {
    std::vector<Key> keys;
    std::string error;
    CHECK(ParseKeys(text, &keys, &error));
    for (Key key : keys) application->Press(key);
  }
  std::string Row(int row) {
    Canvas canvas(kWidth, kHeight, true);
    application->Draw(&canvas);
    std::string text = canvas.Text();
    for (; row > 0; --row) text.erase(0, text.find('\n') + 1);
    return text.substr(0, text.find('\n'));
  }

  ReaderOptions options;
  History history;
  std::unique_ptr<store::Database> database;
  std::unique_ptr<Window> window;
  std::unique_ptr<Application> application;
};

bool Has(const std::string& text, const std::string& part) {
  if (text.find(part) != std::string::npos) return true;
  std::cerr << "no " << part << " in " << text << "\n";
  return false;
}

// Presses, and takes the smallest steps until the state bar has a percentage of a job. false: it never had.
bool ShowsProgress(Reader* reader, const std::string& keys) {
  reader->Type(keys);
  for (int steps = 0; steps < 10000; ++steps) {
    bool more = reader->Step();
    if (reader->Row(0).find("  # ") != std::string::npos) return true;
    if (!more) return false;
  }
  return false;
}

TEST(CountingSearchingAndSavingShowTheirProgress) {
  Reader reader;
  for (const char* keys : {"&duration > 1s<Enter>", "/nowhere<Enter>"}) {
    CHECK(ShowsProgress(&reader, keys));
    reader.Finish();
    CHECK(reader.Row(0).find("  # ") == std::string::npos);
    reader.Type("&<C-u><Enter><A-U>g");
    reader.Finish();
  }
  std::string path = Path("saved.txt");
  unlink(path.c_str());
  CHECK(ShowsProgress(&reader, "s" + path + "<Enter>"));
  reader.Type("<C-c>");
  reader.Finish();
  CHECK(Has(reader.Row(kHeight - 1), "stopped; the first "));
  unlink(path.c_str());
}

TEST(TheFieldWithTheCursorIsCopied) {
  Reader reader;
  auto copied = [&](const std::string& keys) {
    reader.Type(keys);
    reader.Finish();
    reader.Type("C");
    return reader.application->TakeCopy();
  };
  CHECK(Has(copied(""), " a.py --> f(n = int: 0)"));
  CHECK_EQ(copied("<Tab>"), "f");
  CHECK_EQ(copied("<Tab>"), "0");
  CHECK_EQ(copied("j"), "1");
  CHECK_EQ(copied("j"), "None");
  CHECK_EQ(copied("<Tab>"), "101ns");
  CHECK_EQ(copied("<S-Tab><S-Tab><S-Tab>"), "a.py");
  CHECK(Has(copied("<Esc>"), " a.py <-- f(return value = NoneType: None)"));
}

TEST(ASearchInsideALongCallCanBeStopped) {
  Reader reader;
  reader.Type("l");
  CHECK(reader.Step());
  CHECK(reader.application->busy());
  reader.Type("<C-c>");
  CHECK(!reader.application->busy());
  CHECK(Has(reader.Row(kHeight - 1), "interrupted"));
}

TEST(ASearchInTheTreeGoesOnInSlicesAndWhereItWasStopped) {
  Reader reader;
  reader.Type("t9)");
  reader.Finish();
  std::string before = reader.Row(0);
  reader.Type("/n = int: 999\\)<Enter>");
  CHECK(reader.application->busy());
  CHECK(reader.Step());
  CHECK(Has(reader.Row(0), "  # 0%"));
  for (int steps = 0; steps < 100; ++steps) reader.application->Work(std::chrono::steady_clock::now());
  CHECK(reader.application->busy());
  reader.Type("<C-c>");
  CHECK(!reader.application->busy());
  CHECK_EQ(reader.Row(0), before);
  CHECK(Has(reader.Row(kHeight - 1), "interrupted at row "));
  reader.Type("n");
  CHECK(reader.Step());
  CHECK(Has(reader.Row(0), "  # 10%"));
  reader.Finish();
  CHECK(Has(reader.Row(0), "1,000 of 1,002 rows"));
  reader.Type("/nowhere<Enter>");
  reader.Finish();
  CHECK(Has(reader.Row(kHeight - 1), "Pattern not found"));
}

TEST(APatternTypedInTheTreeIsSearchedInSlices) {
  Reader reader;
  reader.Type("t9)g");
  reader.Finish();
  reader.Type("/n = int: 900");
  CHECK(reader.Step());
  reader.Finish();
  CHECK(Has(reader.Row(0), "901 of 1,002 rows"));
  reader.Type("<Esc>");
  reader.Finish();
  CHECK(Has(reader.Row(0), " 1 of 1,002 rows"));
}

// What help says of a view, the view does.
TEST(ActionsMeanSomethingWhereHelpSaysSo) {
  const std::pair<const char*, Where> kViews[] = {
      {"", kInEvents}, {"t", kInTree}, {"o", kInHot}, {"E", kInExceptions}, {"T", kInThreads}};
  // What the frame takes in any view, whatever comes of it.
  const Action kFrame[] = {Action::kMark, Action::kMarkLast, Action::kToMark, Action::kFilterMode, Action::kCallers};
  for (const auto& [open, view] : kViews) {
    for (const Binding& binding : AllBindings()) {
      unsigned where = WhereIs(binding.action);
      bool checked = (where & (kInEvery | kInDetails | kInStrip)) == 0 &&
                     std::find(std::begin(kFrame), std::end(kFrame), binding.action) == std::end(kFrame);
      if (!checked) continue;
      Reader reader;
      reader.Type(std::string("/f<Enter>") + open);
      reader.Finish();
      Key key = binding.keys[0];
      if (key >= kDash) reader.application->Press('-'), key -= kDash;
      reader.application->Press(key);
      bool means = reader.Row(kHeight - 1).find("no meaning here") == std::string::npos;
      if (means != ((where & view) != 0)) std::cerr << binding.name << " in " << open << "\n";
      CHECK_EQ(means, (where & view) != 0);
    }
  }
}

}  // namespace
}  // namespace pytrace::reader::tui
