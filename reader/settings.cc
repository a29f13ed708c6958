#include "reader/settings.h"

#include <algorithm>
#include <cctype>
#include <climits>
#include <cstdlib>

namespace pytrace::reader {
namespace {

constexpr int64_t kMinBuffer = 256 << 10;  // a segment has 64 units of 4 KiB at least
constexpr int64_t kMaxLimit = 1 << 30;

bool NormalizeCount(std::string* value, std::string* problem) {
  int64_t count;
  *problem = "expected a number, 0 for no limit";
  if (!ParseCount(*value, &count)) return false;
  *value = std::to_string(count);
  return true;
}

bool NormalizeSize(std::string* value, std::string* problem) {
  int64_t bytes;
  *problem = "expected a size like 500M or 2G, 0 for no limit";
  if (!ParseSize(*value, &bytes)) return false;
  *value = std::to_string(bytes);
  return true;
}

bool NormalizeBuffer(std::string* value, std::string* problem) {
  int64_t bytes;
  *problem = "expected a size like 64M, at least 256K";
  if (!ParseSize(*value, &bytes) || bytes < kMinBuffer) return false;
  *value = std::to_string(bytes);
  return true;
}

bool NormalizeWord(std::string* value, std::initializer_list<const char*> words, std::string* problem) {
  if (std::find(words.begin(), words.end(), *value) != words.end()) return true;
  *problem = "expected";
  const char* separator = " ";
  for (const char* word : words) {
    *problem += separator + std::string(word);
    separator = word == *(words.end() - 2) ? " or " : ", ";
  }
  return false;
}

bool NormalizeOnFull(std::string* value, std::string* problem) {
  return NormalizeWord(value, {"block", "drop"}, problem);
}

bool NormalizeValues(std::string* value, std::string* problem) {
  return NormalizeWord(value, {"none", "shallow", "deep"}, problem);
}

// Folders become absolute: the processes that read the list may run elsewhere. A word without a slash stays as it is,
// for it may be a package.
bool NormalizeModules(std::string* value, std::string*) {
  std::string out;
  for (size_t at = 0; at <= value->size();) {
    size_t end = std::min(value->find(':', at), value->size());
    std::string word = value->substr(at, end - at);
    at = end + 1;
    if (word.empty()) continue;
    if (word == "." || word == ".." || word.find('/') != std::string::npos) {
      char path[PATH_MAX];
      if (realpath(word.c_str(), path)) word = path;
    }
    if (!out.empty()) out += ':';
    out += word;
  }
  *value = out;
  return true;
}

// string=N,items=N,depth=N in any order, each at most once.
bool NormalizeLimits(std::string* value, std::string* problem) {
  *problem = "expected string=N,items=N,depth=N, or some of them";
  std::vector<std::string_view> seen;
  for (size_t at = 0; at < value->size();) {
    size_t end = std::min(value->find(',', at), value->size());
    std::string_view part = std::string_view(*value).substr(at, end - at);
    at = end + 1;
    size_t equals = part.find('=');
    if (equals == std::string_view::npos) return false;
    std::string_view name = part.substr(0, equals), number = part.substr(equals + 1);
    int64_t limit;
    bool known = name == "string" || name == "items" || name == "depth";
    bool digits = std::all_of(number.begin(), number.end(), [](unsigned char c) { return isdigit(c); });
    if (!known || !digits || !ParseCount(number, &limit) || limit > kMaxLimit) return false;
    if (std::find(seen.begin(), seen.end(), name) != seen.end()) return false;
    seen.push_back(name);
  }
  return value->empty() || value->back() != ',';
}

}  // namespace

const std::vector<Setting>& AllSettings() {
  static const std::vector<Setting> settings = {
      {"max-traces", "PYTRACE_MAX_TRACES", "100000000", "N", "calls kept, the oldest go first; else 100,000,000",
       NormalizeCount},
      {"max-size", "PYTRACE_MAX_SIZE", "2147483648", "SIZE", "the same by the size of the file; else 2G",
       NormalizeSize},
      {"buffer", "PYTRACE_BUFFER", "67108864", "SIZE", "shared memory for each process; else 64M or less", NormalizeBuffer},
      {"on-full", "PYTRACE_ON_FULL", "block", "HOW", "block: wait while it is full (default); drop: count",
       NormalizeOnFull},
      {"modules", "TRACE_MODULES", "", "LIST", "record only these folders or packages, a:b:c", NormalizeModules},
      {"values", "PYTRACE_VALUES", "shallow", "HOW", "none, shallow (default) or deep", NormalizeValues},
      {"limits", "PYTRACE_LIMITS", "", "WHAT", "of each value: string=N,items=N,depth=N", NormalizeLimits},
  };
  return settings;
}

const Setting* FindSetting(std::string_view option) {
  for (const Setting& setting : AllSettings()) {
    if (option == setting.option) return &setting;
  }
  return nullptr;
}

bool ParseCount(std::string_view text, int64_t* count) {
  int64_t n = 0;
  bool digits = false, separator = true;
  for (char c : text) {
    if (c >= '0' && c <= '9') {
      if (n > (INT64_MAX - (c - '0')) / 10) return false;
      n = n * 10 + (c - '0');
      digits = true;
      separator = false;
    } else if ((c == '_' || c == ',') && !separator) {
      separator = true;
    } else {
      return false;
    }
  }
  *count = n;
  return digits && !separator;
}

bool ParseSize(std::string_view text, int64_t* bytes) {
  size_t digits = 0;
  while (digits < text.size() && isdigit(static_cast<unsigned char>(text[digits]))) ++digits;
  if (!ParseCount(text.substr(0, digits), bytes)) return false;
  std::string unit;
  for (char c : text.substr(digits)) unit += static_cast<char>(toupper(static_cast<unsigned char>(c)));
  if (unit.empty() || unit == "B") return true;
  size_t power = std::string_view("KMGT").find(unit[0]);
  std::string rest = unit.substr(1);
  if (power == std::string_view::npos || !(rest.empty() || rest == "B" || rest == "IB")) return false;
  int shift = 10 * static_cast<int>(power + 1);
  if (*bytes > (INT64_MAX >> shift)) return false;
  *bytes <<= shift;
  return true;
}

}  // namespace pytrace::reader
