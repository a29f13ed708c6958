// The options of a sub-command: a few names, each with or without a value.
#ifndef PYTRACE_READER_SUB_OPTIONS_H_
#define PYTRACE_READER_SUB_OPTIONS_H_

#include <string>
#include <vector>

namespace pytrace::reader {

// Say what there is, then Parse. `short_name` may be empty.
class SubOptions {
 public:
  // argv[0] is the sub-command's name.
  SubOptions(int argc, char** argv) : argc_(argc), argv_(argv) {}
  void Flag(const char* short_name, const char* long_name, bool* out) {
    options_.push_back({short_name, long_name, out, nullptr});
  }
  void Value(const char* short_name, const char* long_name, std::string* out) {
    options_.push_back({short_name, long_name, nullptr, out});
  }
  // False: *error is one line. `--name VALUE`, `--name=VALUE`, `-n VALUE`, `-nVALUE`; `--` ends the options.
  bool Parse(std::string* error);
  const std::vector<std::string>& rest() const { return rest_; }

 private:
  struct Option {
    std::string short_name, long_name;
    bool* flag;
    std::string* value;
  };
  bool Take(const std::string& word, int* at, std::string* error);

  int argc_;
  char** argv_;
  std::vector<Option> options_;
  std::vector<std::string> rest_;
};

// The recording to read: as given, else PYTRACE_DB, else traces.sqlite.
std::string DefaultFile(const std::string& given);

}  // namespace pytrace::reader

#endif  // PYTRACE_READER_SUB_OPTIONS_H_
