// pytrace-dumper --db PATH --rundir PATH [--max-traces N] [--max-size BYTES]
//
// Started by whoever finds the run-time directory's lock free. Takes the lock or leaves; then records until the last
// producer is gone.
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <string>

#include "dumper/doorbell.h"
#include "dumper/left_segments.h"
#include "dumper/open_calls.h"
#include "dumper/recorder.h"
#include "dumper/rundir.h"
#include "dumper/store/writer.h"
#include "ringbuf/rundir.h"

namespace pytrace::dumper {
namespace {

constexpr int kLockWaitMs = 10'000;  // for a dumper that is being killed to let go of the database
constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kMinRetryNs = kSecond / 2, kMaxRetryNs = 4 * kSecond;

volatile sig_atomic_t terminate = 0;
Doorbell* bell_of_signals = nullptr;

void OnTerminate(int) {
  int saved = errno;
  terminate = 1;
  if (bell_of_signals != nullptr) bell_of_signals->Ring();
  errno = saved;
}

bool ParseNumber(const char* text, int64_t* out) {
  char* end;
  errno = 0;
  *out = strtoll(text, &end, 10);
  return errno == 0 && end != text && *end == 0 && *out >= 0;
}

bool ParseOptions(int argc, char** argv, store::WriterOptions* options) {
  const struct option kLong[] = {{"db", required_argument, nullptr, 'd'},
                                 {"rundir", required_argument, nullptr, 'r'},
                                 {"max-traces", required_argument, nullptr, 't'},
                                 {"max-size", required_argument, nullptr, 's'},
                                 {}};
  for (int c; (c = getopt_long(argc, argv, "", kLong, nullptr)) != -1;) {
    if (c == 'd') options->path = optarg;
    if (c == 'r') options->rundir = optarg;
    if (c == '?' || (c == 't' && !ParseNumber(optarg, &options->max_calls)) ||
        (c == 's' && !ParseNumber(optarg, &options->max_bytes)))
      return false;
  }
  return optind == argc && options->path[0] == '/' && options->rundir[0] == '/';
}

// The limits that a shell or a service set for the traced program are not meant for us, and we must not share its one
// core.
void LiftLimits() {
  for (int resource : {RLIMIT_AS, RLIMIT_CPU, RLIMIT_DATA, RLIMIT_FSIZE, RLIMIT_NOFILE}) {
    struct rlimit limit;
    if (getrlimit(static_cast<__rlimit_resource_t>(resource), &limit) != 0) continue;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(static_cast<__rlimit_resource_t>(resource), &limit);
  }
  cpu_set_t all;
  memset(&all, 0xff, sizeof(all));
  sched_setaffinity(0, sizeof(all), &all);
}

// Nothing of whoever started us stays: not its terminal, descriptors, folder, session or signals.
void BecomeDaemon() {
  setsid();
  umask(077);
  if (chdir("/") != 0) _exit(1);
  int null = open("/dev/null", O_RDWR);
  for (int fd = 0; fd <= 2 && null >= 0; ++fd) dup2(null, fd);
#ifdef SYS_close_range
  if (syscall(SYS_close_range, 3u, ~0u, 0u) != 0)
#endif
  {
    for (int fd = 3, end = static_cast<int>(std::min(sysconf(_SC_OPEN_MAX), 65536L)); fd < end; ++fd) close(fd);
  }
  for (int s : {SIGPIPE, SIGHUP, SIGINT, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU, SIGXFSZ}) signal(s, SIG_IGN);
  struct sigaction action = {};
  action.sa_handler = OnTerminate;
  sigaction(SIGTERM, &action, nullptr);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

// `replaced`: of a database that is not at its path any more; done with when this has worked.
std::unique_ptr<Recorder> OpenRecorder(const store::WriterOptions& options, Rundir* rundir, Doorbell* bell,
                                       ring::Control* control, std::unique_ptr<store::Writer>* replaced,
                                       std::string* error, bool* disk_full) {
  if (*replaced != nullptr && !(*replaced)->replaced())
    replaced->reset();  // it is back, and we would lock ourselves out
  auto writer = store::Writer::Open(options, kLockWaitMs, error, disk_full);
  if (writer == nullptr) return nullptr;
  if (*replaced != nullptr) writer->CarryOver(replaced->get(), EncodeOpenCalls(RingCalls()));
  replaced->reset();
  store::Block newest;
  if (!writer->LoadNewestBlock(&newest)) {
    *error = writer->error();
    *disk_full = writer->disk_full();
    return nullptr;
  }
  return std::make_unique<Recorder>(std::move(writer), std::move(newest), rundir, bell, control);
}

// The database cannot be written. Guests are told to stop; their records so far stay in the segments.
void Stop(const std::string& why, bool disk_full, const Rundir& rundir, ring::Control* control) {
  // The line first: who sees the stop finds its reason.
  rundir.WriteError("pytrace: " + why);
  control->stopped.store(static_cast<uint32_t>(disk_full ? ring::Stop::kDiskFull : ring::Stop::kDatabase),
                         std::memory_order_release);
}

// Somebody removed the database with its folder.
bool FolderIsGone(const std::string& db) {
  std::string folder = db.substr(0, std::max<size_t>(db.rfind('/'), 1));
  return access(folder.c_str(), F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR);
}

// Nobody will ever ask for these records, and they must not fill the shared memory of the machine.
void Discard(Rundir* rundir) {
  RemoveDeadSegments(*rundir);
  rundir->WriteError("");
}

// Records until nothing is left to record or to wait for. The exit status.
int Record(const store::WriterOptions& options, Rundir* rundir, Doorbell* bell, ring::Control* control,
           bool* nothing_left) {
  int64_t retry_ns = kMinRetryNs;
  bool stopped = false;
  std::unique_ptr<Recorder> failed;
  std::unique_ptr<store::Writer> replaced;
  for (;;) {
    // Asked before the attempt, so that there is one after the last producer's death.
    bool lasts =
        !stopped || (terminate == 0 && (failed != nullptr ? failed->AnyGuestLives() : AnyProducerLives(*rundir)));
    std::string error;
    bool disk_full = false;
    auto recorder = OpenRecorder(options, rundir, bell, control, &replaced, &error, &disk_full);
    if (recorder == nullptr) {
      if (terminate != 0 && !stopped) return 0;  // it gave up waiting for the database
      if (terminate == 0) Stop(error, disk_full, *rundir, control);
      if (!stopped && !disk_full && !FolderIsGone(options.path)) return 1;
      stopped = true;
    }
    if (recorder != nullptr) {
      failed.reset();
      if (!stopped) rundir->WriteError("");
      Recorder::Result result = recorder->Run(terminate);
      *nothing_left = result == Recorder::Result::kNothingLeft;
      if (result == Recorder::Result::kReplaced) {
        replaced = recorder->GiveWriter();
        continue;
      }
      if (result != Recorder::Result::kFailed) return 0;
      std::string why = "recording stopped: " + recorder->error();
      // It may hold the last descriptors, of which the line needs one.
      if (!rundir->WriteError("pytrace: " + why)) recorder->CloseDatabase();
      Stop(why, recorder->disk_full(), *rundir, control);
      recorder->CloseDatabase();
      stopped = true;
      failed = std::move(recorder);
    }
    if (!lasts) {
      *nothing_left = terminate == 0 && FolderIsGone(options.path);
      if (*nothing_left) Discard(rundir);
      return 1;
    }
    bell->Sleep(retry_ns, [] { return false; });
    retry_ns = std::min(retry_ns * 2, kMaxRetryNs);
  }
}

int Main(int argc, char** argv) {
  store::WriterOptions options;
  if (!ParseOptions(argc, argv, &options)) {
    fprintf(stderr, "usage: pytrace-dumper --db /PATH --rundir /PATH [--max-traces N] [--max-size BYTES]\n");
    return 2;
  }
  BecomeDaemon();
  LiftLimits();
  if (ring::MakeRundir(options.rundir.c_str()) != 0) return 1;
  int lock = ring::TryLock(options.rundir.c_str());
  if (lock < 0) return lock == ring::kLockHeld ? 0 : 1;
  ring::Control* control = ring::MapControl(options.rundir.c_str());
  if (control == nullptr) return 1;
  // An earlier one's stop holds no longer: see kTrying.
  if (control->stopped.load(std::memory_order_relaxed) != static_cast<uint32_t>(ring::Stop::kNo))
    control->stopped.store(static_cast<uint32_t>(ring::Stop::kTrying), std::memory_order_relaxed);
  options.give_up = [] { return terminate != 0; };
  control->dumper_pid.store(static_cast<uint32_t>(getpid()), std::memory_order_relaxed);

  Rundir rundir(options.rundir);
  static Doorbell bell(control);
  bell_of_signals = &bell;
  bell.Watch(rundir.fd());
  bool nothing_left = false;
  int status = Record(options, &rundir, &bell, control, &nothing_left);
  control->dumper_pid.store(0, std::memory_order_relaxed);
  if (!nothing_left) return status;

  rundir.RemoveLeftovers();
  control->left.store(1, std::memory_order_seq_cst);
  rundir.RemoveControlAndLock();
  if (SegmentsLeft(rundir)) {
    // Its guest saw our lock and relies on us. Begin again, with a new lock and control page if nobody else has them
    // yet.
    execv("/proc/self/exe", argv);
    return 1;
  }
  rundir.RemoveDirectory();
  return status;
}

}  // namespace
}  // namespace pytrace::dumper

int main(int argc, char** argv) { return pytrace::dumper::Main(argc, argv); }
