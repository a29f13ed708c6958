#include "reader/run_program.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace pytrace::reader {
namespace {

std::vector<char*> Pointers(const std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (const std::string& string : strings) pointers.push_back(const_cast<char*>(string.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

// In the child. Returns only when the exec failed, with its errno.
int Execute(const Program& program, char* const* argv, char* const* environment) {
  execve(program.path.c_str(), argv, environment);
  if (errno != ENOEXEC) return errno;
  // A script without `#!`: shells and execvp give it to sh.
  std::vector<char*> words = {const_cast<char*>("sh"), const_cast<char*>(program.path.c_str())};
  for (char* const* word = argv + 1; *word; ++word) words.push_back(*word);
  words.push_back(nullptr);
  execve("/bin/sh", words.data(), environment);
  return errno;
}

// Starts the child. 0 and *pid, or the errno of fork or exec.
int Start(const Program& program, const std::vector<std::string>& environment, const SignalsHeld& signals, pid_t* pid) {
  std::vector<char*> argv = Pointers(program.argv), envp = Pointers(environment);
  int failure[2];  // closed by a successful exec
  if (pipe2(failure, O_CLOEXEC) != 0) return errno;
  pid_t parent = getpid();
  *pid = fork();
  if (*pid == 0) {
    // Who kills this process for good means the program. The program may have become an orphan before this line.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(128 + SIGKILL);
    signals.RestoreInChild();
    int error = Execute(program, argv.data(), envp.data());
    if (write(failure[1], &error, sizeof(error)) < 0) _exit(kNotExecutable);
    _exit(kNotExecutable);
  }
  int error = *pid < 0 ? errno : 0;
  close(failure[1]);
  if (error == 0) {
    ssize_t n;
    while ((n = read(failure[0], &error, sizeof(error))) < 0 && errno == EINTR) {
    }
    if (n == sizeof(error)) {
      waitpid(*pid, nullptr, 0);
    } else {
      error = 0;
    }
  }
  close(failure[0]);
  return error;
}

// The program has stopped by `signal`: so does this process, which is the one that the shell watches. Returns when it
// goes on.
void StopLike(int signal) {
  if (signal == SIGSTOP) {
    raise(SIGSTOP);
    return;
  }
  struct sigaction stop = {}, before;
  stop.sa_handler = SIG_DFL;
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, signal);
  sigaction(signal, &stop, &before);
  raise(signal);
  sigprocmask(SIG_UNBLOCK, &set, nullptr);  // here
  sigprocmask(SIG_BLOCK, &set, nullptr);
  sigaction(signal, &before, nullptr);
}

// What a terminal sends, it sends to the whole process group. Not SIGHUP: that may reach the session's leader alone,
// which this process may be.
bool GoesToTheGroup(int signal) {
  return signal == SIGINT || signal == SIGQUIT || signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU ||
         signal == SIGWINCH;
}

// Sends on what was meant for the program and has not reached it. A program that signals its own group does not want to
// hear it back.
void Forward(const siginfo_t& info, pid_t program) {
  bool from_terminal = info.si_code == SI_KERNEL && GoesToTheGroup(info.si_signo);
  bool from_program = info.si_code != SI_KERNEL && info.si_pid == program;
  if (!from_terminal && !from_program) kill(program, info.si_signo);
}

// As process 1 of a container this has every orphan for a child, and nobody else to take their zombies away.
void ReapOrphans(pid_t program) {
  if (getpid() != 1) return;
  siginfo_t info = {};
  while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0 && info.si_pid != program) {
    waitpid(info.si_pid, nullptr, WNOHANG);
    info.si_pid = 0;
  }
}

// Follows the program's stops; true and *status when it has ended.
bool HasEnded(pid_t program, int* status) {
  while (waitpid(program, status, WNOHANG | WUNTRACED) == program) {
    if (!WIFSTOPPED(*status)) return true;
    StopLike(WSTOPSIG(*status));
  }
  ReapOrphans(program);
  return false;
}

void WaitForEnd(pid_t program, const SignalsHeld& signals, int* status) {
  siginfo_t info;
  for (;;) {
    int signal = sigwaitinfo(&signals.set(), &info);
    if (signal == SIGCHLD && HasEnded(program, status)) break;
    if (signal > 0 && signal != SIGCHLD) Forward(info, program);
  }
  // A ^C that the program has answered by ending was for it, not for what comes now.
  timespec none = {};
  while (sigtimedwait(&signals.set(), &info, &none) > 0) {
  }
}

}  // namespace

SignalsHeld::SignalsHeld() {
  sigfillset(&held_);
  for (int fault : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS, SIGPIPE}) sigdelset(&held_, fault);
  // Inherited as ignored, it would make the kernel reap the program, with its status.
  struct sigaction child = {};
  child.sa_handler = SIG_DFL;
  sigaction(SIGCHLD, &child, &child_before_);
  sigprocmask(SIG_BLOCK, &held_, &before_);
}

SignalsHeld::~SignalsHeld() {
  sigaction(SIGCHLD, &child_before_, nullptr);
  sigprocmask(SIG_SETMASK, &before_, nullptr);
}

void SignalsHeld::RestoreInChild() const {
  sigaction(SIGCHLD, &child_before_, nullptr);
  sigprocmask(SIG_SETMASK, &before_, nullptr);
}

int RunProgram(const Program& program, const std::vector<std::string>& environment, const SignalsHeld& signals,
               int* wait_status, std::string* error) {
  pid_t pid = -1;
  int failure = Start(program, environment, signals, &pid);
  if (failure == 0) {
    WaitForEnd(pid, signals, wait_status);
    return 0;
  }
  *error = "cannot execute " + program.path + ": " + strerror(failure);
  return failure == ENOENT ? kNoSuchProgram : kNotExecutable;
}

}  // namespace pytrace::reader
