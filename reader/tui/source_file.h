// Whether a source file is still the one whose code ran. A recording has no copy of it, so its times and its text have
// to tell.
#ifndef PYTRACE_READER_TUI_SOURCE_FILE_H_
#define PYTRACE_READER_TUI_SOURCE_FILE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "dumper/store/database.h"

namespace pytrace::reader::tui {

// When code was read from its file: not before one time, and not behind the other. 0: not known.
struct LoadTimes {
  int64_t from_ns = 0, until_ns = 0;
};
// Of a function; `process` and `called_ns` of a call of it, 0 when there is none. A forked process may have code that
// an older one of its run had loaded.
LoadTimes LoadTimesOf(const store::Catalog& catalog, const store::Function& function, int64_t process,
                      int64_t called_ns);

enum class Freshness { kSame, kUnsure, kChanged };
// By when the file's bytes were changed and when the file itself was (renamed over, copied with the times of another).
Freshness FreshnessOf(int64_t bytes_ns, int64_t file_ns, const LoadTimes& loaded);

// Whether what begins in these lines may be the function: false when another one is defined there. Decorators may come
// first.
bool MayDefine(const std::vector<std::string>& lines, const std::string& func);

}  // namespace pytrace::reader::tui

#endif  // PYTRACE_READER_TUI_SOURCE_FILE_H_
