// The dumper's side of a segment: reads rings in place, gives chunks back. The other side of segment.h and writer.h.
//
// Guarantees, whatever the bytes are and while they change, and when the file is cut off: nothing outside the mapping
// is touched, every call ends, and a ring whose list of chunks makes no sense is *damaged*: skipped for the rest of its
// generation. The rule that gives them: copy what decides (indices, lengths, positions) into our own memory, then check
// the copy, then use the copy.
//
// Chunks are freed only by Free() and Finish(), which the owner calls after the commit that has their records.
#ifndef PYTRACE_RINGBUF_DRAIN_H_
#define PYTRACE_RINGBUF_DRAIN_H_

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ringbuf/bus_guard.h"
#include "ringbuf/layout.h"

namespace pytrace::ring {

enum class AttachError {
  kNone,
  kGone,         // no such file
  kForeign,      // not a segment of this version, or not ours
  kNoResources,  // it may work later
};

class Drain {
 public:
  // Our own copies of the header's constants, checked against the file's size.
  struct Facts {
    uint32_t pid;
    uint64_t pid_start;
    Clock clock;
    uint32_t start_flags;
    uint64_t start_ticks, start_monotonic_ns, start_realtime_ns;
    uint32_t unit_count, ring_count;
    int64_t modified_s;  // of the file, when it was attached
  };

  static std::unique_ptr<Drain> Attach(const char* path, AttachError* error);
  ~Drain();
  Drain(const Drain&) = delete;
  Drain& operator=(const Drain&) = delete;

  const Facts& facts() const { return facts_; }
  std::string_view info() const { return info_; }  // serialized ProcessInfo, unchecked
  uint64_t buffer_bytes() const { return uint64_t{facts_.unit_count} * kUnitBytes; }

  // Rings [0, n) may hold something.
  uint32_t rings_used() const;
  Ended ended() const { return header_->ended.load(std::memory_order_acquire); }
  uint64_t end_ticks() const { return header_->end_ticks.load(std::memory_order_relaxed); }
  bool waiting() const { return header_->waiting.load(std::memory_order_seq_cst) != 0; }
  // Tells threads that wait that chunks were freed.
  void WakeWriters();

 private:
  friend class RingReader;
  Drain() = default;
  // Checks the header of a chunk and copies it out. False: it is not a chunk of that ring and generation.
  struct Chunk {
    uint32_t unit = 0, units = 0;
    ChunkHeader* header = nullptr;
    uint32_t capacity = 0;  // payload bytes
    uint64_t position = 0, first_time = 0, first_call = 0;
  };
  bool OpenChunk(uint32_t link, uint32_t ring, uint64_t generation, Chunk* out) const;
  void FreeUnits(uint32_t unit, uint32_t units);

  Facts facts_;
  std::string info_;
  uint8_t* base_ = nullptr;
  uint64_t bytes_ = 0;
  std::unique_ptr<BusGuard> guard_;
  SegmentHeader* header_ = nullptr;
  std::atomic<uint64_t>* bitmap_ = nullptr;
  Ring* rings_ = nullptr;
  uint8_t* units_ = nullptr;
};

// Reads one ring. Usage: while (reader.Look()) { use bytes(); reader.Consume(n); } - and again later.
class RingReader {
 public:
  static constexpr uint64_t kDamagedPosition = ~uint64_t{0};

  RingReader(Drain* drain, uint32_t index) : drain_(drain), ring_(&drain->rings_[index]), index_(index) {}

  // If the ring is still in `generation`, reading goes on at `position`, which an earlier dumper has committed.
  // kDamagedPosition: it found the rest to be damaged. Before the first Look.
  void Resume(uint64_t generation, uint64_t position);

  // Looks for bytes to read: follows a new generation, new bytes, the next chunk. False: there are none now.
  bool Look();
  // Something that Look would see has come. Cheap; for the moment before a sleep.
  bool News() const;

  // Whole records that are not consumed. The memory stays mapped and unchanged by honest writers until Free.
  std::string_view bytes() const { return {payload_ + offset_, static_cast<size_t>(limit_ - offset_)}; }
  void Consume(size_t n) { offset_ += static_cast<uint32_t>(n); }
  // The next record is the first of its chunk: its time counts from first_time(), and the next Enter's serial is
  // first_call().
  bool at_chunk_start() const { return offset_ == 0; }
  uint64_t first_time() const { return chunk_.first_time; }
  uint64_t first_call() const { return chunk_.first_call; }

  // The generation that is being read; 0: none so far. Changes in Look only.
  uint64_t generation() const { return generation_; }
  uint32_t tid() const { return tid_; }
  // Of the stream: what is consumed so far, for Resume.
  uint64_t position() const { return damaged_ ? kDamagedPosition : chunk_.position + offset_; }
  uint32_t index() const { return index_; }

  // Its bytes are no records: skips the rest of the generation.
  void Damage() { damaged_ = true; }
  bool damaged() const { return damaged_; }
  // The thread has ended and every byte of it was consumed (or is damaged).
  bool finished() const { return finished_; }

  // What the guest did not write and could not say in the stream; for when the thread has ended. `reason`: Loss.Reason.
  struct Untold {
    uint64_t enters, leaves, others;
    uint32_t reason;
  };
  Untold untold() const;

  // After a commit of everything consumed: frees the chunks that were read to their end. True: there were some.
  bool Free();
  // After a commit, when finished(): frees what is left and gives the ring back to the guest.
  void Finish();

 private:
  bool Begin();
  bool OpenFirst();
  bool OpenNext(uint32_t link);
  void Enter(const Drain::Chunk& chunk);

  struct Passed {
    uint32_t unit, units;
    uint32_t link;  // of the chunk after it
  };

  Drain* drain_;
  Ring* ring_;
  uint32_t index_;
  uint32_t tid_ = 0;
  uint64_t generation_ = 0;
  uint64_t resume_generation_ = 0, resume_position_ = 0;
  bool following_ = false, damaged_ = false, finished_ = false;

  Drain::Chunk chunk_;  // being read; header nullptr: none
  const char* payload_ = nullptr;
  uint32_t offset_ = 0, limit_ = 0;  // consumed and visible bytes of the payload
  std::vector<Passed> passed_;       // read to their end, oldest first, not freed
};

}  // namespace pytrace::ring

#endif  // PYTRACE_RINGBUF_DRAIN_H_
