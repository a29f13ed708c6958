#include "preload/doors.h"

#include <errno.h>
#include <pthread.h>
#include <spawn.h>
#include <stdarg.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "preload/child_environment.h"
#include "preload/process.h"
#include "preload/takes_preload.h"
#include "pyshim/libc.h"

namespace pytrace {
namespace {

struct Real {
  int (*execve)(const char*, char* const[], char* const[]);
  int (*execvpe)(const char*, char* const[], char* const[]);
  int (*fexecve)(int, char* const[], char* const[]);
  int (*posix_spawn)(pid_t*, const char*, const posix_spawn_file_actions_t*, const posix_spawnattr_t*, char* const[],
                     char* const[]);
  int (*posix_spawnp)(pid_t*, const char*, const posix_spawn_file_actions_t*, const posix_spawnattr_t*, char* const[],
                      char* const[]);
} real;

const Config* shared;  // nullptr: nothing to hand on

// Tells the dumper that this image is about to end; takes it back when it did not. A vfork child runs in its parent's
// memory: not its image, nothing to tell.
class ExecMark {
 public:
  ExecMark() {
    if (!process.segment.mapped()) return;
    ring::SegmentHeader* header = process.segment.header();
    if (header->pid != static_cast<uint32_t>(syscall(SYS_getpid))) return;
    header_ = header;
    header->end_ticks.store(process.Now(), std::memory_order_relaxed);
    header->ended.store(ring::Ended::kExec, std::memory_order_release);
  }
  ~ExecMark() {
    if (header_ != nullptr) header_->ended.store(ring::Ended::kNo, std::memory_order_release);
  }

 private:
  ring::SegmentHeader* header_ = nullptr;
};

}  // namespace

void OpenDoors() {
  auto find = [](auto& function, const char* name) {
    function = reinterpret_cast<std::decay_t<decltype(function)>>(FindSymbol(RTLD_NEXT, name));
  };
  find(real.execve, "execve");
  find(real.execvpe, "execvpe");
  find(real.fexecve, "fexecve");
  find(real.posix_spawn, "posix_spawn");
  find(real.posix_spawnp, "posix_spawnp");
}

void ShareWithChildren(const Config& config) {
  shared = &config;
  pthread_atfork(nullptr, nullptr, &AfterForkInChild);
}

}  // namespace pytrace

// On the stack, so in a macro: the arrays must live until the call is over. ENV is what goes on.
#define WITH_ENVIRONMENT(ENV, envp, takes)                                                                         \
  pytrace::ChildEnvironment environment(pytrace::shared, envp, pytrace::shared == nullptr || (takes));             \
  char** pointers =                                                                                                \
      static_cast<char**>(__builtin_alloca(environment.unchanged() ? 1 : environment.pointers() * sizeof(char*))); \
  char* preload = static_cast<char*>(__builtin_alloca(environment.preload_bytes()));                               \
  char* const* ENV = environment.unchanged() ? (envp) : environment.Build(pointers, preload)

#define DOOR extern "C" __attribute__((visibility("default")))

// glibc's own execv and execvp do not come through here, so each name is a door.
DOOR int execve(const char* path, char* const argv[], char* const envp[]) noexcept {
  WITH_ENVIRONMENT(env, envp, pytrace::TakesPreload(path));
  pytrace::ExecMark mark;
  return pytrace::real.execve(path, argv, env);
}
DOOR int execv(const char* path, char* const argv[]) noexcept { return execve(path, argv, environ); }
DOOR int execvpe(const char* file, char* const argv[], char* const envp[]) noexcept {
  WITH_ENVIRONMENT(env, envp, pytrace::CommandTakesPreload(file));
  pytrace::ExecMark mark;
  return pytrace::real.execvpe(file, argv, env);
}
DOOR int execvp(const char* file, char* const argv[]) noexcept { return execvpe(file, argv, environ); }
DOOR int fexecve(int fd, char* const argv[], char* const envp[]) noexcept {
  WITH_ENVIRONMENT(env, envp, pytrace::TakesPreload(fd));
  pytrace::ExecMark mark;
  return pytrace::real.fexecve(fd, argv, env);
}
DOOR int posix_spawn(pid_t* pid, const char* path, const posix_spawn_file_actions_t* actions,
                     const posix_spawnattr_t* attributes, char* const argv[], char* const envp[]) noexcept {
  WITH_ENVIRONMENT(env, envp, pytrace::TakesPreload(path));
  return pytrace::real.posix_spawn(pid, path, actions, attributes, argv, env);
}
DOOR int posix_spawnp(pid_t* pid, const char* file, const posix_spawn_file_actions_t* actions,
                      const posix_spawnattr_t* attributes, char* const argv[], char* const envp[]) noexcept {
  WITH_ENVIRONMENT(env, envp, pytrace::CommandTakesPreload(file));
  return pytrace::real.posix_spawnp(pid, file, actions, attributes, argv, env);
}

// The variadic ones: their arguments become an array on the stack.
#define COLLECT(first)                                                              \
  va_list list;                                                                     \
  size_t count = 1;                                                                 \
  va_start(list, first);                                                            \
  while (va_arg(list, char*) != nullptr) ++count;                                   \
  va_end(list);                                                                     \
  char** argv = static_cast<char**>(__builtin_alloca((count + 1) * sizeof(char*))); \
  argv[0] = const_cast<char*>(first);                                               \
  va_start(list, first);                                                            \
  for (size_t i = 1; i <= count; ++i) argv[i] = va_arg(list, char*)

DOOR int execl(const char* path, const char* first, ...) noexcept {
  COLLECT(first);
  va_end(list);
  return execve(path, argv, environ);
}
DOOR int execlp(const char* file, const char* first, ...) noexcept {
  COLLECT(first);
  va_end(list);
  return execvpe(file, argv, environ);
}
DOOR int execle(const char* path, const char* first, ...) noexcept {
  COLLECT(first);
  char* const* envp = va_arg(list, char* const*);
  va_end(list);
  return execve(path, argv, envp);
}
