#include "preload/process.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "preload/memory_limit.h"
#include "preload/start_dumper.h"
#include "preload/thread_state.h"
#include "pyshim/code_word.h"
#include "ringbuf/file_limit.h"
#include "ringbuf/record/encode.h"
#include "ringbuf/rundir.h"

namespace pytrace {

// Before any constructor: ours may run before those of this file.
constinit Process process;

namespace {

using record::Encoder;
using record::kBytes;
using record::kVarint;
using record::Tag;

constexpr uint64_t kStartGraceNs = 1000000000;  // how long a started dumper may take until it has the lock
constexpr uint32_t kMaxDumperFailures = 3;
constexpr int kAttempts = 10;
constexpr uint64_t kBufferBytes = 64u << 20;
constexpr size_t kInfoBytes = 4u << 20;  // more than the kernel lets a command line be

// Start time of this process, field 22 of its stat line; the name in field 2 may have blanks and parentheses.
uint64_t StartTimeOfProcess() {
  char text[1024];
  int fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  ssize_t n = read(fd, text, sizeof(text) - 1);
  close(fd);
  if (n <= 0) return 0;
  text[n] = 0;
  char* at = strrchr(text, ')');
  for (int field = 2; at != nullptr && field < 22; ++field) at = strchr(at + 1, ' ');
  return at != nullptr ? strtoull(at + 1, nullptr, 10) : 0;
}

// argv, one field for each; the file has them with a zero byte after each.
void WriteArguments(Encoder& out) {
  int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  size_t room = out.room() / 2;
  char* text = reinterpret_cast<char*>(out.end - room);  // read into the far end of the buffer that it is written from
  size_t n = 0;
  for (ssize_t got; n < room && (got = read(fd, text + n, room - n)) > 0;) n += got;
  close(fd);
  for (size_t i = 0; i < n;) {
    size_t length = strnlen(text + i, n - i);
    out.Bytes(Tag(3, kBytes), text + i, length);
    i += length + 1;
  }
}

size_t WriteProcessInfo(uint8_t* buffer, size_t size) {
  Encoder out(buffer, buffer + size);
  char path[4096];
  out.Text(Tag(1, kBytes), process.config.run);
  ssize_t n = readlink("/proc/self/exe", path, sizeof(path));
  if (n > 0) out.Bytes(Tag(2, kBytes), path, n);
  WriteArguments(out);
  if (getcwd(path, sizeof(path)) != nullptr) out.Text(Tag(4, kBytes), path);
  out.Text(Tag(5, kBytes), process.python);
  out.Text(Tag(6, kBytes), process.mode);
  out.Text(Tag(7, kBytes), process.mode_reason);
  out.Uint(Tag(8, kVarint), getppid());
  if (process.config.program != nullptr) out.Text(Tag(9, kBytes), process.config.program);
  struct stat ns;  // by system call: glibc before 2.33 has no `stat` to link against
  if (syscall(SYS_newfstatat, AT_FDCWD, "/proc/self/ns/pid", &ns, 0) == 0) out.Uint(Tag(10, kVarint), ns.st_ino);
  return out.at - buffer;
}

// Whether the database, or the folder where it would be, is another user's and closed to us: a server that gave up its
// privileges, a program that runs as somebody else. A dumper of ours could not write there, and nobody would ever take
// our records out of the shared memory.
bool DatabaseIsForeign(const char* db) {
  char folder[4096];
  const char* path = db;
  struct stat st;
  if (syscall(SYS_newfstatat, AT_FDCWD, db, &st, 0) != 0) {
    const char* slash = strrchr(db, '/');
    if (errno != ENOENT || slash == nullptr || static_cast<size_t>(slash - db) + 2 > sizeof(folder)) return false;
    snprintf(folder, sizeof(folder), "%.*s", slash == db ? 1 : static_cast<int>(slash - db), db);
    path = folder;
    if (syscall(SYS_newfstatat, AT_FDCWD, path, &st, 0) != 0) return errno == EACCES;
  }
  return st.st_uid != geteuid() && faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) != 0 && errno == EACCES;
}

// A limit is set for the program: of that a sixteenth at most is ours, where nobody said how much.
uint64_t BufferBytes() {
  if (process.config.buffer != 0) return process.config.buffer;
  uint64_t most = MemoryLimit() / 16;
  return most < kBufferBytes ? most : kBufferBytes;
}

int MakeSegment() {
  Process& p = process;
  if (!ring::RundirPath(p.config.db, p.rundir, sizeof(p.rundir))) return ENAMETOOLONG;
  if (int error = ring::MakeRundir(p.rundir)) return error;
  if (ring::FileSizeLimit() < ring::Segment::kLeastBytes) return EFBIG;  // before any file is made
  if (p.control == nullptr) p.control = ring::MapControl(p.rundir);
  if (p.control == nullptr) return errno;
  void* info = mmap(nullptr, kInfoBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (info == MAP_FAILED) return errno;
  struct timespec real;
  clock_gettime(CLOCK_REALTIME, &real);
  ring::SegmentOptions options = {};
  options.rundir = p.rundir;
  options.buffer_bytes = BufferBytes();
  options.clock = p.use_tsc ? ring::Clock::kTsc : ring::Clock::kMonotonicNs;
  options.start_flags = p.forked && p.main_seen ? ring::kForkedAfterMain : 0;
  options.start_ticks = p.Now();
  options.start_monotonic_ns = MonotonicNs();
  options.start_realtime_ns = static_cast<uint64_t>(real.tv_sec) * 1000000000u + real.tv_nsec;
  options.pid_start = StartTimeOfProcess();
  options.info = info;
  options.info_bytes = WriteProcessInfo(static_cast<uint8_t*>(info), kInfoBytes);
  int error = p.segment.Create(options);
  munmap(info, kInfoBytes);
  return error;
}

bool StartDumper() {
  char program[4200];
  const char* slash = strrchr(process.config.library, '/');
  int folder = slash != nullptr ? static_cast<int>(slash - process.config.library) : 0;
  snprintf(program, sizeof(program), "%.*s/pytrace-dumper", folder, process.config.library);
  const char* argv[12] = {program, "--db", process.config.db, "--rundir", process.rundir};
  int n = 5;
  if (process.config.max_traces != nullptr) {
    argv[n++] = "--max-traces";
    argv[n++] = process.config.max_traces;
  }
  if (process.config.max_size != nullptr) {
    argv[n++] = "--max-size";
    argv[n++] = process.config.max_size;
  }
  argv[n] = nullptr;
  return StartStranger(argv);
}

// Under the launcher: it need not say that nothing was recorded. On a full tmpfs an empty file can still be made.
void TellLauncher() {
  const Config& c = process.config;
  if (c.program == nullptr || strchr(c.run, '/') != nullptr) return;
  char path[sizeof(process.rundir) + sizeof(c.run) + sizeof(ring::kSaidPrefix)];
  snprintf(path, sizeof(path), "%s%s%s", process.rundir, ring::kSaidPrefix, c.run);
  int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd >= 0) close(fd);
}

// Whether stderr is a file that `n` bytes more would make longer than the process may: a signal would end it.
bool WouldBeTooLong(size_t n) {
  struct stat file;
  if (syscall(SYS_fstat, 2, &file) != 0 || !S_ISREG(file.st_mode)) return false;
  off_t at = lseek(2, 0, SEEK_CUR);
  return static_cast<uint64_t>(at > file.st_size ? at : file.st_size) + n > ring::FileSizeLimit();
}

// The stop of a dumper that is gone is not for us: the next one, which we are about to start, may well be able to
// write.
void ForgetOldStop() {
  uint32_t stop = process.control->stopped.load(std::memory_order_relaxed);
  if (stop == static_cast<uint32_t>(ring::Stop::kNo) || ring::LockIsHeld(process.rundir)) return;
  process.control->stopped.compare_exchange_strong(stop, static_cast<uint32_t>(ring::Stop::kTrying),
                                                   std::memory_order_relaxed);
}

const char* WhyNot(int error) {
  if (error == EPERM) return "it is another user's, or open to others: remove it";
  if (error == EFBIG) return "this process may not make files long enough: raise its limit (ulimit -f)";
  return strerror(error);
}

}  // namespace

