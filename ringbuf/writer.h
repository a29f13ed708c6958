// One thread's writing end of its ring. Records are encoded at `at` and become visible when Publish stores their
// length.
//
// A record is written whole or not at all: Publish is the only store that the dumper looks at. A process that dies in
// between loses the record under construction and nothing else.
#ifndef PYTRACE_RINGBUF_WRITER_H_
#define PYTRACE_RINGBUF_WRITER_H_

#include <atomic>
#include <cstdint>

#include "ringbuf/segment.h"

namespace pytrace::ring {

// At least this much is free in a chunk when `at < limit`: a call with a few scalar arguments fits without another
// look.
inline constexpr uint32_t kRoom = 256;

// How far ahead of the newest record the writer asks for its cache line.
inline constexpr uint32_t kAhead = 512;

class Writer {
 public:
  uint8_t* at = nullptr;     // next free byte
  uint8_t* limit = nullptr;  // end - kRoom; at >= limit (as in the initial state): take another chunk
  uint8_t* end = nullptr;
  ChunkHeader* chunk = nullptr;
  uint64_t last_time = 0;  // ticks of the newest record
  uint64_t calls = 0;      // serial of the newest Enter
  uint64_t records = 0;

  bool HasRoom() const { return at < limit; }

  // Once a call. A chunk that is used again lies in the dumper's cache, and a store that waits for its line holds up all
  // that follow. Never faults: past the end of the chunk it is lost work. (At each Publish it made 3.13 slower.)
  void Prefetch() const {
#if defined(__x86_64__)
    asm volatile("prefetchw %0" : : "m"(at[kAhead]));
#else
    __builtin_prefetch(at + kAhead, 1);
#endif
  }

  // Makes the bytes [at, new_at) visible: they are one whole record. Release, pairs with the drain's acquire of
  // `committed`.
  void Publish(uint8_t* new_at) {
    at = new_at;
    ++records;
    chunk->committed.store(static_cast<uint32_t>(new_at - payload()), std::memory_order_release);
  }

  // Goes on in `next`, which nobody else knows yet: fills its header, then links it, which seals the chunk before.
  void MoveTo(Segment* segment, Ring* ring, ChunkHeader* next) {
    uint64_t position = chunk == nullptr ? 0 : chunk->position + (at - payload());
    next->ring = segment->RingIndex(ring);
    next->generation = ring->generation;
    next->position = position;
    next->first_time = last_time;
    next->first_call = calls + 1;
    next->committed.store(0, std::memory_order_relaxed);
    next->next.store(kNoChunk, std::memory_order_relaxed);
    uint32_t link = segment->ChunkIndex(next) + 1;
    // Release: whoever follows the link sees the header, and (of the chunk before) the last `committed`.
    (chunk == nullptr ? ring->first : chunk->next).store(link, std::memory_order_release);
    ring->written.store(records, std::memory_order_relaxed);
    chunk = next;
    at = payload();
    end = reinterpret_cast<uint8_t*>(next) + next->bytes;
    limit = end - kRoom;
  }

  uint8_t* payload() const { return reinterpret_cast<uint8_t*>(chunk + 1); }
};

}  // namespace pytrace::ring

#endif  // PYTRACE_RINGBUF_WRITER_H_
