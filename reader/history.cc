#include "reader/history.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <utility>

namespace pytrace::reader {
namespace {

bool OneLine(const std::string& line) { return !line.empty() && line.find('\n') == std::string::npos; }

void WriteAll(int file, const std::string& text) {
  size_t done = 0;
  while (done < text.size()) {
    ssize_t n = write(file, text.data() + done, text.size() - done);
    if (n <= 0) return;
    done += static_cast<size_t>(n);
  }
}

}  // namespace

std::string History::DefaultPath() {
  const char* state = getenv("XDG_STATE_HOME");
  if (state != nullptr && *state == '/') return std::string(state) + "/pytrace/history";
  const char* home = getenv("HOME");
  return home != nullptr && *home == '/' ? std::string(home) + "/.local/state/pytrace/history" : "";
}

History::History(std::string path) : path_(std::move(path)) {
  if (path_.empty()) return;
  std::ifstream file(path_);
  std::string line;
  size_t read = 0;
  for (; std::getline(file, line); ++read) {
    if (line.size() > 1) Remember(line[0], line.substr(1));
  }
  if (read > 4 * kLines) Rewrite();
}

void History::Remember(char prompt, const std::string& line) {
  std::vector<std::string>& lines = lines_[prompt];
  lines.erase(std::remove(lines.begin(), lines.end(), line), lines.end());
  lines.push_back(line);
  if (lines.size() > kLines) lines.erase(lines.begin());
}

void History::Add(char prompt, const std::string& line) {
  if (!OneLine(line)) return;
  Remember(prompt, line);
  if (path_.empty()) return;
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(path_).parent_path(), error);
  // Appended, so that two readers at once keep each other's lines. What was typed may be private.
  int file = open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return;
  WriteAll(file, prompt + line + "\n");
  close(file);
}

void History::Rewrite() const {
  std::string all;
  for (const auto& [prompt, lines] : lines_) {
    for (const std::string& line : lines) all += prompt + line + "\n";
  }
  std::string temporary = path_ + "." + std::to_string(getpid());
  int file = open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return;
  WriteAll(file, all);
  close(file);
  if (rename(temporary.c_str(), path_.c_str()) != 0) unlink(temporary.c_str());
}

}  // namespace pytrace::reader