void Complain(const char* what, const char* why) {
  // Its parent has said it; and who knows what file its descriptor 2 is by now.
  if (process.forked) return;
  char line[4600];
  int n = snprintf(line, sizeof(line), "pytrace: not recording: %s%s%s\n", what, *why ? ": " : "", why);
  if (n >= static_cast<int>(sizeof(line))) n = sizeof(line) - 1;
  if (n > 0 && !WouldBeTooLong(n) && write(2, line, n) < 0) return;
}

bool OpenSegment() {
  while (process.opening.exchange(true, std::memory_order_acquire)) syscall(SYS_sched_yield);
  bool ok = process.segment.mapped();
  if (!ok && !process.off.load(std::memory_order_relaxed)) {
    bool foreign = DatabaseIsForeign(process.config.db);
    int error = foreign ? EACCES : MakeSegment();
    // The dumper of the run before us may be taking the directory away just now.
    for (int i = 0; error == ENOENT && i < kAttempts; ++i) {
      process.control = nullptr;
      error = MakeSegment();
    }
    ok = error == 0;
    if (!ok) {
      if (foreign) {  // there is no run-time directory to leave word in
        Complain(process.config.db, "it is another user's; run pytrace as the user that the program becomes");
      } else {
        Complain(process.rundir, WhyNot(error));
        TellLauncher();
        rmdir(process.rundir);  // if it was made just now, and no word to the launcher is in it
      }
      process.off.store(true, std::memory_order_relaxed);
    }
  }
  process.opening.store(false, std::memory_order_release);
  if (ok) {
    ForgetOldStop();
    RingDoorbell();
    EnsureDumper();
  }
  return ok;
}

