#include "reader/stopped.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>

#include "reader/printable.h"
#include "ringbuf/rundir.h"

namespace pytrace::reader {
namespace {

void TakeOff(std::string_view prefix, std::string* text) {
  if (text->compare(0, prefix.size(), prefix) == 0) text->erase(0, prefix.size());
}

// As the recorded processes find it: the folder's links are followed, the file is none. Empty: there is none.
std::string RundirOf(const std::string& path) {
  size_t slash = path.rfind('/');
  std::string folder = slash == std::string::npos ? "." : path.substr(0, std::max<size_t>(slash, 1));
  char real[PATH_MAX], rundir[PATH_MAX];
  if (realpath(folder.c_str(), real) == nullptr) return "";
  std::string db = std::string(real) + (real[1] ? "/" : "") + path.substr(slash + 1);  // npos + 1 is 0
  bool ours = ring::RundirPath(db.c_str(), rundir, sizeof(rundir)) && ring::CheckRundir(rundir) == 0;
  return ours ? rundir : "";
}

ring::Stop StopOf(const std::string& rundir) {
  ring::Control* control = ring::FindControl(rundir.c_str());
  if (control == nullptr) return ring::Stop::kNo;
  auto stop = static_cast<ring::Stop>(control->stopped.load(std::memory_order_acquire));
  munmap(control, sizeof(ring::Control));
  return stop;
}

// Without the `pytrace: ` that it begins with.
std::string Line(const std::string& rundir) {
  int fd = open((rundir + ring::kErrorName).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd < 0) return "";
  char text[4096];
  ssize_t n = read(fd, text, sizeof(text));
  close(fd);
  std::string line(text, std::max<ssize_t>(n, 0));
  line.resize(std::min(line.find('\n'), line.size()));
  TakeOff("pytrace: ", &line);
  return line;
}

}  // namespace

std::string DumperError(const std::string& rundir, const std::string& path) {
  std::string line = Line(rundir);
  if (!line.empty()) return line;
  // Where there is no shared memory the directory lies on the same full disk.
  switch (StopOf(rundir)) {
    case ring::Stop::kNo:
      return "";
    case ring::Stop::kDiskFull:
      return "recording stopped: the disk is full; make room for " + path;
    default:
      return "recording stopped: cannot write " + path;
  }
}

std::string WhyStopped(const store::Database* database, const std::string& path) {
  if (database != nullptr && !database->stopped().empty()) return database->stopped();
  std::string rundir = RundirOf(path);
  if (rundir.empty() || StopOf(rundir) == ring::Stop::kNo) return "";
  std::string why = DumperError(rundir, path);
  TakeOff("recording stopped: ", &why);
  return why;
}

void SayWhyStopped(const store::Database* database, const std::string& path) {
  std::string why = WhyStopped(database, path);
  if (!why.empty()) fprintf(stderr, "pytrace: recording stopped: %s\n", Printable(why).c_str());
}

}  // namespace pytrace::reader
