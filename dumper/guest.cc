#include "dumper/guest.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <utility>

namespace pytrace::dumper {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kMinPause = kSecond / 100, kMaxSearchPause = 60 * kSecond, kMaxExecPause = kSecond;

std::string ProcPath(pid_t pid, const char* what) { return "/proc/" + std::to_string(pid) + "/" + what; }

uint64_t NamespaceOf(const std::string& process) {
  struct stat st;
  return stat((process + "/ns/pid").c_str(), &st) == 0 ? st.st_ino : 0;
}

// Field 22 of /proc/PID/stat, counted from behind the name, which may hold anything. 0: unreadable.
uint64_t StartTime(pid_t pid) {
  std::ifstream in(ProcPath(pid, "stat"));
  std::string text;
  if (!std::getline(in, text, '\0')) return 0;
  size_t at = text.rfind(')');
  if (at == std::string::npos) return 0;
  for (int field = 2; field < 22 && at != std::string::npos; ++field) at = text.find(' ', at + 1);
  return at == std::string::npos ? 0 : strtoull(text.c_str() + at, nullptr, 10);
}

// The pid in the innermost namespace: the last number of NSpid.
pid_t InnermostPid(pid_t pid) {
  std::ifstream in(ProcPath(pid, "status"));
  for (std::string line; std::getline(in, line);) {
    if (line.compare(0, 6, "NSpid:") != 0) continue;
    size_t last = line.find_last_of("\t ");
    return last == std::string::npos ? 0 : atoi(line.c_str() + last + 1);
  }
  return 0;
}

int64_t BootSeconds() {
  struct timespec wall, boot;
  clock_gettime(CLOCK_REALTIME, &wall);
  clock_gettime(CLOCK_BOOTTIME, &boot);
  return wall.tv_sec - boot.tv_sec;
}

}  // namespace

Guest::Guest(const ring::Drain::Facts& facts, uint64_t pid_namespace, std::string segment)
    : pid_(static_cast<pid_t>(facts.pid)),
      pid_start_(facts.pid_start),
      namespace_(pid_namespace),
      segment_(std::move(segment)) {
  uint64_t ours = NamespaceOf("/proc/self");
  if (namespace_ == 0 || ours == 0 || namespace_ == ours) {
    Hold(pid_);
    gone_ = !Running();
  }
  from_before_boot_ = gone_ && facts.modified_s + 2 < BootSeconds();
}

Guest::~Guest() {
  if (pidfd_ >= 0) close(pidfd_);
}

void Guest::Hold(pid_t pid) {
  our_pid_ = pid;
  pidfd_ = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
}

// For a process of our namespace.
bool Guest::Running() const {
  if (pidfd_ >= 0) {
    struct pollfd p = {pidfd_, POLLIN, 0};
    if (poll(&p, 1, 0) > 0) return false;
  } else if (kill(our_pid_, 0) != 0 && errno == ESRCH) {
    return false;
  }
  // The pid may be another process's by now. Where /proc tells nothing the pid alone must do.
  uint64_t start = StartTime(our_pid_);
  return start == 0 || pid_start_ == 0 || start == pid_start_;
}

void Guest::FindAmongOurs() {
  DIR* proc = opendir("/proc");
  if (proc == nullptr) return;
  while (struct dirent* entry = readdir(proc)) {
    pid_t pid = atoi(entry->d_name);
    if (pid <= 0 || NamespaceOf(ProcPath(pid, "")) != namespace_) continue;
    if (InnermostPid(pid) != pid_ || StartTime(pid) != pid_start_) continue;
    Hold(pid);
    break;
  }
  closedir(proc);
}

// Whether the process has the segment mapped, as far as we may know.
bool Guest::Maps() const {
  std::ifstream in(ProcPath(our_pid_, "maps"));
  if (!in) return true;
  std::string end = "/" + segment_;
  bool some = false;
  for (std::string line; std::getline(in, line); some = true) {
    if (line.size() >= end.size() && line.compare(line.size() - end.size(), end.size(), end) == 0) return true;
  }
  return !some;
}

bool Guest::Gone(ring::Ended ended, int64_t steady_ns) {
  if (gone_) return true;
  bool due = steady_ns >= next_search_ns_;
  if (our_pid_ == 0) {
    if (ended == ring::Ended::kExit || suspect_exec_) return gone_ = true;
    if (!due) return false;
    FindAmongOurs();
    search_pause_ns_ = our_pid_ != 0 ? 0 : std::clamp(search_pause_ns_ * 2, kSecond, kMaxSearchPause);
    next_search_ns_ = steady_ns + search_pause_ns_;
    return false;
  }
  if (pidfd_ >= 0) {
    struct pollfd p = {pidfd_, POLLIN, 0};
    if (poll(&p, 1, 0) > 0) return gone_ = true;
  } else if (due && !Running()) {
    return gone_ = true;
  }
  bool exec = ended == ring::Ended::kExec || suspect_exec_;
  if (exec && due && !Maps()) return gone_ = true;
  if (due) {
    search_pause_ns_ = exec ? std::clamp(search_pause_ns_ * 2, kMinPause, kMaxExecPause) : kMinPause;
    next_search_ns_ = steady_ns + search_pause_ns_;
  }
  return false;
}

}  // namespace pytrace::dumper