bool EnsureDumper() {
  // A dumper that left while we came: the next one has another page.
  if (process.control->left.load(std::memory_order_relaxed) != 0) {
    if (ring::Control* next = ring::MapControl(process.rundir)) process.control = next;
  }
  if (ring::LockIsHeld(process.rundir)) {
    process.dumper_failures.store(0, std::memory_order_relaxed);
    return true;
  }
  uint64_t now = MonotonicNs(), last = process.dumper_started.load(std::memory_order_relaxed);
  if (last != 0 && now - last < kStartGraceNs) return true;
  if (process.dumper_failures.load(std::memory_order_relaxed) >= kMaxDumperFailures && now - last < 10 * kStartGraceNs)
    return false;
  // One thread tries; for the others it is under way.
  if (!process.dumper_started.compare_exchange_strong(last, now, std::memory_order_relaxed)) return true;
  if (last != 0) process.dumper_failures.fetch_add(1, std::memory_order_relaxed);
  if (StartDumper()) return true;
  process.dumper_failures.store(kMaxDumperFailures, std::memory_order_relaxed);
  return false;
}

void RingDoorbell() {
  ring::Control* control = process.control;
  // The dumper stores `sleeping` (seq_cst), looks at the rings once more, then waits. The fence here makes our record's
  // length visible before we look.
  std::atomic_thread_fence(std::memory_order_seq_cst);
  if (control == nullptr || control->sleeping.load(std::memory_order_relaxed) == 0) return;
  control->doorbell.fetch_add(1, std::memory_order_release);
  syscall(SYS_futex, &control->doorbell, FUTEX_WAKE, 1, nullptr, nullptr, 0);
}

void AfterForkInChild() {
  Process& p = process;
  p.segment.Abandon();
  uint64_t epoch = (p.epoch_bits >> py::CodeWord::kEpochShift) + 1;
  if (epoch > 1023) epoch = 1;
  p.epoch_bits = epoch << py::CodeWord::kEpochShift;
  p.SetShortWay();
  p.types.Forget();
  p.last_function.store(0, std::memory_order_relaxed);
  p.opening.store(false, std::memory_order_relaxed);
  p.dumper_started.store(0, std::memory_order_relaxed);
  p.dumper_failures.store(0, std::memory_order_relaxed);
  p.forked = true;
  ForgetThread(thread_state);
}

}  // namespace pytrace
