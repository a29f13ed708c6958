// Writes the events that are shown to a file, in slices.
#ifndef PYTRACE_READER_TUI_SAVE_JOB_H_
#define PYTRACE_READER_TUI_SAVE_JOB_H_

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>

#include "reader/event_writer.h"
#include "reader/tui/view.h"
#include "reader/window.h"

namespace pytrace::reader::tui {

class SaveJob {
 public:
  // `window` keeps its filters while this lives. nullptr: *error. A file that exists is only written over with `force`.
  static std::unique_ptr<SaveJob> Begin(Window* window, const std::string& path, bool force, std::string* error);
  ~SaveJob();

  bool Work(Deadline deadline);  // whether anything is left
  void Stop() { stopped_ = true; }
  int percent() const;
  // What became of it: a sentence.
  std::string Result(bool* failed) const;

 private:
  SaveJob(Window* window, FILE* file, std::string path, Format format);
  bool Write(bool all);

  Window* window_;
  FILE* file_;
  std::string path_, buffer_;
  EventWriter writer_;
  size_t next_ = 0;  // page
  int64_t events_ = 0;
  int error_ = 0;  // errno
  bool stopped_ = false;
};

}  // namespace pytrace::reader::tui

#endif  // PYTRACE_READER_TUI_SAVE_JOB_H_
