// The user's configuration: $XDG_CONFIG_HOME/pytrace/config, or $PYTRACE_CONFIG (empty: none). pytrace(5) describes it.
//
//     set view tree                 a reader's option, as on the command line without its dashes, or
//     set numbers                   a switch of the screen (switches.h)
//     bind <C-t> tree               a key and what it does
//     color value 210               a piece of the screen and its colour
//     alias slow = duration > 10ms  a word of the filter language
#ifndef PYTRACE_READER_CONFIG_H_
#define PYTRACE_READER_CONFIG_H_

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace pytrace::reader {

struct Config {
  std::vector<std::string> options;  // words of a command line
  std::vector<std::pair<std::string, std::string>> bindings, colors;
  std::map<std::string, std::string> aliases;
};

// `file`: as --config has it; empty: $PYTRACE_CONFIG or the usual one. A file that is not there is an empty one, unless
// it was named. false: *error is `FILE:LINE: ...`.
bool ReadConfig(const std::string& file, Config* out, std::string* error);
// The same for the text of a file.
bool ParseConfig(const std::string& text, const std::string& name, Config* out, std::string* error);

}  // namespace pytrace::reader

#endif  // PYTRACE_READER_CONFIG_H_
