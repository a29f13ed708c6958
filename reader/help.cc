// --help and --version.
#include <algorithm>
#include <string>

#include "dumper/store/schema.h"
#include "reader/option_table.h"
#include "reader/options.h"
#include "reader/settings.h"

namespace pytrace::reader {
namespace {

void AddOption(char letter, const std::string& name, const char* argument, const char* help, std::string* out) {
  constexpr size_t kTextColumn = 26;
  std::string left = letter ? std::string("  -") + letter + ", --" + name : "      --" + name;
  if (argument) left += std::string(" ") + argument;
  left.resize(std::max(kTextColumn, left.size() + 2), ' ');
  *out += left + help + "\n";
}

void AddOptions(Use use, std::string* out) {
  for (const Option& option : AllOptions()) {
    if (option.use == use) AddOption(option.letter, option.name, option.argument, option.help, out);
  }
}

}  // namespace

std::string HelpText() {
  std::string out = R"(pytrace records every function call of a Python program, with its values.

Run and record:
  pytrace [options] SCRIPT.py [args]      also: -m MODULE [args], -c CODE [args]
  pytrace [options] [--] COMMAND [args]   whatever Python it starts

Read, also while it is being recorded:
  pytrace [options] [DATABASE]            the reader (key h: help), or text
  pytrace sql [-f DATABASE] "SELECT ..."  to begin: "SELECT * FROM readme"
  pytrace export --help                   write a recording in another form

)";
  AddOptions(Use::kAny, &out);
  out += R"(
To run. A variable does the same, also under a plain LD_PRELOAD: --max-size is
PYTRACE_MAX_SIZE, and so on; --modules is TRACE_MODULES. PYTRACE=0 switches off.
)";
  AddOptions(Use::kLaunch, &out);
  for (const Setting& setting : AllSettings()) {
    AddOption(0, setting.option, setting.argument, setting.help, &out);
  }
  out += "\nTo read, or with --show. PYTRACE_READER may hold some that always apply:\n";
  AddOptions(Use::kRead, &out);
  out += R"(
The exit status is the program's, 128+n when signal n ended it. 127: no such
program, 126: it cannot be executed, 2: a mistake in the command line or about
the database, said in one line.
)";
  return out;
}

std::string VersionText() { return std::string("pytrace ") + store::kPytraceVersion + "\n"; }

}  // namespace pytrace::reader
