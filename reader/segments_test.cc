#include "reader/segments.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "ringbuf/layout.h"
#include "tests/unit/check.h"

namespace pytrace::reader {
namespace {

uint64_t OwnStart() {
  std::ifstream stat("/proc/self/stat");
  std::string text((std::istreambuf_iterator<char>(stat)), {});
  std::istringstream rest(text.substr(text.rfind(')') + 2));
  std::string word;
  for (int field = 3; field <= 22; ++field) rest >> word;
  return std::stoull(word);
}

class Rundir {
 public:
  Rundir() {
    char folder[] = "/tmp/segments_testXXXXXX";
    path = mkdtemp(folder);
  }
  ~Rundir() { std::filesystem::remove_all(path); }

  // 128 units, all with memory, of which those in `free` are free. ProcessInfo says run = "token", python = "3".
  void Segment(const std::string& name, int64_t pid, uint64_t start, uint64_t free,
               const char* info =
                   "\12\5token\52\1"
                   "3") {
    ring::SegmentHeader header = {};
    header.magic = ring::kSegmentMagic;
    header.layout_version = ring::kLayoutVersion;
    header.pid = static_cast<uint32_t>(pid);
    header.pid_start = start;
    header.info_offset = sizeof(header);
    header.info_bytes = static_cast<uint32_t>(strlen(info));
    header.bitmap_offset = 512;
    header.unit_count = 128;
    header.reserved_units = 128;
    Write(name, header, free, info);
  }
  void Write(const std::string& name, const ring::SegmentHeader& header, uint64_t free, const char* info) {
    std::string bytes(4096, 0);
    memcpy(bytes.data(), static_cast<const void*>(&header), sizeof(header));
    memcpy(bytes.data() + sizeof(header), info, strlen(info));
    memcpy(bytes.data() + 512, &free, sizeof(free));
    std::ofstream(path + "/" + name) << bytes;
  }

  std::string path;
};

TEST(LiveAndDeadWritersAreToldApart) {
  Rundir dir;
  dir.Segment("live.seg", getpid(), OwnStart(), 0);
  dir.Segment("reused.seg", getpid(), OwnStart() + 1, 0);
  pid_t child = fork();
  if (child == 0) _exit(0);
  siginfo_t info;
  waitid(P_PID, child, &info, WEXITED | WNOWAIT);
  dir.Segment("zombie.seg", child, 1, 0);
  int alive = 0;
  auto segments = ListSegments(dir.path);
  CHECK_EQ(segments.size(), 3u);
  for (const SegmentView& segment : segments) {
    CHECK_EQ(segment.run, "token");
    CHECK_EQ(segment.writer_alive, segment.name == "live.seg");
    alive += segment.writer_alive;
  }
  CHECK_EQ(alive, 1);
  waitpid(child, nullptr, 0);
}

TEST(WritersOfOtherPidNamespacesAreDeadWhenTheySaySo) {
  Rundir dir;
  ring::SegmentHeader header = {};
  header.magic = ring::kSegmentMagic;
  header.layout_version = ring::kLayoutVersion;
  header.info_offset = sizeof(header);
  header.info_bytes = 2;
  dir.Write("a.seg", header, 0, "\120\1");  // pid_namespace = 1
  CHECK(ListSegments(dir.path)[0].writer_alive);
  header.ended = ring::Ended::kExit;
  dir.Write("a.seg", header, 0, "\120\1");
  CHECK(!ListSegments(dir.path)[0].writer_alive);
}

TEST(UsedUnitsAreWhatIsLeft) {
  Rundir dir;
  dir.Segment("a.seg", 1 << 30, 1, 0xff);
  CHECK_EQ(ListSegments(dir.path)[0].bytes_left, (128 - 8) * 4096);
}

TEST(WhatIsNoSegmentIsLeftOut) {
  Rundir dir;
  std::ofstream(dir.path + "/short.seg") << "pytrseg1";
  std::ofstream(dir.path + "/empty.seg");
  std::ofstream(dir.path + "/lock");
  std::filesystem::create_directory(dir.path + "/folder.seg");
  std::filesystem::create_symlink("/dev/zero", dir.path + "/link.seg");
  dir.Segment(".unfinished.seg", 1, 1, 0);
  CHECK_EQ(ListSegments(dir.path).size(), 0u);
  CHECK_EQ(ListSegments(dir.path + "/missing").size(), 0u);
}

TEST(HostileHeadersAreLeftOutOrHarmless) {
  Rundir dir;
  ring::SegmentHeader header = {};
  header.magic = ring::kSegmentMagic;
  header.layout_version = ring::kLayoutVersion;
  header.unit_count = ~63u;
  dir.Write("units.seg", header, 0, "");
  header.unit_count = 64;
  header.info_offset = header.info_bytes = ~0u;
  dir.Write("info.seg", header, 0, "");
  CHECK_EQ(ListSegments(dir.path).size(), 0u);
  header.info_offset = 0;
  header.info_bytes = 0;
  header.bitmap_offset = ~uint64_t{0};
  dir.Write("bitmap.seg", header, 0, "");
  CHECK_EQ(ListSegments(dir.path).size(), 1u);
  for (const char* info : {"\12\377\377\377\377\377\377\377\377\377\377\1", "\12\177x", "\377", "\13", "\11x"}) {
    dir.Segment("info.seg", 1, 1, 0, info);
    for (const SegmentView& segment : ListSegments(dir.path)) CHECK_EQ(segment.run, "");
  }
}

}  // namespace
}  // namespace pytrace::reader
