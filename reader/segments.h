// What lies in a run-time directory, as somebody sees it who neither writes records nor drains them.
#ifndef PYTRACE_READER_SEGMENTS_H_
#define PYTRACE_READER_SEGMENTS_H_

#include <cstdint>
#include <string>
#include <vector>

namespace pytrace::reader {

struct SegmentView {
  std::string name;  // of the file in the run-time directory
  std::string run;   // token of the run
  int64_t pid = 0;
  bool writer_alive = false;  // in another PID namespace, where we cannot look: it has not said that it ends
  int64_t bytes_left = 0;     // in chunks that the dumper has not given back
};

// All whole segments. Files that are none, and segments of another layout, are left out.
std::vector<SegmentView> ListSegments(const std::string& rundir);

// Takes the directory away when nothing is recorded through it: a dumper that was killed cannot.
void RemoveUnusedRundir(const std::string& rundir);

}  // namespace pytrace::reader

#endif  // PYTRACE_READER_SEGMENTS_H_
