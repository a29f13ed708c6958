// A disk without room: guests are stopped, whoever reads is told why, what was committed stays readable, and with room
// it goes on.
#include <fcntl.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "dumper/testing/scene.h"
#include "ringbuf/rundir.h"
#include "tests/unit/check.h"

namespace pytrace::dumper {
namespace {

using testing::CheckWork;
using testing::FakeGuest;
using testing::Scene;
using testing::Until;
using testing::Work;

constexpr char kFull[] = "the disk is full";

std::string Line(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

bool Has(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }

// The database of a scene on a file system of its own.
class Disk {
 public:
  Disk(Scene* scene, const char* size) : folder_(scene->rundir.folder() + "/disk") {
    mkdir(folder_.c_str(), 0700);
    mounted_ = geteuid() == 0 && mount("none", folder_.c_str(), "tmpfs", 0, (std::string("size=") + size).c_str()) == 0;
    if (!mounted_) printf("skipped: needs root, to mount a file system\n");
    scene->db = folder_ + "/traces.sqlite";
  }
  ~Disk() {
    if (mounted_) CHECK_EQ(umount2(folder_.c_str(), MNT_DETACH), 0);
    rmdir(folder_.c_str());
  }
  bool mounted() const { return mounted_; }
  void MakeRoom() { CHECK_EQ(mount("none", folder_.c_str(), "tmpfs", MS_REMOUNT, "size=200m"), 0); }
  // Another program takes all that is left, to the last page.
  void Fill() {
    int fd = open((folder_ + "/filler").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    static const char page[4096] = {};
    while (write(fd, page, sizeof(page)) > 0) {
    }
    close(fd);
  }

 private:
  std::string folder_;
  bool mounted_;
};

// There is room again, for which the guest waits.
void CheckGoesOn(pid_t guest, pid_t dumper) {
  int status;
  bool dumper_gave_up = waitpid(-1, &status, 0) == dumper;
  CHECK(!dumper_gave_up);
  if (dumper_gave_up) {
    kill(guest, SIGKILL);
    Scene::Wait(guest);
    return;
  }
  CHECK_EQ(status, 0);
  CHECK_EQ(Scene::Wait(dumper), 0);
}

void CheckIsSaid(Scene* scene) {
  CHECK(Has(Line(scene->rundir.path() + "/error"), kFull));
  std::string error;
  auto database = store::Database::Open(scene->db, &error);
  CHECK_EQ(error, "");
  if (database != nullptr) CHECK(Has(database->stopped(), kFull));
}

TEST(FullDiskStopsAndRoomLetsItGoOn) {
  Scene scene;
  Disk disk(&scene, "2m");
  if (!disk.mounted()) return;
  constexpr int kCalls = 2'000'000;  // 3 MB of database, more than the disk however small the journal
  pid_t guest = scene.StartGuest([](FakeGuest* guest) { Work(guest, 9, kCalls); });
  ring::Control* control = ring::MapControl(scene.rundir.path().c_str());
  pid_t dumper = scene.StartDumper();
  CHECK(Until([&] { return control->stopped.load() != 0; }));
  CHECK_EQ(control->stopped.load(), static_cast<uint32_t>(ring::Stop::kDiskFull));
  CheckIsSaid(&scene);
  disk.MakeRoom();
  CheckGoesOn(guest, dumper);
  CheckWork(&scene, {9}, kCalls);
  if (auto database = scene.Open()) CHECK_EQ(database->stopped(), "");
}

// Not this recording, but another program takes the last page: there is room for the note all the same.
TEST(ADiskThatAnotherFillsIsNotedToo) {
  Scene scene;
  Disk disk(&scene, "8m");
  if (!disk.mounted()) return;
  constexpr int kCalls = 20'000;
  int gate[2];
  CHECK_EQ(pipe(gate), 0);
  pid_t guest = scene.StartGuest([&](FakeGuest* guest) {
    Work(guest, 1, kCalls);
    char go;
    close(gate[1]);
    (void)!read(gate[0], &go, 1);
    Work(guest, 2, kCalls);
  });
  ring::Control* control = ring::MapControl(scene.rundir.path().c_str());
  pid_t dumper = scene.StartDumper();
  CHECK(Until([&] { return control->commits.load() != 0; }));
  disk.Fill();
  close(gate[1]);
  CHECK(Until([&] { return control->stopped.load() != 0; }));
  CHECK_EQ(control->stopped.load(), static_cast<uint32_t>(ring::Stop::kDiskFull));
  CheckIsSaid(&scene);
  disk.MakeRoom();
  CheckGoesOn(guest, dumper);
  close(gate[0]);
  CheckWork(&scene, {1, 2}, kCalls);
}

// Nothing at all can be made, not even the database: said, and tried again.
TEST(ADiskThatIsFullFromTheStart) {
  Scene scene;
  Disk disk(&scene, "1m");
  if (!disk.mounted()) return;
  disk.Fill();
  constexpr int kCalls = 200'000;  // more than the buffer holds
  pid_t guest = scene.StartGuest([](FakeGuest* guest) { Work(guest, 1, kCalls); });
  ring::Control* control = ring::MapControl(scene.rundir.path().c_str());
  pid_t dumper = scene.StartDumper();
  CHECK(Until([&] { return control->stopped.load() != 0; }));
  CHECK_EQ(control->stopped.load(), static_cast<uint32_t>(ring::Stop::kDiskFull));
  CHECK(Has(Line(scene.rundir.path() + "/error"), kFull));
  disk.MakeRoom();
  CheckGoesOn(guest, dumper);
  CheckWork(&scene, {1}, kCalls);
}

// A dumper was killed, and there is not a page left for the index of its journal: what it committed can be read.
TEST(AReaderNeedsNoRoom) {
  Scene scene;
  Disk disk(&scene, "8m");
  if (!disk.mounted()) return;
  pid_t guest = scene.StartGuest([](FakeGuest* guest) {
    Work(guest, 1, 1000);
    pause();
  });
  ring::Control* control = ring::MapControl(scene.rundir.path().c_str());
  pid_t dumper = scene.StartDumper();
  auto calls = [&] {
    std::string error;
    auto database = store::Database::Open(scene.db, &error);
    auto* function = database == nullptr ? nullptr : database->catalog().function(1);
    return function == nullptr ? 0 : function->calls;
  };
  CHECK(Until([&] { return control->commits.load() != 0 && calls() == 500; }));
  kill(dumper, SIGKILL);
  CHECK_EQ(Scene::Wait(dumper), -SIGKILL);
  CHECK(scene.Exists(scene.db + "-wal"));
  CHECK_EQ(truncate((scene.db + "-shm").c_str(), 0), 0);
  disk.Fill();
  CHECK_EQ(calls(), 500);
  CHECK_EQ(unlink((scene.db + "-shm").c_str()), 0);
  disk.Fill();
  CHECK_EQ(calls(), 500);
  kill(guest, SIGKILL);
  CHECK_EQ(Scene::Wait(guest), -SIGKILL);
}

}  // namespace
}  // namespace pytrace::dumper
