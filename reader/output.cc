#include "reader/output.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <cstdio>

namespace pytrace::reader {
namespace {

volatile sig_atomic_t got_interrupt = 0;
void OnInterrupt(int) { got_interrupt = 1; }

}  // namespace

OutputSignals::OutputSignals() {
  got_interrupt = 0;
  struct sigaction action {};
  action.sa_handler = OnInterrupt;
  sigaction(SIGINT, &action, &interrupt_);
  action.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &action, &pipe_);
}

OutputSignals::~OutputSignals() {
  sigaction(SIGINT, &interrupt_, nullptr);
  sigaction(SIGPIPE, &pipe_, nullptr);
}

bool OutputSignals::interrupted() { return got_interrupt; }

bool Output::Flush() {
  size_t done = 0;
  while (done < buffer_.size()) {
    ssize_t n = write(STDOUT_FILENO, buffer_.data() + done, buffer_.size() - done);
    if (n < 0 && errno == EINTR && !OutputSignals::interrupted()) continue;
    if (n < 0) {
      closed_ = errno == EPIPE;
      failed_ = !closed_ && !OutputSignals::interrupted();
      if (failed_) fprintf(stderr, "pytrace: cannot write: %s\n", strerror(errno));
      return false;
    }
    done += static_cast<size_t>(n);
  }
  buffer_.clear();
  return true;
}

}  // namespace pytrace::reader
