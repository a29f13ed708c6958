// The segment: one file of shared memory for each traced process, as both sides see it. docs/ring-format.md has the
// picture.
//
//   +----------------+------------+-----------------+------------------+---------------------------------------------+
//   | SegmentHeader  | ProcessInfo| free bitmap     | Ring[ring_count] | unit 0 | unit 1 | ...  | unit[unit_count-1] |
//   +----------------+------------+-----------------+------------------+---------------------------------------------+
//
// Nouns. A *unit* is 4 KiB. A *chunk* is 1 unit (small) or 16 aligned units (large) with a ChunkHeader at its start; a
// chunk is named by its first unit. A *ring* is one thread's single-producer queue: a list of chunks, oldest first. The
// *guest* is the traced process, the *dumper* the one process that reads all segments of a run-time directory.
//
// Life of a chunk:
//   FREE --(guest clears its bits)--> WRITING --(guest stores `next`)--> SEALED --(dumper sets its bits, after its
//   commit)--> FREE
// Only the guest may take a chunk, only the dumper may free one. A thread's last chunk is never freed while the thread
// lives.
//
// Who trusts what: nobody. Each side keeps the offsets and counts that it uses for addressing in its own memory, taken
// from the header once and checked, and bounds every index that it reads from here. A hostile byte costs records, never
// memory safety. Zeroed memory is a valid empty segment: bits clear (nothing free yet), rings FREE.
#ifndef PYTRACE_RINGBUF_LAYOUT_H_
#define PYTRACE_RINGBUF_LAYOUT_H_

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace pytrace::ring {

inline constexpr uint64_t kSegmentMagic = 0x3167657372747970;  // "pytrseg1"
inline constexpr uint32_t kLayoutVersion = 1;
inline constexpr uint32_t kUnitBytes = 4096;
inline constexpr uint32_t kLargeUnits = 16;  // a large chunk is 64 KiB; four of them share a word of the bitmap
inline constexpr uint32_t kMaxInfoBytes = 4u << 20;  // of ProcessInfo; more than the kernel lets a command line be
inline constexpr uint32_t kMaxRings = 1u << 17;      // in use at once, whatever ring_count says
inline constexpr uint32_t kNoChunk = 0;      // chunk links hold unit index + 1, so that zero means none

// Which counter the time stamps are.
enum class Clock : uint32_t { kTsc = 0, kMonotonicNs = 1 };

// Why no more records will come; SegmentHeader::ended.
enum class Ended : uint32_t {
  kNo = 0,
  kExit = 1,  // the library's destructor ran
  kExec = 2,  // an exec is about to replace the image; taken back if it fails
};

struct alignas(64) SegmentHeader {
  // --- Written by the guest before the file gets its final name (rename), constant from then on.
  uint64_t magic;
  uint32_t layout_version;
  uint32_t pid;
  uint64_t segment_bytes;
  uint64_t pid_start;    // start time of the process in clock ticks since boot: field 22 of /proc/PID/stat
  uint32_t info_offset;  // serialized ProcessInfo (record.proto)
  uint32_t info_bytes;
  uint64_t bitmap_offset;  // uint64_t words; bit u%64 of word u/64 is 1 while unit u is free
  uint64_t rings_offset;
  uint64_t units_offset;  // multiple of kUnitBytes
  uint32_t unit_count;    // multiple of 64
  uint32_t ring_count;    // == unit_count: a ring needs a unit at least, so the table never runs out first
  Clock clock;
  uint32_t start_flags;  // kForkedAfterMain
  uint64_t start_ticks;  // the three clocks, read together, when the segment was made
  uint64_t start_monotonic_ns;
  uint64_t start_realtime_ns;

  // --- Written by the guest while it runs.
  alignas(
      64) std::atomic<uint32_t> rings_used;  // rings [0, rings_used) have been used; release after the ring is set up
  std::atomic<Ended> ended;                  // release; pairs with the dumper's acquire before its last drain
  std::atomic<uint32_t> waiting;             // threads that wait for a free chunk
  std::atomic<uint32_t> reserved_units;      // units that have memory behind them; statistics only
  std::atomic<uint64_t> end_ticks;           // clock when `ended` was set

  // --- Written by the dumper.
  alignas(64) std::atomic<uint32_t> free_epoch;  // futex word: +1 after chunks were freed, then FUTEX_WAKE if `waiting`
};

// SegmentHeader::start_flags: the process is a fork child whose parent had already begun __main__.
inline constexpr uint32_t kForkedAfterMain = 1;

enum class RingState : uint32_t {
  kFree = 0,    // nobody's. Guest: -> kLive by compare-exchange
  kLive = 1,    // a thread writes. Guest: -> kClosed (release) when the thread ends
  kClosed = 2,  // all is written. Dumper: -> kFree once drained and committed
};

// Why a record was not written; index of Ring::dropped.
enum class Drop : uint32_t { kFull = 0, kStopped = 1, kNoMemory = 2, kCount = 4 };

struct alignas(64) Ring {
  std::atomic<RingState> state;
  uint32_t tid;         // kernel thread id; set before kLive
  uint64_t generation;  // +1 for each thread that takes the ring; set before kLive
  std::atomic<uint32_t>
      first;  // oldest chunk of this generation, index + 1; guest sets it before kLive (kNoChunk: none yet, and
              // release-stores it when the first chunk is taken); the dumper moves it (relaxed) as it frees chunks
  uint32_t unused;
  std::atomic<uint64_t> written;              // records written, by the guest, relaxed
  std::atomic<uint64_t> dropped[4];           // records not written, by Drop, by the guest, relaxed
  alignas(64) std::atomic<uint64_t> drained;  // stream position that is committed to the database; dumper, relaxed
  // Of the records not written: enters, leaves and others that no Loss record tells of, because there was no room for
  // one. By the guest, relaxed; the dumper tells of them when the thread has ended.
  std::atomic<uint64_t> untold[3];
};

// Starts each chunk; records follow it. Set by the guest before the chunk is linked (the `next` of its predecessor, or
// Ring::first, is the release that publishes it), but for the two atomics.
struct alignas(64) ChunkHeader {
  uint32_t ring;
  uint32_t bytes;       // of the chunk, this header included
  uint64_t generation;  // of the ring, so that a stale link is noticed
  uint64_t
      position;  // stream position of the first payload byte: payload bytes of all earlier chunks of this generation
  uint64_t first_time;              // ticks to which the first record's time delta is added
  uint64_t first_call;              // serial that the next Enter will get
  std::atomic<uint32_t> committed;  // payload bytes that are whole records; guest release -> dumper acquire
  std::atomic<uint32_t> next;  // index + 1 of the chunk that follows; stored (release) once, after the last `committed`
  uint64_t unused;
};

// `control` in the run-time directory; every guest maps it, the dumper writes it.
inline constexpr uint64_t kControlMagic = 0x316c746372747970;  // "pytrctl1"
struct alignas(64) Control {
  uint64_t magic;
  uint32_t layout_version;
  std::atomic<uint32_t> dumper_pid;  // dumper, when it has the lock; information only, the lock is the truth
  // dumper: a Stop; guests stop recording while it is kDiskFull or kDatabase. A guest that finds one of these and no
  // dumper, as it comes, and a dumper that finds one, as it begins: kTrying.
  std::atomic<uint32_t> stopped;
  std::atomic<uint64_t> commits;     // dumper: +1 after each commit
  // Futex word. Whoever has news for a sleeping dumper adds 1 (release) and wakes it, but only when `sleeping` says
  // that it sleeps.
  alignas(64) std::atomic<uint32_t> doorbell;
  std::atomic<uint32_t> sleeping;  // dumper: 1 before it waits (seq_cst), 0 after
  std::atomic<uint32_t> left;      // dumper: 1 just before it takes this file away; a newer one may have its name
  std::atomic<uint32_t> no_grace;  // 1: somebody waits for the dumper to leave, set by that one; 0 again by the dumper
};

// kTrying: who stopped is gone, and it is not known yet whether the next one can do better.
enum class Stop : uint32_t { kNo = 0, kDiskFull = 1, kDatabase = 2, kTrying = 3 };

static_assert(sizeof(SegmentHeader) == 256);
static_assert(sizeof(Ring) == 128 && alignof(Ring) == 64);
static_assert(sizeof(ChunkHeader) == 64);
static_assert(sizeof(Control) == 128);
static_assert(std::atomic<uint64_t>::is_always_lock_free && std::atomic<uint32_t>::is_always_lock_free);

}  // namespace pytrace::ring

#endif  // PYTRACE_RINGBUF_LAYOUT_H_
