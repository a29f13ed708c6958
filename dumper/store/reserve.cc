#include "dumper/store/reserve.h"

#include <fcntl.h>
#include <unistd.h>

namespace pytrace::store {
namespace {

// A handful of pages in the journal (16 KiB each), and the journal's index (32 KiB) of somebody who reads.
constexpr off_t kBytes = 256 << 10;

}  // namespace

void Reserve::Hold(const std::string& path) {
  Release();
  std::string folder = path.substr(0, path.rfind('/') + 1);
  fd_ = open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd_ >= 0 && posix_fallocate(fd_, 0, kBytes) != 0) Release();
}

void Reserve::Release() {
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
}

}  // namespace pytrace::store
