// The settings of a recording: an option of the command and an environment variable each. The variable is what the
// traced processes and the dumper read, so a plain LD_PRELOAD can do all that the command can.
#ifndef PYTRACE_READER_SETTINGS_H_
#define PYTRACE_READER_SETTINGS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pytrace::reader {

struct Setting {
  const char* option;         // without the dashes
  const char* variable;       // environment
  const char* default_value;  // normalized; what holds when the variable is not set
  const char* argument;       // for --help: N, SIZE ...
  const char* help;           // one line each, without the default
  // Checks *value and brings it into the form that the variable has. false: *problem says what is expected.
  bool (*normalize)(std::string* value, std::string* problem);
};

const std::vector<Setting>& AllSettings();
const Setting* FindSetting(std::string_view option);

// 64M -> 67108864. A number with K, M, G or T (powers of 1024, case and a following B or iB do not matter), or without.
// false: no size.
bool ParseSize(std::string_view text, int64_t* bytes);
bool ParseCount(std::string_view text, int64_t* count);  // 0 and up; 1_000 and 1,000 are 1000

}  // namespace pytrace::reader

#endif  // PYTRACE_READER_SETTINGS_H_
