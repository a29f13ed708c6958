#include "reader/wait_commit.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

#include "reader/segments.h"
#include "reader/stopped.h"
#include "ringbuf/rundir.h"

namespace pytrace::reader {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kDumperAttempts = 3;  // that may end in a row without having written anything
constexpr int kProgressAfterMs = 1000, kProgressEveryMs = 250;
constexpr int kLookAnywayMs = 1000;  // inotify tells all that matters; this is for file systems that do not

void RestoreTerminalSignals(bool hold) {
  sigset_t set;
  sigemptyset(&set);
  for (int signal : {SIGTSTP, SIGTTIN, SIGTTOU, SIGCONT}) sigaddset(&set, signal);
  sigprocmask(hold ? SIG_BLOCK : SIG_UNBLOCK, &set, nullptr);
}

// The line on a terminal that says how far it is. Erased when it goes.
class Progress {
 public:
  explicit Progress(const std::string& db) : name_(db.substr(db.rfind('/') + 1)), terminal_(isatty(STDERR_FILENO)) {}
  ~Progress() {
    if (drawn_) fputs("\r\033[K", stderr);
  }
  bool wanted() const { return terminal_; }
  void Draw(int64_t bytes_left) {
    if (!terminal_ || Clock::now() - start_ < std::chrono::milliseconds(kProgressAfterMs)) return;
    fprintf(stderr, "\r\033[Kpytrace: writing %s, %.1f MB left (^C: do not wait)", name_.c_str(), bytes_left / 1e6);
    fflush(stderr);
    drawn_ = true;
  }

 private:
  std::string name_;
  bool terminal_, drawn_ = false;
  Clock::time_point start_ = Clock::now();
};

// A dumper that this process has started.
class OwnDumper {
 public:
  explicit OwnDumper(const std::vector<std::string>& command) : command_(command) {}

  bool running() {
    if (pid_ > 0 && waitpid(pid_, &status_, WNOHANG) == pid_) pid_ = -1;
    return pid_ > 0;
  }
  bool Start();
  std::string HowItEnded() const {
    if (WIFSIGNALED(status_)) return "was ended by signal " + std::to_string(WTERMSIG(status_));
    return "ended with status " + std::to_string(WEXITSTATUS(status_));
  }

 private:
  const std::vector<std::string>& command_;
  pid_t pid_ = -1;
  int status_ = 0;
};

// A daemon but for the double fork: when this process ends, init has it.
bool OwnDumper::Start() {
  std::vector<char*> argv;
  for (const std::string& word : command_) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  pid_ = fork();
  if (pid_ != 0) return pid_ > 0;
  setsid();
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  int null = open("/dev/null", O_RDWR);
  for (int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) dup2(null, fd);
  close_range(STDERR_FILENO + 1, ~0u, 0);  // a pipe that the launcher inherited would not close before the dumper ends
  if (chdir("/") != 0) _exit(127);
  execv(argv[0], argv.data());
  _exit(127);
}

class Waiter {
 public:
  Waiter(const CommitWait& wait) : wait_(wait), dumper_(wait.dumper), progress_(wait.db) {
    events_ = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    // IN_CLOSE_WRITE: a dumper that dies closes the lock. Our own look at the lock only reads, so it is not among
    // these.
    uint32_t mask = IN_DELETE | IN_MOVED_TO | IN_CLOSE_WRITE | IN_DELETE_SELF | IN_ONLYDIR;
    inotify_add_watch(events_, wait.rundir.c_str(), mask);
    sigset_t set;
    sigemptyset(&set);
    for (int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGCHLD}) sigaddset(&set, signal);
    signals_ = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  }
  ~Waiter() {
    close(events_);
    close(signals_);
  }

  Commit Run(std::string* message) {
    for (;;) {
      int64_t left = BytesLeft();
      if (left < 0) return Commit::kDone;
      if (!DumperIsThere(left, message)) return Commit::kFailed;
      progress_.Draw(left);
      if (Interrupted()) {
        *message = "did not wait: the dumper goes on writing " + wait_.db;
        return Commit::kInterrupted;
      }
    }
  }

 private:
  // Of the run's dead processes; -1 when there is none left to wait for.
  int64_t BytesLeft() {
    int64_t left = -1;
    for (const SegmentView& segment : ListSegments(wait_.rundir)) {
      if (segment.run == wait_.run && !segment.writer_alive) left = std::max<int64_t>(left, 0) + segment.bytes_left;
    }
    return left;
  }

  bool DumperIsThere(int64_t left, std::string* message) {
    if (dumper_.running()) return true;
    // Between the look at the segments and this one a dumper may have finished them and left, which is no failure.
    if (ring::LockIsHeld(wait_.rundir.c_str()) || BytesLeft() < 0) return true;
    if (left < left_at_start_) attempts_ = 0;  // the one before got somewhere
    std::string error = DumperError(wait_.rundir, wait_.db);
    bool hopeless = attempts_ == kDumperAttempts || (attempts_ > 0 && !error.empty());
    if (!hopeless && dumper_.Start()) {
      ++attempts_;
      left_at_start_ = left;
      return true;
    }
    if (error.empty()) error = "the dumper " + dumper_.HowItEnded();
    *message = error + "; the records stay in " + wait_.rundir;
    return false;
  }

  // Sleeps until there is news. true: the user wants no more waiting.
  bool Interrupted() {
    pollfd fds[] = {{events_, POLLIN, 0}, {signals_, POLLIN, 0}};
    poll(fds, 2, progress_.wanted() ? kProgressEveryMs : kLookAnywayMs);
    char news[4096];
    while (read(events_, news, sizeof(news)) > 0) {
    }
    bool interrupted = false;
    signalfd_siginfo info;
    while (read(signals_, &info, sizeof(info)) == sizeof(info)) interrupted |= info.ssi_signo != SIGCHLD;
    return interrupted;
  }

  const CommitWait& wait_;
  OwnDumper dumper_;
  Progress progress_;
  int events_, signals_;
  int attempts_ = 0;
  int64_t left_at_start_ = INT64_MAX;
};

}  // namespace

Commit WaitForCommit(const CommitWait& wait, const SignalsHeld&, std::string* message) {
  RestoreTerminalSignals(false);
  Commit result = Waiter(wait).Run(message);
  RestoreTerminalSignals(true);
  return result;
}

}  // namespace pytrace::reader
