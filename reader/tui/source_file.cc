#include "reader/tui/source_file.h"

#include <algorithm>
#include <cctype>
#include <set>
#include <string_view>

namespace pytrace::reader::tui {
namespace {

bool IsNameByte(char c) { return c == '_' || (c & 0x80) != 0 || isalnum(static_cast<unsigned char>(c)) != 0; }

// Takes the word off the front of a line, with the blanks behind it.
bool TakeWord(std::string_view word, std::string_view* line) {
  if (!line->starts_with(word) || line->size() == word.size() || IsNameByte((*line)[word.size()])) return false;
  line->remove_prefix(word.size());
  line->remove_prefix(std::min(line->size(), line->find_first_not_of(" \t")));
  return true;
}

// The processes of the run from which this one may have come by fork, and itself.
int64_t EarliestStart(const store::Catalog& catalog, const store::Process& process) {
  int64_t earliest = process.started_ns;
  std::set<int64_t> seen;
  for (const store::Process* at = &process; at != nullptr && seen.insert(at->id).second;) {
    if (at->started_ns > 0) earliest = std::min(earliest, at->started_ns);
    const store::Process* parent = nullptr;
    for (const auto& [id, other] : catalog.processes()) {
      if (other.run == at->run && other.pid == at->parent_pid && other.started_ns <= at->started_ns) parent = &other;
    }
    at = parent;
  }
  return earliest;
}

}  // namespace

LoadTimes LoadTimesOf(const store::Catalog& catalog, const store::Function& function, int64_t process,
                      int64_t called_ns) {
  LoadTimes loaded{0, called_ns};
  if (const store::Process* ran = catalog.process(process)) loaded.from_ns = EarliestStart(catalog, *ran);
  for (const store::Run& run : catalog.runs()) {
    if (run.id != function.run) continue;
    if (loaded.from_ns == 0) loaded.from_ns = run.started_ns;
    if (loaded.until_ns == 0) loaded.until_ns = run.ended_ns;
  }
  return loaded;
}

Freshness FreshnessOf(int64_t bytes_ns, int64_t file_ns, const LoadTimes& loaded) {
  if (loaded.until_ns > 0 && bytes_ns > loaded.until_ns) return Freshness::kChanged;
  if (loaded.from_ns > 0 && std::max(bytes_ns, file_ns) > loaded.from_ns) return Freshness::kUnsure;
  return Freshness::kSame;
}

bool MayDefine(const std::vector<std::string>& lines, const std::string& func) {
  if (func.empty() || func[0] == '<') return true;  // a module, a lambda, a comprehension
  if (lines.empty()) return false;
  for (std::string_view line : lines) {
    line.remove_prefix(std::min(line.size(), line.find_first_not_of(" \t")));
    TakeWord("async", &line);
    if (!TakeWord("def", &line) && !TakeWord("class", &line)) continue;
    return line.starts_with(func) && (line.size() == func.size() || !IsNameByte(line[func.size()]));
  }
  return true;
}

}  // namespace pytrace::reader::tui
