// Whether a guest is still there: death, exec, reused pids, other pid namespaces.
#include "dumper/guest.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <string>

#include "dumper/clock.h"
#include "dumper/rundir.h"
#include "dumper/testing/fake_guest.h"
#include "tests/unit/check.h"

namespace pytrace::dumper {
namespace {

using testing::FakeGuest;

// A child that made a segment and then does `body`; it says so through a pipe.
class Child {
 public:
  template <class Body>
  Child(const std::string& rundir, Body body) {
    int pipe_ends[2];
    CHECK_EQ(pipe(pipe_ends), 0);
    pid_ = fork();
    if (pid_ == 0) {
      testing::GuestOptions options;
      options.rundir = rundir;
      FakeGuest guest(options);
      if (write(pipe_ends[1], "x", 1) != 1) _exit(1);
      body(&guest);
      pause();
      _exit(0);
    }
    close(pipe_ends[1]);
    char ready;
    CHECK_EQ(read(pipe_ends[0], &ready, 1), 1);
    close(pipe_ends[0]);
  }
  ~Child() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_;
};

class Scene {
 public:
  std::unique_ptr<ring::Drain> Attach() {
    Rundir dir(rundir.path());
    CHECK_EQ(dir.Scan().size(), 1u);
    name = dir.Scan().at(0);
    ring::AttachError error;
    return ring::Drain::Attach(dir.PathOf(name).c_str(), &error);
  }
  // Looks with ever later clocks, so that every look is due.
  bool Gone(Guest* guest, ring::Ended ended = ring::Ended::kNo) { return guest->Gone(ended, now_ += 100'000'000'000); }

  testing::TestRundir rundir;
  std::string name;

 private:
  int64_t now_ = SteadyNs();
};

template <class Condition>
bool Until(Condition condition) {
  for (int64_t start = SteadyNs(); SteadyNs() - start < 120'000'000'000; usleep(500)) {
    if (condition()) return true;
  }
  return false;
}

TEST(DeathIsSeen) {
  Scene s;
  Child child(s.rundir.path(), [](FakeGuest*) {});
  auto drain = s.Attach();
  Guest guest(drain->facts(), 0, s.name);
  CHECK(!s.Gone(&guest));
  CHECK(guest.pidfd() >= 0);
  kill(child.pid(), SIGKILL);
  struct pollfd p = {guest.pidfd(), POLLIN, 0};
  CHECK_EQ(poll(&p, 1, 10'000), 1);
  CHECK(s.Gone(&guest));
  CHECK(!guest.from_before_boot());
}

TEST(ItsPidInAnotherProcessIsNotIt) {
  Scene s;
  Child child(s.rundir.path(), [](FakeGuest*) {});
  auto facts = s.Attach()->facts();
  facts.pid_start += 1;
  CHECK(s.Gone(std::make_unique<Guest>(facts, 0, s.name).get()));
}

TEST(ExecTakesTheWriterAway) {
  Scene s;
  Child child(s.rundir.path(), [](FakeGuest* guest) {
    guest->End(ring::Ended::kExec, 0);
    execlp("sleep", "sleep", "100", nullptr);
  });
  auto drain = s.Attach();
  Guest guest(drain->facts(), 0, s.name);
  CHECK(Until([&] { return s.Gone(&guest, drain->ended()); }));
  CHECK_EQ(kill(child.pid(), 0), 0);
}

TEST(ExecThatFailsDoesNot) {
  Scene s;
  Child child(s.rundir.path(), [](FakeGuest* guest) {
    guest->End(ring::Ended::kExec, 0);
    execl("/nowhere", "nowhere", nullptr);
    guest->End(ring::Ended::kNo, 0);
  });
  auto drain = s.Attach();
  Guest guest(drain->facts(), 0, s.name);
  for (int i = 0; i < 20; ++i) CHECK(!s.Gone(&guest, ring::Ended::kExec));
  guest.SuspectExec();
  CHECK(!s.Gone(&guest));
}

TEST(AnUnknownNamespaceIsBelievedOnItsWord) {
  Scene s;
  Child child(s.rundir.path(), [](FakeGuest*) {});
  auto drain = s.Attach();
  Guest guest(drain->facts(), 12345, s.name);
  kill(child.pid(), SIGKILL);
  waitpid(child.pid(), nullptr, 0);
  CHECK(!s.Gone(&guest));
  CHECK(s.Gone(&guest, ring::Ended::kExit));
}

// As in a container: its pid means nothing here, but it is found among our processes.
TEST(AProcessOfAnInnerNamespaceIsFound) {
  Scene s;
  pid_t outer = fork();
  if (outer == 0) {
    if (unshare(CLONE_NEWPID) != 0) _exit(7);
    pid_t inner = fork();
    if (inner == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      // /proc here still shows the outer namespace, where our start time is to be had under another pid.
      char self[32] = {};
      if (readlink("/proc/self", self, sizeof(self) - 1) < 0) _exit(1);
      struct stat ns;
      if (stat("/proc/self/ns/pid", &ns) != 0) _exit(1);
      testing::GuestOptions options;
      options.rundir = s.rundir.path();
      options.pid_start = testing::StartOf(atoi(self));
      options.pid_namespace = ns.st_ino;
      FakeGuest guest(options);
      std::ofstream(s.rundir.folder() + "/ready") << ns.st_ino;
      pause();
    }
    waitpid(inner, nullptr, 0);
    _exit(0);
  }
  auto ready = [&] {
    int status;
    return access((s.rundir.folder() + "/ready").c_str(), F_OK) == 0 || waitpid(outer, &status, WNOHANG) == outer;
  };
  CHECK(Until(ready));
  uint64_t ns = 0;
  Until([&] {
    return access((s.rundir.folder() + "/ready").c_str(), F_OK) != 0 ||
           static_cast<bool>(std::ifstream(s.rundir.folder() + "/ready") >> ns);
  });
  if (ns == 0) return;  // no right to make namespaces
  auto drain = s.Attach();
  CHECK_EQ(drain->facts().pid, 1u);
  Guest guest(drain->facts(), ns, s.name);
  CHECK(!s.Gone(&guest));
  CHECK(guest.pidfd() >= 0);
  CHECK(!s.Gone(&guest));
  kill(outer, SIGKILL);
  waitpid(outer, nullptr, 0);
  // The inner one dies with its parent.
  struct pollfd p = {guest.pidfd(), POLLIN, 0};
  CHECK_EQ(poll(&p, 1, 10'000), 1);
  CHECK(s.Gone(&guest));
}

TEST(RundirTellsOfSegmentsAndTidiesUp) {
  Scene s;
  Rundir dir(s.rundir.path());
  CHECK(!dir.News());
  testing::GuestOptions options;
  options.rundir = s.rundir.path();
  FakeGuest guest(options);
  CHECK(dir.News());
  CHECK(!dir.News());
  CHECK_EQ(dir.Scan().size(), 1u);
  dir.Remove(guest.name());
  CHECK(dir.Scan().empty());
  std::string fresh = dir.PathOf(".1-1"), old = dir.PathOf(".1-2");
  for (const std::string& path : {fresh, old}) std::ofstream(path) << "x";
  struct timespec times[2] = {{1000, 0}, {1000, 0}};
  CHECK_EQ(utimensat(AT_FDCWD, old.c_str(), times, 0), 0);
  dir.RemoveLeftovers();
  CHECK_EQ(access(old.c_str(), F_OK), -1);
  CHECK_EQ(access(fresh.c_str(), F_OK), 0);
  dir.WriteError("why");
  std::string line;
  std::getline(std::ifstream(dir.PathOf("error")) >> std::ws, line);
  CHECK_EQ(line, "why");
  dir.WriteError("");
  unlink(fresh.c_str());
  dir.RemoveDirectory();
  CHECK_EQ(access(s.rundir.path().c_str(), F_OK), -1);
}

}  // namespace
}  // namespace pytrace::dumper
