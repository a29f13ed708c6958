#include "reader/segments.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <memory>
#include <string_view>

#include "ringbuf/layout.h"
#include "ringbuf/rundir.h"

namespace pytrace::reader {
namespace {

// Field numbers of ProcessInfo (record.proto).
constexpr uint64_t kRunField = 1, kPidNamespaceField = 10;
constexpr uint32_t kMaxInfoBytes = 16 << 20;

// Reads the fields of a protobuf message, as far as they are well formed. Only these two are wanted, so a decoder of
// the whole would be waste.
class Fields {
 public:
  explicit Fields(std::string_view bytes) : rest_(bytes) {}

  // The next field: `bytes` of a length-delimited one, `number` of a varint. false: the end, or bytes that are no
  // message.
  bool Next(uint64_t* field, uint64_t* number, std::string_view* bytes) {
    uint64_t key;
    if (rest_.empty() || !Varint(&key)) return false;
    *field = key >> 3;
    *bytes = {};
    switch (key & 7) {
      case 0:
        return Varint(number);
      case 1:
        return Skip(8);
      case 5:
        return Skip(4);
      case 2:
        if (!Varint(number) || *number > rest_.size()) return false;
        *bytes = rest_.substr(0, *number);
        return Skip(*number);
      default:
        return false;
    }
  }

 private:
  bool Varint(uint64_t* out) {
    *out = 0;
    for (int shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
      uint8_t byte = rest_[0];
      rest_.remove_prefix(1);
      *out |= uint64_t{byte & 0x7fu} << shift;
      if (!(byte & 0x80)) return true;
    }
    return false;
  }
  bool Skip(uint64_t n) {
    if (n > rest_.size()) return false;
    rest_.remove_prefix(n);
    return true;
  }

  std::string_view rest_;
};

// A process that has ended but was not waited for is dead, too: it writes no more.
bool ProcessLives(int64_t pid, uint64_t start) {
  char path[64], text[1024];
  snprintf(path, sizeof(path), "/proc/%lld/stat", static_cast<long long>(pid));
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  ssize_t n = read(fd, text, sizeof(text) - 1);
  close(fd);
  if (n <= 0) return false;
  text[n] = 0;
  // Field 2 is the name in parentheses and may hold anything; field 3, the state, follows the last one.
  const char* at = strrchr(text, ')');
  char state;
  unsigned long long ticks;
  const char* format = " %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu";
  if (!at || sscanf(at + 1, format, &state, &ticks) != 2) return false;
  return ticks == start && state != 'Z' && state != 'X';
}

uint64_t OwnPidNamespace() {
  struct stat st;
  return stat("/proc/self/ns/pid", &st) == 0 ? st.st_ino : 0;
}

// Reads instead of mapping: a file that somebody truncates is then an error and not a SIGBUS.
bool ReadAt(int fd, uint64_t offset, void* out, size_t n) {
  return offset <= INT64_MAX && pread(fd, out, n, static_cast<off_t>(offset)) == static_cast<ssize_t>(n);
}

int64_t BytesLeft(int fd, const ring::SegmentHeader& header) {
  std::vector<uint64_t> words(header.unit_count / 64);
  if (!ReadAt(fd, header.bitmap_offset, words.data(), words.size() * sizeof(uint64_t))) return 0;
  int64_t free_units = 0;
  for (uint64_t word : words) free_units += std::popcount(word);
  int64_t reserved = header.reserved_units.load(std::memory_order_relaxed);
  return std::max<int64_t>(0, reserved - free_units) * ring::kUnitBytes;
}

bool View(int fd, uint64_t own_namespace, SegmentView* out) {
  struct stat st;
  ring::SegmentHeader header;
  if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || !ReadAt(fd, 0, static_cast<void*>(&header), sizeof(header))) {
    return false;
  }
  if (header.magic != ring::kSegmentMagic || header.layout_version != ring::kLayoutVersion) return false;
  // The bitmap must lie in the file, so unit_count is bounded by the file's size.
  if (header.info_bytes > kMaxInfoBytes || header.unit_count / 8 > static_cast<uint64_t>(st.st_size)) return false;
  std::string info(header.info_bytes, 0);
  if (!ReadAt(fd, header.info_offset, info.data(), info.size())) return false;

  uint64_t field = 0, number = 0, pid_namespace = own_namespace;
  std::string_view bytes;
  for (Fields fields(info); fields.Next(&field, &number, &bytes);) {
    if (field == kRunField) out->run = bytes;
    if (field == kPidNamespaceField) pid_namespace = number;
  }
  out->pid = header.pid;
  out->writer_alive = pid_namespace == own_namespace ? ProcessLives(header.pid, header.pid_start)
                                                     : header.ended.load(std::memory_order_relaxed) == ring::Ended::kNo;
  out->bytes_left = BytesLeft(fd, header);
  return true;
}

}  // namespace

std::vector<SegmentView> ListSegments(const std::string& rundir) {
  std::vector<SegmentView> segments;
  std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir(rundir.c_str()), closedir);
  if (!folder) return segments;
  uint64_t own_namespace = OwnPidNamespace();
  while (const dirent* entry = readdir(folder.get())) {
    std::string_view name = entry->d_name, suffix = ring::kSegmentSuffix;
    if (name[0] == '.' || name.size() <= suffix.size()) continue;
    if (name.substr(name.size() - suffix.size()) != suffix) continue;
    int fd = openat(dirfd(folder.get()), entry->d_name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0) continue;
    SegmentView view;
    view.name = name;
    if (View(fd, own_namespace, &view)) segments.push_back(std::move(view));
    close(fd);
  }
  return segments;
}

void RemoveUnusedRundir(const std::string& rundir) {
  if (access(rundir.c_str(), F_OK) != 0) return;
  int lock = ring::TryLock(rundir.c_str());
  if (lock < 0) return;  // its dumper will
  bool used = false;
  std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir(rundir.c_str()), closedir);
  while (const dirent* entry = folder ? readdir(folder.get()) : nullptr) {
    std::string name = std::string("/") + entry->d_name;
    used |= name != "/." && name != "/.." && name != ring::kLockName && name != ring::kControlName &&
            name != ring::kErrorName;
  }
  // As a dumper leaves. A guest that comes in between finds its control page gone, and the directory, and makes new
  // ones.
  if (!used) {
    if (ring::Control* control = ring::FindControl(rundir.c_str())) control->left.store(1, std::memory_order_seq_cst);
    for (const char* name : {ring::kControlName, ring::kErrorName, ring::kLockName}) unlink((rundir + name).c_str());
    rmdir(rundir.c_str());
  }
  close(lock);
}

}  // namespace pytrace::reader
