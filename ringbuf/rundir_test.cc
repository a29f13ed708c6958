// What others may have put where a run-time directory would be, or into it: refused, and nothing behind a link is
// touched.
#include "ringbuf/rundir.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <filesystem>
#include <string>
#include <thread>

#include "tests/unit/check.h"

namespace pytrace::ring {
namespace {

// Below /dev/shm, where the folder above a run-time directory must be private, too.
class Place {
 public:
  Place() {
    char path[] = "/dev/shm/pytrace-rundir-XXXXXX";
    folder = mkdtemp(path);
    rundir = folder + "/run";
    victim = folder + "/victim";
  }
  ~Place() { std::filesystem::remove_all(folder); }

  int Make() const { return MakeRundir(rundir.c_str()); }
  bool IsGood() const { return CheckRundir(rundir.c_str()) == 0; }
  std::string In(const char* name) const { return rundir + name; }

  std::string folder, rundir, victim;
};

bool Exists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

TEST(OneThatIsMadeIsPrivate) {
  Place place;
  CHECK(place.IsGood());
  CHECK(!Exists(place.rundir));
  CHECK_EQ(place.Make(), 0);
  struct stat st;
  CHECK_EQ(stat(place.rundir.c_str(), &st), 0);
  CHECK_EQ(st.st_mode & 07777, 0700u);
  CHECK_EQ(place.Make(), 0);
  CHECK(place.IsGood());
}

TEST(LinksAndFilesAreRefused) {
  for (bool link : {true, false}) {
    Place place;
    CHECK_EQ(mkdir(place.victim.c_str(), 0700), 0);
    if (link) {
      CHECK_EQ(symlink(place.victim.c_str(), place.rundir.c_str()), 0);
    } else {
      CHECK_EQ(mknod(place.rundir.c_str(), S_IFREG | 0600, 0), 0);
    }
    CHECK_EQ(place.Make(), EPERM);
    CHECK(!place.IsGood());
  }
}

TEST(OneThatIsOpenToOthersIsRefused) {
  for (mode_t mode : {0750, 0720, 0701, 01777}) {
    Place place;
    CHECK_EQ(mkdir(place.rundir.c_str(), 0700), 0);
    CHECK_EQ(chmod(place.rundir.c_str(), mode), 0);
    CHECK_EQ(place.Make(), EPERM);
    CHECK(!place.IsGood());
  }
}

TEST(AnotherUsersIsRefused) {
  Place place;
  CHECK_EQ(mkdir(place.rundir.c_str(), 0700), 0);
  if (chown(place.rundir.c_str(), 12345, 12345) != 0) {
    printf("skipped: needs root\n");
    return;
  }
  CHECK_EQ(place.Make(), EPERM);
  CHECK(!place.IsGood());
}

TEST(TheFolderAboveIsLookedAtToo) {
  Place place;
  CHECK_EQ(place.Make(), 0);
  CHECK_EQ(chmod(place.folder.c_str(), 0755), 0);
  CHECK_EQ(place.Make(), EPERM);
  CHECK(!place.IsGood());
}

TEST(OneHasTheLock) {
  Place place;
  place.Make();
  CHECK(!LockIsHeld(place.rundir.c_str()));
  int first = TryLock(place.rundir.c_str());
  CHECK(first >= 0);
  CHECK(LockIsHeld(place.rundir.c_str()));
  CHECK_EQ(TryLock(place.rundir.c_str()), kLockHeld);
  close(first);
  CHECK(!LockIsHeld(place.rundir.c_str()));
  int second = TryLock(place.rundir.c_str());
  CHECK(second >= 0);
  close(second);
}

// A dumper that leaves unlinks the file while it has the lock: who opened it just before gets a lock that nobody else
// will see, and tries again.
TEST(ALockWithoutANameDoesNotCount) {
  Place place;
  place.Make();
  std::atomic<bool> stop{false};
  std::thread leaving([&] {
    while (!stop) {
      int lock = TryLock(place.rundir.c_str());
      if (lock < 0) continue;
      unlink(place.In(kLockName).c_str());
      close(lock);
    }
  });
  int wrong = 0;
  for (int taken = 0; taken < 20'000;) {
    int lock = TryLock(place.rundir.c_str());
    if (lock < 0) continue;
    ++taken;
    struct stat ours, named;
    wrong += fstat(lock, &ours) != 0 || stat(place.In(kLockName).c_str(), &named) != 0 || ours.st_ino != named.st_ino;
    close(lock);
  }
  stop = true;
  leaving.join();
  CHECK_EQ(wrong, 0);
}

TEST(NothingBehindALinkIsTouched) {
  Place place;
  place.Make();
  for (const char* name : {kLockName, kControlName}) CHECK_EQ(symlink(place.victim.c_str(), place.In(name).c_str()), 0);
  CHECK_EQ(TryLock(place.rundir.c_str()), -ELOOP);
  CHECK(MapControl(place.rundir.c_str()) == nullptr);
  CHECK(!Exists(place.victim));
  // The same, with something there.
  CHECK_EQ(mknod(place.victim.c_str(), S_IFREG | 0600, 0), 0);
  CHECK_EQ(truncate(place.victim.c_str(), sizeof(Control)), 0);
  CHECK_EQ(TryLock(place.rundir.c_str()), -ELOOP);
  CHECK(!LockIsHeld(place.rundir.c_str()));
  CHECK(MapControl(place.rundir.c_str()) == nullptr);
  CHECK(FindControl(place.rundir.c_str()) == nullptr);
  AskToLeave(place.rundir.c_str());
  struct stat st;
  CHECK_EQ(stat(place.victim.c_str(), &st), 0);
  CHECK_EQ(st.st_size, static_cast<off_t>(sizeof(Control)));
  CHECK_EQ(st.st_blocks, 0);
}

TEST(AControlPageIsSharedAndWhole) {
  Place place;
  place.Make();
  const char* rundir = place.rundir.c_str();
  CHECK(FindControl(rundir) == nullptr);
  AskToLeave(rundir);
  CHECK(!Exists(place.In(kControlName)));
  Control* control = MapControl(rundir);
  CHECK(control != nullptr);
  if (control == nullptr) return;
  AskToLeave(rundir);
  CHECK_EQ(control->no_grace.load(), 1u);
  CHECK_EQ(control->doorbell.load(), 1u);
  // A touch behind the end of a file that somebody cut off would be a SIGBUS.
  CHECK_EQ(truncate(place.In(kControlName).c_str(), 10), 0);
  CHECK(FindControl(rundir) == nullptr);
  AskToLeave(rundir);
}

}  // namespace
}  // namespace pytrace::ring
