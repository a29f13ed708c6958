#include "dumper/store/database_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cstring>

namespace pytrace::store {
namespace {

// Far behind SQLite's own lock bytes (at 1 GiB) and any page.
constexpr off_t kLockOffset = off_t{1} << 62;
constexpr long kLockRetryNs = 5'000'000;

int OpenOrMake(const std::string& path) {
  constexpr int kFlags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;  // O_NONBLOCK: a FIFO must not stop us
  for (;;) {
    int fd = open(path.c_str(), kFlags | O_CREAT | O_EXCL, 0600);
    if (fd >= 0 || errno != EEXIST) return fd;
    fd = open(path.c_str(), kFlags);
    if (fd >= 0 || errno != ENOENT) return fd;
  }
}

std::string WhyNotOpen(const std::string& path, int error) {
  if (error == ELOOP) return path + " is a symbolic link; give the path of the file itself with --db";
  if (error == EISDIR) return path + " is a directory; give the path of a file with --db";
  return "cannot open " + path + ": " + strerror(error);
}

bool Lock(int fd, int wait_ms) {
  struct flock lock = {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  lock.l_start = kLockOffset;
  lock.l_len = 1;
  for (int64_t left = int64_t{wait_ms} * 1'000'000;; left -= kLockRetryNs) {
    if (fcntl(fd, F_OFD_SETLK, &lock) == 0) return true;
    if ((errno != EAGAIN && errno != EACCES && errno != EINTR) || left <= 0) return false;
    timespec pause = {0, kLockRetryNs};
    nanosleep(&pause, nullptr);
  }
}

}  // namespace

std::unique_ptr<DatabaseFile> DatabaseFile::Open(const std::string& path, int lock_wait_ms, std::string* error) {
  int fd = OpenOrMake(path);
  if (fd < 0) {
    *error = WhyNotOpen(path, errno);
    return nullptr;
  }
  std::unique_ptr<DatabaseFile> file(new DatabaseFile(fd));
  struct stat st;
  if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
    *error = path + " is not a file; give another path with --db";
  } else if (st.st_uid != geteuid()) {
    *error = path + " belongs to another user; give another path with --db";
  } else if (!Lock(fd, lock_wait_ms)) {
    *error = path + " is being recorded into by another pytrace-dumper";
  } else {
    return file;
  }
  return nullptr;
}

DatabaseFile::~DatabaseFile() { close(fd_); }

bool DatabaseFile::IsAt(const std::string& path) const {
  struct stat ours, named;
  return fstat(fd_, &ours) == 0 && lstat(path.c_str(), &named) == 0 && ours.st_ino == named.st_ino &&
         ours.st_dev == named.st_dev;
}

}  // namespace pytrace::store
