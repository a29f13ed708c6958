#include "reader/tui/editor.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

namespace pytrace::reader::tui {
namespace {

std::string EditorCommand() {
  for (const char* name : {"VISUAL", "EDITOR"}) {
    const char* value = getenv(name);
    if (value != nullptr && *value != '\0') return value;
  }
  return "vi";
}

}  // namespace

// The variable may hold options, so a shell splits it; the file goes beside it as an argument and is never split.
std::string EditFile(const std::string& file, uint32_t line) {
  std::string command = EditorCommand(), script = command + " \"$@\"", where = "+" + std::to_string(line);
  pid_t child = fork();
  if (child < 0) return std::string("cannot start an editor: ") + strerror(errno);
  if (child == 0) {
    for (int number : {SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGPIPE, SIGTSTP}) signal(number, SIG_DFL);
    execl("/bin/sh", "sh", "-c", script.c_str(), "sh", where.c_str(), file.c_str(), static_cast<char*>(nullptr));
    _exit(127);
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  if (WIFEXITED(status) && WEXITSTATUS(status) == 127) return "there is no editor " + command + "; set EDITOR";
  return "";
}

}  // namespace pytrace::reader::tui
