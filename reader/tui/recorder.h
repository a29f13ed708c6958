// Keys and the screens that they led to, in a file (--record), and whether they lead there again (--replay).
//
//     pytrace screens 1
//     |the rows of the screen before the first key, a bar before each
//     key j
//     |the rows after it
//
// `size WxH` and `ascii` stand before the screens for which they hold. `unsettled` stands before one that was drawn
// while work went on: it is not compared.
#ifndef PYTRACE_READER_TUI_RECORDER_H_
#define PYTRACE_READER_TUI_RECORDER_H_

#include <cstdio>
#include <string>
#include <vector>

#include "reader/tui/canvas.h"
#include "reader/tui/keys.h"

namespace pytrace::reader::tui {

class Recorder {
 public:
  Recorder() = default;
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;
  ~Recorder();

  bool Open(const std::string& path, std::string* error);
  bool wanted() const { return file_ != nullptr; }
  // A screen that was drawn. Only the last one before a key, or before the end, is kept.
  void Drawn(const Canvas& canvas, bool settled);
  void Pressed(Key key, bool pasted);

 private:
  void WriteScreen();

  FILE* file_ = nullptr;
  std::string screen_;
  int width_ = 0, height_ = 0;
  bool ascii_ = false, settled_ = false, drawn_ = false;
};

struct RecordedScreen {
  Key key = kNoKey;  // that led to it; kNoKey: none did, or the screen got another size
  int width = 80, height = 24;
  bool pasted = false, ascii = false, settled = true;
  std::string rows;
};

// What a file has. false: *error.
bool ReadRecorded(const std::string& path, std::vector<RecordedScreen>* out, std::string* error);
// Empty: both are the same; else the first row in which they differ, in both forms.
std::string Difference(const std::string& recorded, const std::string& shown);

}  // namespace pytrace::reader::tui

#endif  // PYTRACE_READER_TUI_RECORDER_H_
