#include "ringbuf/rundir.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ringbuf/file_limit.h"

namespace pytrace::ring {
namespace {

constexpr char kShm[] = "/dev/shm";
constexpr size_t kPathMax = 4096;

// The system call, since glibc before 2.33 has no `stat` to link against. On 64-bit Linux the kernel's struct is
// libc's.
int StatAt(int folder, const char* path, struct stat* out, int flags) {
  return static_cast<int>(syscall(SYS_newfstatat, folder, path, out, flags));
}

uint64_t Fnv1a(const char* text) {
  uint64_t hash = 14695981039346656037u;
  for (; *text; ++text) hash = (hash ^ static_cast<unsigned char>(*text)) * 1099511628211u;
  return hash;
}

// The size of the whole file system, not what is free now: the answer must not change while a recording runs. A
// segment could do with less (Segment::Reserve), but several processes would fill a small one for everybody.
bool ShmIsUsable() {
  struct statvfs fs;
  return statvfs(kShm, &fs) == 0 && static_cast<uint64_t>(fs.f_blocks) * fs.f_frsize >= kMinShmBytes &&
         access(kShm, W_OK | X_OK) == 0;
}

// Whether a directory is ours alone.
int CheckPrivate(const char* path) {
  struct stat st;
  if (StatAt(AT_FDCWD, path, &st, AT_SYMLINK_NOFOLLOW) != 0) return errno;
  if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid() || (st.st_mode & 077)) return EPERM;
  return 0;
}

// Makes one and checks it, whoever made it.
int MakePrivate(const char* path) {
  if (mkdir(path, 0700) != 0 && errno != EEXIST) return errno;
  return CheckPrivate(path);
}

// The directory above a run-time directory that is ours to make, too. False: there is none; ENAMETOOLONG with it.
bool Parent(const char* rundir, char* parent, int* error) {
  *error = 0;
  if (strncmp(rundir, kShm, sizeof(kShm) - 1) != 0) return false;
  size_t n = strrchr(rundir, '/') - rundir;
  if (n >= kPathMax) *error = ENAMETOOLONG;
  if (*error) return false;
  memcpy(parent, rundir, n);
  parent[n] = 0;
  return true;
}

bool LockPath(const char* rundir, char* path) {
  int n = snprintf(path, kPathMax, "%s%s", rundir, kLockName);
  return n > 0 && static_cast<size_t>(n) < kPathMax;
}

struct flock WholeFile() {
  struct flock lock = {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  return lock;
}

}  // namespace

bool RundirPath(const char* db, char* out, size_t out_size) {
  int n;
  if (ShmIsUsable()) {
    n = snprintf(out, out_size, "%s/pytrace-%u/%016llx", kShm, static_cast<unsigned>(geteuid()),
                 static_cast<unsigned long long>(Fnv1a(db)));
  } else {
    n = snprintf(out, out_size, "%s.run", db);
  }
  return n > 0 && static_cast<size_t>(n) < out_size;
}

int MakeRundir(const char* rundir) {
  char parent[kPathMax];
  int error;
  if (Parent(rundir, parent, &error)) error = MakePrivate(parent);
  return error ? error : MakePrivate(rundir);
}

int CheckRundir(const char* rundir) {
  char parent[kPathMax];
  int error;
  if (Parent(rundir, parent, &error)) error = CheckPrivate(parent);
  if (error == 0) error = CheckPrivate(rundir);
  return error == EPERM ? EPERM : 0;
}

int TryLock(const char* rundir) {
  char path[kPathMax];
  if (!LockPath(rundir, path)) return -ENAMETOOLONG;
  for (;;) {
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return -errno;
    struct flock lock = WholeFile();
    bool held = fcntl(fd, F_OFD_SETLK, &lock) != 0;
    int error = errno;
    // The dumper that leaves unlinks the file while it holds the lock: then ours is on a file without a name, and
    // whether it is held says nothing.
    struct stat ours, named;
    bool same = StatAt(fd, "", &ours, AT_EMPTY_PATH) == 0 && StatAt(AT_FDCWD, path, &named, 0) == 0 &&
                ours.st_ino == named.st_ino && ours.st_dev == named.st_dev;
    if (same && !held) return fd;
    close(fd);
    if (same) return error == EAGAIN || error == EACCES ? kLockHeld : -error;
  }
}

bool LockIsHeld(const char* rundir) {
  char path[kPathMax];
  if (!LockPath(rundir, path)) return false;
  // Read-only, although the lock asked about is for writing: who waits (inotify) for a dumper to close its lock must
  // not see this as one.
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) return false;
  struct flock lock = WholeFile();
  bool held = fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
  close(fd);
  return held;
}

Control* FindControl(const char* rundir) {
  char path[kPathMax];
  int n = snprintf(path, sizeof(path), "%s%s", rundir, kControlName);
  if (n < 0 || static_cast<size_t>(n) >= sizeof(path)) return nullptr;
  int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) return nullptr;
  // The size, since a touch behind the end of the file would be a SIGBUS.
  struct stat st;
  void* map = MAP_FAILED;
  if (StatAt(fd, "", &st, AT_EMPTY_PATH) == 0 && st.st_size >= static_cast<off_t>(sizeof(Control)))
    map = mmap(nullptr, sizeof(Control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close(fd);
  return map == MAP_FAILED ? nullptr : static_cast<Control*>(map);
}

void AskToLeave(const char* rundir) {
  Control* control = FindControl(rundir);
  if (control == nullptr) return;
  control->no_grace.store(1, std::memory_order_release);
  control->doorbell.fetch_add(1, std::memory_order_release);
  syscall(SYS_futex, &control->doorbell, FUTEX_WAKE, 1, nullptr, nullptr, 0);
  munmap(control, sizeof(Control));
}

Control* MapControl(const char* rundir) {
  char path[kPathMax];
  int n = snprintf(path, sizeof(path), "%s%s", rundir, kControlName);
  if (n < 0 || static_cast<size_t>(n) >= sizeof(path)) return nullptr;
  if (FileSizeLimit() < kUnitBytes) {
    errno = EFBIG;
    return nullptr;
  }
  int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return nullptr;
  void* map = MAP_FAILED;
  // fallocate, so that a full file system is an error here and not a SIGBUS at the first touch. Two makers at once do
  // no harm: all zero is valid.
  int error = posix_fallocate(fd, 0, kUnitBytes);
  if (error == 0)
    map = mmap(nullptr, kUnitBytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  else
    errno = error;
  close(fd);
  if (map == MAP_FAILED) return nullptr;
  Control* control = static_cast<Control*>(map);
  control->magic = kControlMagic;
  control->layout_version = kLayoutVersion;
  return control;
}

}  // namespace pytrace::ring
