// What was typed into prompts, across runs of the reader: $XDG_STATE_HOME/pytrace/history, a line each, begun by the
// prompt's character (& or /).
#ifndef PYTRACE_READER_HISTORY_H_
#define PYTRACE_READER_HISTORY_H_

#include <map>
#include <string>
#include <vector>

namespace pytrace::reader {

class History {
 public:
  // Lines kept for each prompt.
  static constexpr size_t kLines = 500;

  // An empty path: remembers for this run only. A file that cannot be read or written is no error.
  explicit History(std::string path);
  static std::string DefaultPath();  // empty: no home

  void Add(char prompt, const std::string& line);
  // Oldest first, each line once.
  const std::vector<std::string>& lines(char prompt) { return lines_[prompt]; }

 private:
  void Remember(char prompt, const std::string& line);
  void Rewrite() const;

  std::string path_;
  std::map<char, std::vector<std::string>> lines_;
};

}  // namespace pytrace::reader

#endif  // PYTRACE_READER_HISTORY_H_
