#include "preload/start_dumper.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>

namespace pytrace {
namespace {

constexpr size_t kStackBytes = 64 << 10;  // for both children, a half each

struct Start {
  const char* const* argv;
  char* second_stack;
  int error;
};

void CloseAll() {
#ifndef SYS_close_range
#define SYS_close_range 436
#endif
  if (syscall(SYS_close_range, 3u, ~0u, 0u) == 0) return;
  long limit = sysconf(_SC_OPEN_MAX);  // Linux before 5.9
  for (long fd = 3; fd < limit && fd < 1 << 20; ++fd) close(static_cast<int>(fd));
}

// Runs in the guest's memory while the guest's thread sleeps (CLONE_VM, CLONE_VFORK), with all signals blocked: system
// calls only. The handlers are the child's own copy, so setting them back does not touch the guest.
int Grandchild(void* data) {
  Start* start = static_cast<Start*>(data);
  struct sigaction standard = {};
  standard.sa_handler = SIG_DFL;
  for (int signal = 1; signal < NSIG; ++signal) sigaction(signal, &standard, nullptr);
  int null = open("/dev/null", O_RDWR);
  for (int fd = 0; fd < 3; ++fd) dup2(null, fd);
  CloseAll();
  if (chdir("/") != 0) start->error = errno;
  sigset_t none;
  sigemptyset(&none);
  syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, nullptr, 8);
  static const char* const environment[] = {"PATH=/usr/bin:/bin", nullptr};
  // The system call itself: our own door on execve would hand the library on.
  syscall(SYS_execve, start->argv[0], start->argv, environment);
  start->error = errno;
  syscall(SYS_exit_group, 127);
  return 127;
}

int Child(void* data) {
  Start* start = static_cast<Start*>(data);
  setsid();
  if (clone(&Grandchild, start->second_stack, CLONE_VM | CLONE_VFORK, start) < 0) start->error = errno;
  syscall(SYS_exit_group, 0);
  return 0;
}

}  // namespace

bool StartStranger(const char* const* argv) {
  void* map = mmap(nullptr, kStackBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
  if (map == MAP_FAILED) return false;
  char* stack = static_cast<char*>(map);
  Start start = {argv, stack + kStackBytes, 0};
  uint64_t all = ~uint64_t{0}, before;
  syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, &before, 8);
  // Exit signal 0: the guest gets no SIGCHLD, and its wait() does not see the child; __WALL does.
  int pid = clone(&Child, stack + kStackBytes / 2, CLONE_VM | CLONE_VFORK, &start);
  int error = pid < 0 ? errno : 0;
  if (pid > 0) {
    int status;
    while (waitpid(pid, &status, __WALL) < 0 && errno == EINTR) {
    }
  }
  syscall(SYS_rt_sigprocmask, SIG_SETMASK, &before, nullptr, 8);
  munmap(map, kStackBytes);
  return error == 0 && start.error == 0;
}

}  // namespace pytrace
