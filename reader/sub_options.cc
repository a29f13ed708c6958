#include "reader/sub_options.h"

#include <stdlib.h>

namespace pytrace::reader {

bool SubOptions::Parse(std::string* error) {
  for (int at = 1; at < argc_; ++at) {
    std::string word = argv_[at];
    if (word == "--") {
      rest_.insert(rest_.end(), argv_ + at + 1, argv_ + argc_);
      return true;
    }
    if (word.size() < 2 || word[0] != '-') {
      rest_.push_back(word);
    } else if (!Take(word, &at, error)) {
      return false;
    }
  }
  return true;
}

bool SubOptions::Take(const std::string& word, int* at, std::string* error) {
  const bool is_long = word[1] == '-';
  const size_t equals = is_long ? word.find('=') : std::string::npos;
  const std::string name = is_long ? word.substr(0, equals) : word.substr(0, 2);
  const std::string attached = equals != std::string::npos ? word.substr(equals + 1) : is_long ? "" : word.substr(2);
  const bool has_attached = equals != std::string::npos || (!is_long && word.size() > 2);
  for (const Option& option : options_) {
    if (name != option.long_name && name != option.short_name) continue;
    if (option.flag != nullptr) {
      if (has_attached) break;
      *option.flag = true;
      return true;
    }
    if (!has_attached && *at + 1 >= argc_) {
      *error = std::string(argv_[0]) + ": " + name + " needs a value";
      return false;
    }
    *option.value = has_attached ? attached : argv_[++*at];
    return true;
  }
  *error = std::string(argv_[0]) + ": unknown option '" + word + "'; see pytrace " + argv_[0] + " --help";
  return false;
}

std::string DefaultFile(const std::string& given) {
  if (!given.empty()) return given;
  const char* from_environment = getenv("PYTRACE_DB");
  return from_environment && *from_environment ? from_environment : "traces.sqlite";
}

}  // namespace pytrace::reader
