#include "dumper/rundir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "ringbuf/rundir.h"

namespace pytrace::dumper {
namespace {

constexpr time_t kLeftoverSeconds = 60;  // far longer than it takes to make a segment

bool EndsWith(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

// 0 or an errno: it could not be looked into.
template <class Use>
int ForEachEntry(const std::string& path, Use use) {
  DIR* dir = opendir(path.c_str());
  if (dir == nullptr) return errno;
  while (struct dirent* entry = readdir(dir)) use(std::string_view(entry->d_name));
  closedir(dir);
  return 0;
}

}  // namespace

Rundir::Rundir(std::string path) : path_(std::move(path)) {
  inotify_ = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (inotify_ >= 0 && inotify_add_watch(inotify_, path_.c_str(), IN_MOVED_TO | IN_ONLYDIR) < 0) {
    close(inotify_);
    inotify_ = -1;
  }
}

Rundir::~Rundir() {
  if (inotify_ >= 0) close(inotify_);
}

bool Rundir::News() {
  if (inotify_ < 0) return true;
  bool some = false;
  alignas(struct inotify_event) char events[4096];
  while (read(inotify_, events, sizeof(events)) > 0) some = true;
  return some;
}

std::vector<std::string> Rundir::Scan(bool* no_resources) const {
  std::vector<std::string> names;
  int error = ForEachEntry(path_, [&](std::string_view name) {
    if (name[0] != '.' && EndsWith(name, ring::kSegmentSuffix)) names.emplace_back(name);
  });
  if (no_resources != nullptr) *no_resources = error == EMFILE || error == ENFILE || error == ENOMEM;
  std::sort(names.begin(), names.end());
  return names;
}

void Rundir::Remove(std::string_view name) const { unlink(PathOf(name).c_str()); }

bool Rundir::WriteError(std::string_view line) const {
  std::string path = path_ + ring::kErrorName;
  if (line.empty()) return unlink(path.c_str()) == 0;
  int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0) return false;
  std::string text = std::string(line) + "\n";
  bool written = write(fd, text.data(), text.size()) > 0;
  if (!written) unlink(path.c_str());
  close(fd);
  return written;
}

void Rundir::RemoveLeftovers() const {
  ForEachEntry(path_, [&](std::string_view name) {
    struct stat st;
    if (name[0] != '.' || name == "." || name == ".." || lstat(PathOf(name).c_str(), &st) != 0) return;
    if (S_ISREG(st.st_mode) && time(nullptr) - st.st_mtime > kLeftoverSeconds) Remove(name);
  });
}

void Rundir::RemoveControlAndLock() const {
  unlink((path_ + ring::kControlName).c_str());
  unlink((path_ + ring::kLockName).c_str());
}

void Rundir::RemoveDirectory() const { rmdir(path_.c_str()); }

}  // namespace pytrace::dumper
