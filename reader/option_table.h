// The options of the command but for those in settings.h: one row each, from which the parser and --help are made.
#ifndef PYTRACE_READER_OPTION_TABLE_H_
#define PYTRACE_READER_OPTION_TABLE_H_

#include <string>
#include <string_view>
#include <vector>

#include "reader/options.h"

namespace pytrace::reader {

// Where an option makes sense. Those for reading also go with --show.
enum class Use { kAny, kLaunch, kRead };

struct Option {
  char letter;  // 0: none
  const char* name;
  const char* argument;  // nullptr: a switch, whose value is 1 (in its variable 0 is off)
  const char* variable;  // environment; nullptr: none
  Use use;
  const char* help;
  // Puts the value where it belongs. false: *problem says what is expected.
  bool (*apply)(const std::string& value, CommandLine* out, std::string* problem);
};

const std::vector<Option>& AllOptions();
const Option* FindOption(std::string_view name);
const Option* FindLetter(char letter);

// The valid option, settings included, that an unknown one most likely means; both without dashes: one that it begins,
// else the nearest by typing errors.
std::string NearestOption(std::string_view name);

}  // namespace pytrace::reader

#endif  // PYTRACE_READER_OPTION_TABLE_H_
