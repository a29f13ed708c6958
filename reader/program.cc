#include "reader/program.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

namespace pytrace::reader {
namespace {

constexpr std::string_view kSqliteHeader("SQLite format 3\0", 16);
constexpr std::string_view kZipHeader("PK\3\4");

bool EndsWith(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

bool HasSlash(const std::string& word) { return word.find('/') != std::string::npos; }

// The first bytes of a regular file; empty for anything else. Never waits (a FIFO may have the name).
std::string FirstBytes(const std::string& path) {
  struct stat st;
  if (stat(path.c_str(), &st) != 0 || !S_ISREG(st.st_mode)) return "";
  int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return "";
  char bytes[256];
  ssize_t n = read(fd, bytes, sizeof(bytes));
  close(fd);
  return n > 0 ? std::string(bytes, n) : "";
}

// `#!` and then python as the name of a program: /usr/bin/python3, /usr/bin/env -S python3 -u, /opt/pypy3/bin/pypy3.
bool HasPythonShebang(std::string_view bytes) {
  if (bytes.substr(0, 2) != "#!") return false;
  std::string_view line = bytes.substr(2, bytes.find('\n') - 2);
  for (size_t at = 0; at < line.size();) {
    size_t end = std::min(line.find_first_of(" \t", at), line.size());
    std::string_view word = line.substr(at, end - at);
    at = end + 1;
    std::string_view name = word.substr(word.rfind('/') + 1);  // npos + 1 is 0: the whole word
    if (name.substr(0, 6) == "python" || name.substr(0, 4) == "pypy") return true;
  }
  return false;
}

// What an interpreter runs although its name does not say so.
bool IsPythonScript(const std::string& path) {
  struct stat st;
  if (stat(path.c_str(), &st) != 0) return false;
  if (S_ISDIR(st.st_mode)) return access((path + "/__main__.py").c_str(), R_OK) == 0;
  std::string bytes = FirstBytes(path);
  return HasPythonShebang(bytes) || std::string_view(bytes).substr(0, kZipHeader.size()) == kZipHeader;
}

bool IsExecutableFile(const std::string& path) {
  struct stat st;
  return stat(path.c_str(), &st) == 0 && S_ISREG(st.st_mode) && access(path.c_str(), X_OK) == 0;
}

// As execvp searches: an empty part of PATH is the current directory. Empty when there is none.
std::string FindInPath(const std::string& name) {
  const char* variable = getenv("PATH");
  std::string path = variable ? variable : "/usr/local/bin:/bin:/usr/bin";
  for (size_t at = 0; at <= path.size();) {
    size_t end = std::min(path.find(':', at), path.size());
    std::string folder = path.substr(at, end - at);
    at = end + 1;
    std::string file = (folder.empty() ? "." : folder) + "/" + name;
    if (IsExecutableFile(file)) return file;
  }
  return "";
}

int NoSuch(const std::string& word, std::string* error) {
  *error = "no such program: " + word;
  return kNoSuchProgram;
}

// `words` are the arguments of the interpreter.
int WithInterpreter(const std::vector<std::string>& words, const std::string& python, Program* out,
                    std::string* error) {
  std::string name = python;
  if (!python.empty()) {
    out->path = HasSlash(python) ? python : FindInPath(python);
    if (out->path.empty()) return NoSuch(python, error);
    if (access(out->path.c_str(), F_OK) != 0) return NoSuch(python, error);
    if (!IsExecutableFile(out->path)) {
      *error = "not executable: " + python;
      return kNotExecutable;
    }
  } else {
    for (const char* candidate : {"python3", "python"}) {
      name = candidate;
      out->path = FindInPath(name);
      if (!out->path.empty()) break;
    }
    if (out->path.empty()) {
      *error = "no python3 in PATH; say which with --python";
      return kNoSuchProgram;
    }
  }
  out->argv = {name};
  out->argv.insert(out->argv.end(), words.begin(), words.end());
  return 0;
}

int AsCommand(const std::vector<std::string>& words, const std::string& path, Program* out) {
  out->path = path;
  out->argv = words;
  return 0;
}

int ResolveName(const std::vector<std::string>& words, const std::string& python, Program* out, std::string* error) {
  const std::string& name = words[0];
  std::string found = name.empty() ? "" : FindInPath(name);
  if (!found.empty()) {
    if (python.empty() || !HasPythonShebang(FirstBytes(found))) return AsCommand(words, found, out);
    std::vector<std::string> script = words;
    script[0] = found;
    return WithInterpreter(script, python, out, error);
  }
  if (IsPythonScript(name)) return WithInterpreter(words, python, out, error);
  NoSuch(name, error);
  if (!name.empty() && access(name.c_str(), F_OK) == 0) *error += " in PATH (for the file here: ./" + name + ")";
  return kNoSuchProgram;
}

int ResolvePath(const std::vector<std::string>& words, const std::string& python, Program* out, std::string* error) {
  const std::string& path = words[0];
  if (access(path.c_str(), F_OK) != 0) return NoSuch(path, error);
  std::string bytes = FirstBytes(path);
  bool zip = std::string_view(bytes).substr(0, kZipHeader.size()) == kZipHeader;  // the kernel cannot run one
  bool own_interpreter = IsExecutableFile(path) && !zip && (python.empty() || !HasPythonShebang(bytes));
  if (own_interpreter) return AsCommand(words, path, out);
  if (IsPythonScript(path)) return WithInterpreter(words, python, out, error);
  *error = "not executable, and no Python script: " + path;
  return kNotExecutable;
}

}  // namespace

bool LooksLikeDatabase(const std::string& word) {
  if (EndsWith(word, ".sqlite")) return true;
  return std::string_view(FirstBytes(word)).substr(0, kSqliteHeader.size()) == kSqliteHeader;
}

int ResolveProgram(const std::vector<std::string>& words, const std::string& python, Program* out, std::string* error) {
  const std::string& first = words[0];
  if (first == "-m" || first == "-c" || first == "-") return WithInterpreter(words, python, out, error);
  if (EndsWith(first, ".py")) {
    if (access(first.c_str(), F_OK) == 0) return WithInterpreter(words, python, out, error);
    std::string found = HasSlash(first) ? "" : FindInPath(first);
    return found.empty() ? NoSuch(first, error) : AsCommand(words, found, out);
  }
  return HasSlash(first) ? ResolvePath(words, python, out, error) : ResolveName(words, python, out, error);
}

}  // namespace pytrace::reader
