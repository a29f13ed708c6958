#include "preload/memory_limit.h"

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/unit/check.h"

namespace pytrace {
namespace {

// Files as in /proc and /sys.
class System {
 public:
  System() {
    char name[] = "/tmp/pytrace-test-XXXXXX";
    folder_ = mkdtemp(name);
  }
  ~System() { std::filesystem::remove_all(folder_); }
  void Write(const std::string& path, const std::string& text) {
    std::filesystem::create_directories(std::filesystem::path(folder_ + path).parent_path());
    std::ofstream(folder_ + path) << text;
  }
  uint64_t Limit() { return ControlGroupLimit((folder_ + "/groups").c_str(), (folder_ + "/mount").c_str()); }

 private:
  std::string folder_;
};

TEST(TheLeastLimitUpToTheRootHolds) {
  System system;
  CHECK_EQ(system.Limit(), UINT64_MAX);
  system.Write("/groups", "0::/system.slice/shop.service\n");
  CHECK_EQ(system.Limit(), UINT64_MAX);
  system.Write("/mount/system.slice/shop.service/memory.max", "max\n");
  CHECK_EQ(system.Limit(), UINT64_MAX);
  system.Write("/mount/system.slice/memory.max", "268435456\n");
  CHECK_EQ(system.Limit(), 268435456u);
  system.Write("/mount/system.slice/shop.service/memory.max", "134217728\n");
  CHECK_EQ(system.Limit(), 134217728u);
  system.Write("/mount/memory.max", "1048576\n");
  CHECK_EQ(system.Limit(), 1048576u);
}

// A container sees its own group at the root, whatever its path is outside.
TEST(AGroupOfAnotherNamespaceIsThatOfTheMount) {
  System system;
  system.Write("/groups", "0::/../../docker/0123\n");
  system.Write("/mount/memory.max", "67108864\n");
  CHECK_EQ(system.Limit(), 67108864u);
  system.Write("/groups", "0::/\n");
  CHECK_EQ(system.Limit(), 67108864u);
}

TEST(VersionOneHasAHierarchyForMemory) {
  System system;
  system.Write("/groups", "5:cpu,cpuacct:/a\n4:hugetlb,memory:/b/c\n0::/\n");
  system.Write("/mount/memory/a/memory.limit_in_bytes", "1\n");
  system.Write("/mount/memory/memory.limit_in_bytes", "9223372036854771712\n");
  CHECK_EQ(system.Limit(), 9223372036854771712u);
  system.Write("/mount/memory/b/c/memory.limit_in_bytes", "50331648\n");
  CHECK_EQ(system.Limit(), 50331648u);
  system.Write("/mount/memory/b/c/memory.limit_in_bytes", "0\n");
  CHECK_EQ(system.Limit(), 9223372036854771712u);
  system.Write("/groups", "4:memory2:/b/c\nnonsense\n:\n\n");
  CHECK_EQ(system.Limit(), UINT64_MAX);
}

}  // namespace
}  // namespace pytrace
