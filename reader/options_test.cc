#include "reader/options.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "reader/settings.h"
#include "tests/unit/check.h"

namespace pytrace::reader {
namespace {

using Words = std::vector<std::string>;
using Action = CommandLine::Action;

struct Parsed {
  bool ok;
  CommandLine line;
  std::string error;
};

Parsed Parse(Words words) {
  words.insert(words.begin(), "pytrace");
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  Parsed parsed;
  parsed.ok = ParseCommandLine(static_cast<int>(argv.size()), argv.data(), &parsed.line, &parsed.error);
  return parsed;
}

bool Contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

// A variable for the time of one test.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) { setenv(name, value, 1); }
  ~Variable() { unsetenv(name_); }

 private:
  const char* name_;
};

TEST(NothingReadsTheDefaultDatabase) {
  Parsed p = Parse({});
  CHECK(p.ok && p.line.action == Action::kRead);
  CHECK_EQ(p.line.read.file, "traces.sqlite");
  CHECK_EQ(p.line.read.run, kNewestRun);
}

TEST(VariableNamesTheDatabaseForReadingAndRunning) {
  Variable db("PYTRACE_DB", "/tmp/other.sqlite");
  CHECK_EQ(Parse({}).line.read.file, "/tmp/other.sqlite");
  CHECK_EQ(Parse({"x.py"}).line.launch.db, "/tmp/other.sqlite");
  CHECK_EQ(Parse({"-o", "mine.sqlite", "x.py"}).line.launch.db, "mine.sqlite");
}

TEST(WordsBehindTheProgramAreItsOwn) {
  Parsed p = Parse({"--db=a.sqlite", "foo.py", "--db", "b", "-e", "--nonsense"});
  CHECK(p.ok && p.line.action == Action::kLaunch);
  CHECK_EQ(p.line.launch.db, "a.sqlite");
  CHECK(p.line.launch.words == Words({"foo.py", "--db", "b", "-e", "--nonsense"}));
}

TEST(ModuleAndCodeBeginTheProgram) {
  CHECK(Parse({"-m", "json.tool", "-h"}).line.launch.words == Words({"-m", "json.tool", "-h"}));
  CHECK(Parse({"-mjson.tool", "x"}).line.launch.words == Words({"-m", "json.tool", "x"}));
  CHECK(Parse({"-c", "print(1)", "-c"}).line.launch.words == Words({"-c", "print(1)", "-c"}));
  CHECK(!Parse({"-m"}).ok);
  CHECK(!Parse({"-c"}).ok);
}

TEST(DashesMakeAnythingAProgram) {
  CHECK(Parse({"--", "sql"}).line.launch.words == Words({"sql"}));
  CHECK(Parse({"--", "a.sqlite"}).line.launch.words == Words({"a.sqlite"}));
  CHECK(Parse({"--", "-m"}).line.launch.words == Words({"-m"}));
  CHECK(!Parse({"--"}).ok);
}

TEST(SubcommandsReadTheirOwnOptions) {
  CHECK(Parse({"sql", "--nonsense"}).line.action == Action::kSql);
  CHECK(Parse({"export", "--help"}).line.action == Action::kExport);
  CHECK(Contains(Parse({"-f", "a", "sql", "SELECT"}).error, "sql comes first"));
}

TEST(ReaderOptionsTakeEitherForm) {
  for (const Words& words : {Words{"a.sqlite", "-F", "-e", "x", "--filter=y", "--limit", "7"},
                             Words{"-Fe", "x", "-ey", "--limit=7", "--file=a.sqlite"}}) {
    Parsed p = Parse(words);
    CHECK(p.ok && p.line.action == Action::kRead);
    CHECK_EQ(p.line.read.file, "a.sqlite");
    CHECK(p.line.read.follow);
    CHECK(p.line.read.filters == Words({"x", "y"}));
    CHECK_EQ(p.line.read.limit, 7);
  }
}

TEST(ReaderChoices) {
  Parsed p = Parse({"--run=3", "--format=jsonl", "--color", "never", "--count", "--startup", "--ascii", "--since=s"});
  CHECK(p.ok);
  CHECK_EQ(p.line.read.run, 3);
  CHECK(p.line.read.format == Format::kJsonl && p.line.read.color == Color::kNever);
  CHECK(p.line.read.count && p.line.read.startup && p.line.read.ascii);
  CHECK_EQ(p.line.read.since, "s");
  CHECK_EQ(Parse({"--run", "all"}).line.read.run, kAllRuns);
}

TEST(WrongValuesAreOneLineThatNamesTheOption) {
  for (const char* word : {"--run=0", "--run=x", "--format=xml", "--color=blue", "--limit=-1", "--max-size=2X",
                           "--buffer=1K", "--on-full=wait", "--values=all", "--limits=string", "--max-traces="}) {
    Parsed p = Parse({word, "x.py"});
    CHECK(!p.ok);
    CHECK(Contains(p.error, std::string(word).substr(0, std::string(word).find('='))));
    CHECK(!Contains(p.error, "\n"));
  }
}

TEST(UnknownOptionNamesTheNearest) {
  CHECK(Contains(Parse({"--modles", "a", "x.py"}).error, "--modules"));
  CHECK(Contains(Parse({"--max-trace=4"}).error, "--max-traces"));
  CHECK(Contains(Parse({"--ouput"}).error, "--"));
  CHECK(Contains(Parse({"-E", "x"}).error, " -e?"));
  CHECK(Contains(Parse({"--startpu"}).error, "--startup"));
}

TEST(OptionsOfTheOtherHalfAreRefused) {
  CHECK(Contains(Parse({"--buffer=1M"}).error, "--buffer needs a program"));
  CHECK(Contains(Parse({"-e", "x", "foo.py"}).error, "-e is for reading"));
  CHECK(Parse({"--show", "-e", "x", "foo.py"}).ok);
  CHECK(!Parse({"--help=1"}).ok);
  CHECK(!Parse({"--filter"}).ok);
}

TEST(OneDatabase) {
  CHECK(!Parse({"a.sqlite", "b.sqlite"}).ok);
  CHECK(!Parse({"a.sqlite", "foo.py"}).ok);
}

TEST(FileWithSqliteHeaderIsADatabaseWhateverItsName) {
  char folder[] = "/tmp/options_testXXXXXX";
  CHECK(mkdtemp(folder) != nullptr);
  std::string file = std::string(folder) + "/recording";
  std::ofstream(file).write("SQLite format 3\0rest", 20);
  CHECK(Parse({file}).line.action == Action::kRead);
  std::ofstream(file) << "SQLite format 4";
  CHECK(Parse({file}).line.action == Action::kLaunch);
  unlink(file.c_str());
  rmdir(folder);
}

TEST(SettingsAreNormalizedAndDefaultsLeftOut) {
  Parsed p = Parse({"--buffer=1M", "--max-traces", "1_000", "--values=shallow", "--max-size=2g", "x.py"});
  CHECK(p.ok);
  auto expected = std::map<std::string, std::string>{{"PYTRACE_BUFFER", "1048576"}, {"PYTRACE_MAX_TRACES", "1000"}};
  CHECK(p.line.launch.settings == expected);
}

TEST(OptionWinsOverItsVariable) {
  Variable values("PYTRACE_VALUES", "deep");
  CHECK_EQ(Parse({"x.py"}).line.launch.settings["PYTRACE_VALUES"], "deep");
  CHECK_EQ(Parse({"--values=shallow", "x.py"}).line.launch.settings.count("PYTRACE_VALUES"), 0u);
}

TEST(WrongVariableIsNamed) {
  Variable buffer("PYTRACE_BUFFER", "lots");
  CHECK(Contains(Parse({"x.py"}).error, "PYTRACE_BUFFER: expected a size"));
  CHECK(Parse({"--help"}).ok);
  CHECK(Parse({}).ok);
}

TEST(ReaderVariableHoldsReaderOptionsOnly) {
  {
    Variable reader("PYTRACE_READER", " --color=always  --startup ");
    Parsed p = Parse({"--color=never"});
    CHECK(p.ok && p.line.read.startup && p.line.read.color == Color::kNever);
    CHECK(Parse({"x.py"}).ok);
  }
  Variable reader("PYTRACE_READER", "--new");
  CHECK(!Parse({}).ok);
}

TEST(FoldersOfModulesBecomeAbsolute) {
  Parsed p = Parse({"--modules=.:shop::./", "x.py"});
  char here[4096];
  CHECK(getcwd(here, sizeof(here)) != nullptr);
  std::string folder = here;
  CHECK_EQ(p.line.launch.settings["TRACE_MODULES"], folder + ":shop:" + folder);
}

TEST(Sizes) {
  int64_t bytes = 0;
  CHECK(ParseSize("64M", &bytes) && bytes == 64 << 20);
  CHECK(ParseSize("2GiB", &bytes) && bytes == int64_t{2} << 30);
  CHECK(ParseSize("10kb", &bytes) && bytes == 10240);
  CHECK(ParseSize("123", &bytes) && bytes == 123);
  for (const char* wrong : {"", "M", "1.5G", "-1", "9999999999T", "12MM", "1 G"}) CHECK(!ParseSize(wrong, &bytes));
}

TEST(Counts) {
  int64_t count = 0;
  CHECK(ParseCount("0", &count) && count == 0);
  CHECK(ParseCount("100,000,000", &count) && count == 100000000);
  CHECK(ParseCount("9223372036854775807", &count) && count == INT64_MAX);
  for (const char* wrong : {"", "9223372036854775808", "1,", ",1", "1__0", "x"}) CHECK(!ParseCount(wrong, &count));
}

TEST(LimitsAreChecked) {
  CHECK(Parse({"--limits=string=100,depth=3", "x.py"}).ok);
  for (const char* wrong : {"string=1,", "string=", "name=1", "depth=1,depth=2", "items=1_0"}) {
    CHECK(!Parse({"--limits", wrong, "x.py"}).ok);
  }
}

TEST(HelpFitsATerminalAndNamesAllOptions) {
  std::string help = HelpText();
  for (size_t at = 0; at < help.size(); at = help.find('\n', at) + 1) CHECK(help.find('\n', at) - at <= 80);
  for (const char* option : {"--db", "--new", "--python", "--max-traces", "--filter", "--follow", "--limits"}) {
    CHECK(Contains(help, option));
  }
}

}  // namespace
}  // namespace pytrace::reader
