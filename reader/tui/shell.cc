#include "reader/tui/shell.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "reader/event_writer.h"

namespace pytrace::reader::tui {
namespace {

// While another program runs, ^C and ^\ are for it.
class Aside {
 public:
  Aside() {
    struct sigaction ignore {};
    ignore.sa_handler = SIG_IGN;
    sigaction(SIGINT, &ignore, &interrupt_);
    sigaction(SIGQUIT, &ignore, &quit_);
  }
  ~Aside() {
    sigaction(SIGINT, &interrupt_, nullptr);
    sigaction(SIGQUIT, &quit_, nullptr);
  }

 private:
  struct sigaction interrupt_, quit_;
};

bool WriteAll(int fd, std::string* text) {
  size_t done = 0;
  while (done < text->size()) {
    ssize_t size = write(fd, text->data() + done, text->size() - done);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return false;
    done += static_cast<size_t>(size);
  }
  text->clear();
  return true;
}

// Until all are written, or nobody reads any more.
void WriteEvents(int fd, Window* window) {
  constexpr size_t kEnough = 1 << 16;
  EventWriter writer(Format::kText, window->database()->catalog());
  std::string buffer;
  for (size_t number = 0; number < window->pages(); ++number) {
    std::shared_ptr<const Page> page = window->Get(number);
    for (size_t i = 0; page != nullptr && i < page->entries.size(); ++i) {
      writer.Add(window->At(*page, i), &buffer);
      if (buffer.size() >= kEnough && !WriteAll(fd, &buffer)) return;
    }
  }
  WriteAll(fd, &buffer);
}

[[noreturn]] void Become(const Errand& errand, int input) {
  for (int number : {SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGPIPE, SIGTSTP}) signal(number, SIG_DFL);
  if (input >= 0) dup2(input, STDIN_FILENO);
  if (errand.quiet) {
    int null = open("/dev/null", O_WRONLY);
    dup2(null, STDOUT_FILENO);
    dup2(null, STDERR_FILENO);
  }
  std::vector<char*> words;
  for (const std::string& word : errand.words) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  execvp(words[0], words.data());
  _exit(127);
}

}  // namespace

std::string Run(const Errand& errand, Window* window) {
  int pipe_ends[2] = {-1, -1};
  bool feeds = errand.events || !errand.text.empty();
  if (feeds && pipe2(pipe_ends, O_CLOEXEC) != 0) return std::string("cannot make a pipe: ") + strerror(errno);
  Aside aside;
  pid_t child = fork();
  if (child == 0) Become(errand, pipe_ends[0]);
  if (feeds) close(pipe_ends[0]);
  if (child > 0 && errand.events) WriteEvents(pipe_ends[1], window);
  std::string text = errand.text;
  if (child > 0 && !errand.events && feeds) WriteAll(pipe_ends[1], &text);
  if (feeds) close(pipe_ends[1]);
  if (child < 0) return std::string("cannot start it: ") + strerror(errno);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  if (WIFEXITED(status) && WEXITSTATUS(status) == 127) return "there is no command " + errand.words.back();
  return "";
}

void WaitForEnter() {
  fputs("-- Enter goes back --", stdout);
  fflush(stdout);
  int terminal = open("/dev/tty", O_RDONLY | O_CLOEXEC);
  char c = 0;
  while (terminal >= 0 && c != '\n' && c != '\r') {
    ssize_t size = read(terminal, &c, 1);
    if (size == 0 || (size < 0 && errno != EINTR)) break;
    if (size < 0) break;  // a signal that asks to end is for the caller
  }
  if (terminal >= 0) close(terminal);
}

std::vector<std::string> CopyCommand() {
  if (getenv("WAYLAND_DISPLAY") != nullptr) return {"wl-copy"};
  if (getenv("DISPLAY") != nullptr) return {"xclip", "-selection", "clipboard"};
  return {};
}

}  // namespace pytrace::reader::tui
