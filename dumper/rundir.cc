#include "dumper/rundir.h"

#include <dirent.h>
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

template <class Use>
void ForEachEntry(const std::string& path, Use use) {
  DIR* dir = opendir(path.c_str());
  if (dir == nullptr) return;
  while (struct dirent* entry = readdir(dir)) use(std::string_view(entry->d_name));
  closedir(dir);
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

std::vector<std::string> Rundir::Scan() const {
  std::vector<std::string> names;
  ForEachEntry(path_, [&](std::string_view name) {
    if (name[0] != '.' && EndsWith(name, ring::kSegmentSuffix)) names.emplace_back(name);
  });
  std::sort(names.begin(), names.end());
  return names;
}

void Rundir::Remove(std::string_view name) const { unlink(PathOf(name).c_str()); }

void Rundir::WriteError(std::string_view line) const {
  std::string path = path_ + ring::kErrorName;
  if (line.empty()) {
    unlink(path.c_str());
    return;
  }
  int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0) return;
  std::string text = std::string(line) + "\n";
  if (write(fd, text.data(), text.size()) < 0) unlink(path.c_str());
  close(fd);
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
