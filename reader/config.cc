#include "reader/config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <sstream>

namespace pytrace::reader {
namespace {

std::string DefaultPath() {
  const char* config = getenv("XDG_CONFIG_HOME");
  if (config != nullptr && *config == '/') return std::string(config) + "/pytrace/config";
  const char* home = getenv("HOME");
  return home != nullptr && *home == '/' ? std::string(home) + "/.config/pytrace/config" : "";
}

std::string Trimmed(const std::string& text) {
  size_t begin = text.find_first_not_of(" \t\r"), end = text.find_last_not_of(" \t\r");
  return begin == std::string::npos ? "" : text.substr(begin, end - begin + 1);
}

// The first word; *text keeps the rest.
std::string TakeWord(std::string* text) {
  size_t end = text->find_first_of(" \t");
  std::string word = text->substr(0, end);
  *text = end == std::string::npos ? "" : Trimmed(text->substr(end));
  return word;
}

bool IsName(const std::string& text) {
  auto fits = [](char c) { return isalnum(static_cast<unsigned char>(c)) || c == '_'; };
  return !text.empty() && !isdigit(static_cast<unsigned char>(text[0])) && std::all_of(text.begin(), text.end(), fits);
}

// nullptr, or what is expected.
const char* ReadLine(std::string line, Config* out) {
  std::string word = TakeWord(&line), first = TakeWord(&line);
  if (word == "set") {
    if (first.empty()) return "expected: set OPTION [VALUE]";
    out->options.push_back("--" + first + (line.empty() ? "" : "=" + line));
    return nullptr;
  }
  if (word == "bind" || word == "color") {
    if (line.empty() || line.find(' ') != std::string::npos)
      return word == "bind" ? "expected: bind KEY ACTION" : "expected: color WHAT COLOUR";
    (word == "bind" ? out->bindings : out->colors).emplace_back(first, line);
    return nullptr;
  }
  if (word == "alias") {
    if (!IsName(first) || !line.starts_with("=") || Trimmed(line.substr(1)).empty())
      return "expected: alias NAME = FILTER";
    out->aliases[first] = Trimmed(line.substr(1));
    return nullptr;
  }
  return "expected set, bind, color or alias";
}

}  // namespace

bool ParseConfig(const std::string& text, const std::string& name, Config* out, std::string* error) {
  std::istringstream lines(text);
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    line = Trimmed(line);
    if (line.empty() || line[0] == '#') continue;
    const char* problem = ReadLine(line, out);
    if (problem == nullptr) continue;
    *error = name + ":" + std::to_string(number) + ": " + problem;
    return false;
  }
  return true;
}

bool ReadConfig(const std::string& named, Config* out, std::string* error) {
  const char* variable = named.empty() ? getenv("PYTRACE_CONFIG") : nullptr;
  std::string path = !named.empty() ? named : variable != nullptr ? variable : DefaultPath();
  if (path.empty()) return true;
  std::ifstream file(path);
  if (!file) {
    if (named.empty() && variable == nullptr) return true;
    *error = path + ": " + strerror(errno) + (variable != nullptr ? " (PYTRACE_CONFIG names it)" : "");
    return false;
  }
  std::stringstream text;
  text << file.rdbuf();
  return ParseConfig(text.str(), path, out, error);
}

}  // namespace pytrace::reader
