// The guest's side of a segment: makes the file, hands out rings and chunks. Freestanding; only system calls and
// atomics, so it may be used at any time in any thread, after fork too. Nothing here is on the hot path.
#ifndef PYTRACE_RINGBUF_SEGMENT_H_
#define PYTRACE_RINGBUF_SEGMENT_H_

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "ringbuf/layout.h"

namespace pytrace::ring {

struct SegmentOptions {
  const char* rundir;
  uint64_t buffer_bytes;  // memory for chunks, rounded up to 64 units; less where RLIMIT_FSIZE wants it
  Clock clock;
  uint32_t start_flags;
  uint64_t start_ticks, start_monotonic_ns, start_realtime_ns;
  uint64_t pid_start;
  const void* info;  // serialized ProcessInfo
  size_t info_bytes;
};

class Segment {
 public:
  // Makes `RUNDIR/PID-TICKS.seg`. 0 or an errno - EFBIG: RLIMIT_FSIZE leaves no room for 64 units - and then nothing is
  // left behind. Keeps no descriptor.
  int Create(const SegmentOptions& options);
  // No segment is smaller.
  static constexpr uint64_t kLeastBytes = 64 * (kUnitBytes + sizeof(Ring));
  // After fork, in the child: forgets the parent's segment and unmaps it. Not thread-safe, the child has one thread.
  void Abandon();
  bool mapped() const { return base_ != nullptr; }

  // A ring for the calling thread, in state kLive with no chunk; nullptr: none left or no memory.
  Ring* TakeRing(uint32_t tid);
  uint32_t RingIndex(const Ring* ring) const { return static_cast<uint32_t>(ring - rings_); }

  // A chunk that nobody uses, or nullptr: all are in use (`*no_memory` false) or the file system is full (true).
  // Only `bytes` of its header is set.
  ChunkHeader* TakeChunk(bool large, bool* no_memory);
  uint32_t ChunkIndex(const ChunkHeader* chunk) const {
    return static_cast<uint32_t>((reinterpret_cast<const uint8_t*>(chunk) - units_) / kUnitBytes);
  }
  // Gives back a chunk that was never linked.
  void ReturnChunk(ChunkHeader* chunk);

  // Waits until the dumper has freed something since `epoch` was read, `milliseconds` at most. Read the epoch before
  // the attempt that failed.
  uint32_t FreeEpoch() const { return header_->free_epoch.load(std::memory_order_acquire); }
  void WaitForFree(uint32_t epoch, int milliseconds);

  SegmentHeader* header() const { return header_; }
  const char* path() const { return path_; }
  // True when less than a quarter of the buffer is free: time to see whether the dumper lives.
  bool FillingUp() const;

 private:
  ChunkHeader* TakeFree(uint32_t units);
  bool Grow();
  bool Reserve(uint64_t offset, uint64_t bytes);

  uint8_t* base_ = nullptr;
  SegmentHeader* header_ = nullptr;
  std::atomic<uint64_t>* bitmap_ = nullptr;
  Ring* rings_ = nullptr;
  uint8_t* units_ = nullptr;
  // Our own copies: what the header says may be overwritten by others.
  uint64_t bytes_ = 0;
  uint32_t unit_count_ = 0;
  std::atomic<uint32_t> grown_{0};    // units [0, grown_) have been given to the bitmap
  std::atomic<uint32_t> hint_{0};     // word of the bitmap where the search begins
  std::atomic<uint32_t> growing_{0};  // spin lock of Grow and TakeRing
  uint32_t rings_used_ = 0;
  uint64_t rings_ready_ = 0;  // bytes of the ring table that have memory behind them
  char path_[4096] = {};
};

}  // namespace pytrace::ring

#endif  // PYTRACE_RINGBUF_SEGMENT_H_
