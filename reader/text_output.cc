#include "reader/text_output.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <optional>
#include <string>

#include "reader/event_line.h"

namespace pytrace::reader {
namespace {

constexpr size_t kFlushBytes = 64 * 1024;
constexpr int kPollMs = 100;

volatile sig_atomic_t interrupted = 0;
void OnInterrupt(int) { interrupted = 1; }

// While it lives, ^C sets `interrupted` and a closed pipe is an error code.
class Signals {
 public:
  Signals() {
    interrupted = 0;
    struct sigaction action {};
    action.sa_handler = OnInterrupt;
    sigaction(SIGINT, &action, &interrupt_);
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, &pipe_);
  }
  ~Signals() {
    sigaction(SIGINT, &interrupt_, nullptr);
    sigaction(SIGPIPE, &pipe_, nullptr);
  }

 private:
  struct sigaction interrupt_, pipe_;
};

class Printer {
 public:
  Printer(Window* window, const ReaderOptions& options)
      : window_(window), options_(options), events_(window->database()->catalog()) {}

  int Run() {
    if (options_.format == Format::kCsv) buffer_ = kCsvHeader;
    bool more = PrintFrom(0);
    while (more && options_.follow && window_->database()->live()) more = Wait() && PrintNew();
    if (more) Flush();
    if (interrupted) return kInterrupted;
    if (failed_) return kFailed;
    return printed_ > 0 || closed_ ? kPrinted : kNothingPrinted;
  }

 private:
  // false: no more is to be printed.
  bool PrintFrom(size_t page) {
    for (size_t number = page; number < window_->pages(); ++number) {
      std::shared_ptr<const Page> shown = window_->Get(number);
      // Let go while we were reading: the next ones may still be there.
      if (shown == nullptr) continue;
      for (size_t i = 0; i < shown->entries.size(); ++i) {
        if (last_ && !(*last_ < shown->entries[i].key)) continue;
        if (interrupted || !Print(window_->At(*shown, i))) return false;
        last_ = shown->entries[i].key;
      }
    }
    return true;
  }

  bool PrintNew() {
    window_->Refresh();
    events_.Forget();
    return PrintFrom(last_ ? window_->PageOf(*last_) : 0) && Flush();
  }

  bool Wait() {
    if (!Flush()) return false;
    // Also wakes when the other end of the pipe goes.
    pollfd out{STDOUT_FILENO, 0, 0};
    if (poll(&out, 1, kPollMs) > 0 && (out.revents & (POLLERR | POLLHUP))) {
      closed_ = true;
      return false;
    }
    if (interrupted) return false;
    if (window_->database()->Refresh()) return true;
    fprintf(stderr, "pytrace: %s\n", window_->database()->error().c_str());
    failed_ = true;
    return false;
  }

  bool Print(const EventRef& event) {
    events_.Read(event, &text_);
    switch (options_.format) {
      case Format::kClassic:
        AppendClassic(text_, &buffer_);
        break;
      case Format::kCsv:
        AppendCsv(text_, &buffer_);
        break;
      case Format::kJsonl:
        AppendJsonl(text_, &buffer_);
        break;
      default:
        AppendText(text_, &buffer_);
    }
    ++printed_;
    if (buffer_.size() >= kFlushBytes && !Flush()) return false;
    return options_.limit == 0 || printed_ < options_.limit || (Flush(), false);
  }

  bool Flush() {
    size_t done = 0;
    while (done < buffer_.size()) {
      ssize_t n = write(STDOUT_FILENO, buffer_.data() + done, buffer_.size() - done);
      if (n < 0 && errno == EINTR && !interrupted) continue;
      if (n < 0) {
        closed_ = errno == EPIPE;
        failed_ = !closed_ && !interrupted;
        if (failed_) fprintf(stderr, "pytrace: cannot write: %s\n", strerror(errno));
        return false;
      }
      done += static_cast<size_t>(n);
    }
    buffer_.clear();
    return true;
  }

  Window* window_;
  const ReaderOptions& options_;
  EventReader events_;
  EventText text_;
  std::string buffer_;
  std::optional<EventKey> last_;
  int64_t printed_ = 0;
  bool closed_ = false, failed_ = false;
};

int PrintCount(Window* window) {
  int64_t total = 0;
  for (size_t page = 0; page < window->pages(); ++page) {
    if (interrupted) return kInterrupted;
    total += std::max<int64_t>(0, window->Count(page));
  }
  printf("%lld\n", static_cast<long long>(total));
  fflush(stdout);
  return total > 0 ? kPrinted : kNothingPrinted;
}

// What is missing from what was printed.
void SayWhatIsMissing(const store::Database& database) {
  if (database.let_go_calls() > 0) {
    fprintf(stderr, "pytrace: the oldest %lld calls were let go (--max-traces and --max-size say how much is kept)\n",
            static_cast<long long>(database.let_go_calls()));
  }
  if (!database.stopped().empty()) fprintf(stderr, "pytrace: recording stopped: %s\n", database.stopped().c_str());
}

}  // namespace

int PrintEvents(Window* window, const ReaderOptions& options) {
  Signals signals;
  int status = options.count ? PrintCount(window) : Printer(window, options).Run();
  SayWhatIsMissing(*window->database());
  if (window->problem().empty()) return status;
  fprintf(stderr, "pytrace: %s\n", window->problem().c_str());
  return status == kInterrupted ? status : kFailed;
}

}  // namespace pytrace::reader
