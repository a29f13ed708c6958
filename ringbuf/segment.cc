#include "ringbuf/segment.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "ringbuf/file_limit.h"
#include "ringbuf/rundir.h"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

namespace pytrace::ring {
namespace {

constexpr uint32_t kWordUnits = 64;
constexpr uint32_t kGrowUnits = 256;  // 1 MiB a step: 0.2 to 0.9 ms of page clearing, once
constexpr uint64_t kLargeMask = (uint64_t{1} << kLargeUnits) - 1;

uint64_t RoundUp(uint64_t n, uint64_t to) { return (n + to - 1) / to * to; }

// A lock for the few cold lines that two threads without a common GIL may run at once. Its holder makes system calls
// but never waits for anyone.
class SpinLock {
 public:
  explicit SpinLock(std::atomic<uint32_t>& word) : word_(word) {
    while (word_.exchange(1, std::memory_order_acquire)) syscall(SYS_sched_yield);
  }
  ~SpinLock() { word_.store(0, std::memory_order_release); }

 private:
  std::atomic<uint32_t>& word_;
};

}  // namespace

int Segment::Create(const SegmentOptions& o) {
  unit_count_ = static_cast<uint32_t>(RoundUp(o.buffer_bytes, kWordUnits * kUnitBytes) / kUnitBytes);
  uint64_t info_offset = sizeof(SegmentHeader);
  uint64_t bitmap_offset = RoundUp(info_offset + o.info_bytes, 64);
  uint64_t rings_offset, units_offset, limit = FileSizeLimit();
  for (;; unit_count_ -= kWordUnits) {
    rings_offset = RoundUp(bitmap_offset + unit_count_ / 8, 64);
    units_offset = RoundUp(rings_offset + uint64_t{unit_count_} * sizeof(Ring), kUnitBytes);
    bytes_ = units_offset + uint64_t{unit_count_} * kUnitBytes;
    if (bytes_ <= limit) break;
    if (unit_count_ == kWordUnits) return EFBIG;
  }

  char hidden[sizeof(path_)];
  int pid = static_cast<int>(syscall(SYS_getpid));
  int n = snprintf(path_, sizeof(path_), "%s/%d-%llx%s", o.rundir, pid, static_cast<unsigned long long>(o.start_ticks),
                   kSegmentSuffix);
  snprintf(hidden, sizeof(hidden), "%s/.%d-%llx", o.rundir, pid, static_cast<unsigned long long>(o.start_ticks));
  if (n < 0 || static_cast<size_t>(n) >= sizeof(path_)) return ENAMETOOLONG;
  int fd = open(hidden, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return errno;
  int error = 0;
  void* map = MAP_FAILED;
  if (ftruncate(fd, static_cast<off_t>(bytes_)) != 0) {
    error = errno;
  } else if ((map = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0)) == MAP_FAILED) {
    error = errno;
  } else {
    // The file is sparse: every byte that we touch is reserved first, so that a full file system is an answer and not a
    // SIGBUS.
    error = posix_fallocate(fd, 0, static_cast<off_t>(rings_offset + sizeof(Ring)));
  }
  close(fd);
  if (error != 0) {
    if (map != MAP_FAILED) munmap(map, bytes_);
    unlink(hidden);
    return error;
  }

  uint8_t* base = static_cast<uint8_t*>(map);
  SegmentHeader* h = reinterpret_cast<SegmentHeader*>(base);
  h->magic = kSegmentMagic;
  h->layout_version = kLayoutVersion;
  h->pid = pid;
  h->segment_bytes = bytes_;
  h->pid_start = o.pid_start;
  h->info_offset = static_cast<uint32_t>(info_offset);
  h->info_bytes = static_cast<uint32_t>(o.info_bytes);
  h->bitmap_offset = bitmap_offset;
  h->rings_offset = rings_offset;
  h->units_offset = units_offset;
  h->unit_count = unit_count_;
  h->ring_count = unit_count_;
  h->clock = o.clock;
  h->start_flags = o.start_flags;
  h->start_ticks = o.start_ticks;
  h->start_monotonic_ns = o.start_monotonic_ns;
  h->start_realtime_ns = o.start_realtime_ns;
  memcpy(base + info_offset, o.info, o.info_bytes);
  if (rename(hidden, path_) != 0) {
    error = errno;
    munmap(map, bytes_);
    unlink(hidden);
    return error;
  }
  header_ = h;
  bitmap_ = reinterpret_cast<std::atomic<uint64_t>*>(base + bitmap_offset);
  rings_ = reinterpret_cast<Ring*>(base + rings_offset);
  units_ = base + units_offset;
  rings_ready_ = sizeof(Ring);
  rings_used_ = 0;
  grown_.store(0, std::memory_order_relaxed);
  hint_.store(0, std::memory_order_relaxed);
  base_ = base;
  return 0;
}

void Segment::Abandon() {
  if (base_ != nullptr) munmap(base_, bytes_);
  base_ = nullptr;
  header_ = nullptr;
  growing_.store(0, std::memory_order_relaxed);  // another thread of the parent may have held it
}

// Puts memory behind a part of the mapping. False: there is none.
bool Segment::Reserve(uint64_t offset, uint64_t bytes) {
  uint64_t begin = offset / kUnitBytes * kUnitBytes;
  uint64_t length = RoundUp(offset + bytes, kUnitBytes) - begin;
  if (madvise(base_ + begin, length, MADV_POPULATE_WRITE) == 0) return true;
  if (errno != EINVAL) return false;
  // Linux before 5.14: by the file.
  int fd = open(path_, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) return false;
  bool ok = posix_fallocate(fd, static_cast<off_t>(begin), static_cast<off_t>(length)) == 0;
  close(fd);
  return ok;
}

Ring* Segment::TakeRing(uint32_t tid) {
  SpinLock lock(growing_);
  uint32_t index = unit_count_;
  for (uint32_t i = 0; i < rings_used_; ++i) {
    if (rings_[i].state.load(std::memory_order_acquire) == RingState::kFree) {
      index = i;
      break;
    }
  }
  if (index == unit_count_) {
    if (rings_used_ == unit_count_ || rings_used_ == kMaxRings) return nullptr;
    uint64_t need = (uint64_t{rings_used_} + 1) * sizeof(Ring);
    if (need > rings_ready_) {
      uint64_t offset = reinterpret_cast<uint8_t*>(rings_) - base_ + rings_ready_;
      uint64_t page_end = RoundUp(offset + sizeof(Ring), kUnitBytes);
      if (!Reserve(offset, page_end - offset)) return nullptr;
      rings_ready_ += page_end - offset;
    }
    index = rings_used_++;
  }
  Ring* ring = &rings_[index];
  ring->tid = tid;
  ring->generation++;
  ring->first.store(kNoChunk, std::memory_order_relaxed);
  ring->written.store(0, std::memory_order_relaxed);
  for (auto& dropped : ring->dropped) dropped.store(0, std::memory_order_relaxed);
  for (auto& untold : ring->untold) untold.store(0, std::memory_order_relaxed);
  ring->state.store(RingState::kLive, std::memory_order_release);  // pairs with the drain's acquire of `state`
  if (header_->rings_used.load(std::memory_order_relaxed) < rings_used_)
    header_->rings_used.store(rings_used_, std::memory_order_release);
  return ring;
}

// Takes the bits of a chunk of `units` (1 or kLargeUnits, aligned) out of the bitmap.
ChunkHeader* Segment::TakeFree(uint32_t units) {
  uint32_t words = grown_.load(std::memory_order_acquire) / kWordUnits;
  uint32_t start = hint_.load(std::memory_order_relaxed);
  for (uint32_t i = 0; i < words; ++i) {
    uint32_t w = (start + i) % words;
    // Acquire: pairs with the drain's fetch_or (release), so that it has read the chunk to its end before we write to
    // it.
    uint64_t word = bitmap_[w].load(std::memory_order_acquire);
    while (word != 0) {
      uint32_t unit;
      uint64_t mask;
      if (units == 1) {
        unit = __builtin_ctzll(word);
        mask = uint64_t{1} << unit;
      } else {
        unit = 0;
        while (unit < kWordUnits && (word >> unit & kLargeMask) != kLargeMask) unit += kLargeUnits;
        if (unit == kWordUnits) break;
        mask = kLargeMask << unit;
      }
      if (!bitmap_[w].compare_exchange_weak(word, word & ~mask, std::memory_order_acquire)) continue;
      hint_.store(w, std::memory_order_relaxed);
      auto* chunk = reinterpret_cast<ChunkHeader*>(units_ + (uint64_t{w} * kWordUnits + unit) * kUnitBytes);
      chunk->bytes = units * kUnitBytes;
      return chunk;
    }
  }
  return nullptr;
}

bool Segment::Grow() {
  SpinLock lock(growing_);
  uint32_t grown = grown_.load(std::memory_order_relaxed);
  if (grown >= unit_count_) return false;
  // Small first: a short process in a small /dev/shm.
  uint32_t step = grown == 0 ? kWordUnits : kGrowUnits;
  if (step > unit_count_ - grown) step = unit_count_ - grown;
  if (!Reserve(units_ - base_ + uint64_t{grown} * kUnitBytes, uint64_t{step} * kUnitBytes)) return false;
  for (uint32_t u = grown; u < grown + step; u += kWordUnits)
    bitmap_[u / kWordUnits].store(~uint64_t{0}, std::memory_order_release);
  header_->reserved_units.store(grown + step, std::memory_order_relaxed);
  grown_.store(grown + step, std::memory_order_release);
  return true;
}

ChunkHeader* Segment::TakeChunk(bool large, bool* no_memory) {
  *no_memory = false;
  for (;;) {
    if (ChunkHeader* chunk = TakeFree(large ? kLargeUnits : 1)) return chunk;
    if (Grow()) continue;
    *no_memory = grown_.load(std::memory_order_relaxed) < unit_count_;
    // Single units may be free where no large chunk is.
    return large ? TakeFree(1) : nullptr;
  }
}

void Segment::ReturnChunk(ChunkHeader* chunk) {
  uint32_t unit = ChunkIndex(chunk);
  uint64_t mask = (chunk->bytes == kUnitBytes ? 1 : kLargeMask) << unit % kWordUnits;
  bitmap_[unit / kWordUnits].fetch_or(mask, std::memory_order_release);
}

void Segment::WaitForFree(uint32_t epoch, int milliseconds) {
  // seq_cst on `waiting` and the re-read of free_epoch by the kernel: the drain frees, adds to free_epoch, then looks
  // at `waiting`.
  header_->waiting.fetch_add(1, std::memory_order_seq_cst);
  struct timespec timeout = {milliseconds / 1000, milliseconds % 1000 * 1000000L};
  syscall(SYS_futex, &header_->free_epoch, FUTEX_WAIT, epoch, &timeout, nullptr, 0);
  header_->waiting.fetch_sub(1, std::memory_order_relaxed);
}

bool Segment::FillingUp() const {
  uint32_t grown = grown_.load(std::memory_order_relaxed);
  if (grown < unit_count_ / 4 * 3) return false;
  uint32_t free = unit_count_ - grown;
  for (uint32_t w = 0; w < grown / kWordUnits; ++w)
    free += __builtin_popcountll(bitmap_[w].load(std::memory_order_relaxed));
  return free < unit_count_ / 4;
}

}  // namespace pytrace::ring
