// Text on its way to stdout: gathered, written in large pieces, stopped by ^C and by a pipe that is closed.
#ifndef PYTRACE_READER_OUTPUT_H_
#define PYTRACE_READER_OUTPUT_H_

#include <signal.h>

#include <string>

namespace pytrace::reader {

// While it lives, ^C is remembered and a closed pipe is an error code.
class OutputSignals {
 public:
  OutputSignals();
  ~OutputSignals();
  static bool interrupted();

 private:
  struct sigaction interrupt_, pipe_;
};

class Output {
 public:
  std::string* buffer() { return &buffer_; }
  // Writes when there is enough. false: nothing more can be written.
  bool Advance() { return buffer_.size() < kEnough || Flush(); }
  bool Flush();
  bool closed() const { return closed_; }  // the reader of the pipe has gone
  bool failed() const { return failed_; }  // it was said
  void Close() { closed_ = true; }

 private:
  static constexpr size_t kEnough = 64 * 1024;
  std::string buffer_;
  bool closed_ = false, failed_ = false;
};

}  // namespace pytrace::reader

#endif  // PYTRACE_READER_OUTPUT_H_
