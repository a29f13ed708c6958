#include "ringbuf/drain.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

namespace pytrace::ring {
namespace {

// One load of a plain field that the other side may be changing.
template <class T>
T Once(const T& field) {
  return *const_cast<const volatile T*>(&field);
}

bool Inside(uint64_t offset, uint64_t bytes, uint64_t size) { return offset <= size && bytes <= size - offset; }

// Everything that is used for addressing is inside the file and aligned.
bool HeaderIsSound(const SegmentHeader& h, uint64_t size) {
  return h.magic == kSegmentMagic && h.layout_version == kLayoutVersion && h.segment_bytes == size && h.pid != 0 &&
         h.clock <= Clock::kMonotonicNs && h.unit_count != 0 && h.unit_count % 64 == 0 && h.ring_count != 0 &&
         h.bitmap_offset % alignof(uint64_t) == 0 && h.rings_offset % alignof(Ring) == 0 &&
         h.units_offset % kUnitBytes == 0 && h.info_bytes <= kMaxInfoBytes &&
         Inside(h.info_offset, h.info_bytes, size) && Inside(h.bitmap_offset, h.unit_count / 8, size) &&
         Inside(h.rings_offset, uint64_t{h.ring_count} * sizeof(Ring), size) &&
         Inside(h.units_offset, uint64_t{h.unit_count} * kUnitBytes, size);
}

bool ReadAll(int fd, void* out, size_t n, uint64_t offset) {
  char* at = static_cast<char*>(out);
  while (n > 0) {
    ssize_t got = pread(fd, at, n, static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    at += got;
    offset += got;
    n -= got;
  }
  return true;
}

}  // namespace

std::unique_ptr<Drain> Drain::Attach(const char* path, AttachError* error) {
  *error = AttachError::kForeign;
  int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd < 0) {
    if (errno == ENOENT) *error = AttachError::kGone;
    if (errno == EMFILE || errno == ENFILE || errno == ENOMEM) *error = AttachError::kNoResources;
    return nullptr;
  }
  struct Closer {
    int fd;
    ~Closer() { close(fd); }
  } closer{fd};

  // Through the descriptor, so that it is a copy from the start.
  struct stat st;
  SegmentHeader h;
  if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_uid != geteuid() || !ReadAll(fd, &h, sizeof(h), 0) ||
      !HeaderIsSound(h, static_cast<uint64_t>(st.st_size))) {
    return nullptr;
  }
  std::unique_ptr<Drain> drain(new Drain);
  drain->info_.resize(h.info_bytes);
  if (!ReadAll(fd, drain->info_.data(), h.info_bytes, h.info_offset)) return nullptr;
  void* map = mmap(nullptr, h.segment_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (map == MAP_FAILED) {
    *error = AttachError::kNoResources;
    return nullptr;
  }
  drain->base_ = static_cast<uint8_t*>(map);
  drain->bytes_ = h.segment_bytes;
  drain->guard_ = std::make_unique<BusGuard>(map, h.segment_bytes);
  drain->header_ = static_cast<SegmentHeader*>(map);
  drain->bitmap_ = reinterpret_cast<std::atomic<uint64_t>*>(drain->base_ + h.bitmap_offset);
  drain->rings_ = reinterpret_cast<Ring*>(drain->base_ + h.rings_offset);
  drain->units_ = drain->base_ + h.units_offset;
  drain->facts_ = {
      h.pid,        h.pid_start,  h.clock,    h.start_flags, h.start_ticks, h.start_monotonic_ns, h.start_realtime_ns,
      h.unit_count, h.ring_count, st.st_mtime};
  *error = AttachError::kNone;
  return drain;
}

Drain::~Drain() {
  guard_.reset();
  if (base_ != nullptr) munmap(base_, bytes_);
}

uint32_t Drain::rings_used() const {
  uint32_t used = header_->rings_used.load(std::memory_order_acquire);  // pairs with the guest's release in TakeRing
  return std::min({used, facts_.ring_count, kMaxRings});
}

void Drain::WakeWriters() {
  // seq_cst on both words, as the guest does it the other way round: either it sees the new epoch or we see that it
  // waits.
  header_->free_epoch.fetch_add(1, std::memory_order_seq_cst);
  if (waiting()) syscall(SYS_futex, &header_->free_epoch, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
}

bool Drain::OpenChunk(uint32_t link, uint32_t ring, uint64_t generation, Chunk* out) const {
  uint32_t unit = link - 1;  // kNoChunk becomes too large
  if (unit >= facts_.unit_count) return false;
  auto* header = reinterpret_cast<ChunkHeader*>(units_ + uint64_t{unit} * kUnitBytes);
  uint32_t bytes = Once(header->bytes);
  uint32_t units = bytes / kUnitBytes;
  if (bytes % kUnitBytes != 0 || (units != 1 && units != kLargeUnits)) return false;
  if (unit % units != 0 || units > facts_.unit_count - unit) return false;
  if (Once(header->ring) != ring || Once(header->generation) != generation) return false;
  *out = {unit,
          units,
          header,
          bytes - static_cast<uint32_t>(sizeof(ChunkHeader)),
          Once(header->position),
          Once(header->first_time),
          Once(header->first_call)};
  return true;
}

void Drain::FreeUnits(uint32_t unit, uint32_t units) {
  uint64_t mask = ((uint64_t{1} << units) - 1) << (unit % 64);
  // Release: pairs with the guest's acquire when it takes the bits, so that our reads of the chunk are done.
  bitmap_[unit / 64].fetch_or(mask, std::memory_order_release);
}

void RingReader::Resume(uint64_t generation, uint64_t position) {
  resume_generation_ = generation;
  resume_position_ = position;
}

// Starts on the generation that is in the ring now, if it is one that we have not finished.
bool RingReader::Begin() {
  RingState state = ring_->state.load(
      std::memory_order_acquire);  // pairs with the release of kLive: tid, generation and first are set
  if (state != RingState::kLive && state != RingState::kClosed) return false;
  uint64_t generation = Once(ring_->generation);
  if (generation == generation_) return false;
  generation_ = generation;
  tid_ = Once(ring_->tid);
  following_ = true;
  damaged_ = finished_ = false;
  chunk_ = {};
  payload_ = nullptr;
  offset_ = limit_ = 0;
  passed_.clear();
  if (generation == resume_generation_) {
    chunk_.position = resume_position_;
    damaged_ = resume_position_ == kDamagedPosition;
  }
  return true;
}

void RingReader::Enter(const Drain::Chunk& chunk) {
  chunk_ = chunk;
  payload_ = reinterpret_cast<const char*>(chunk.header + 1);
  offset_ = limit_ = 0;
}

// Finds the oldest chunk, or after a resume the one with the position to go on at. False: there is none so far, or the
// list is damaged.
bool RingReader::OpenFirst() {
  uint32_t link = ring_->first.load(std::memory_order_acquire);  // pairs with the guest's release of the first chunk
  if (link == kNoChunk) return false;
  Drain::Chunk chunk;
  if (!drain_->OpenChunk(link, index_, generation_, &chunk)) return Damage(), false;
  if (generation_ != resume_generation_) return Enter(chunk), true;
  for (uint32_t hops = 0; hops <= drain_->facts_.unit_count; ++hops) {
    uint32_t committed = chunk.header->committed.load(std::memory_order_acquire);
    if (resume_position_ < chunk.position || committed > chunk.capacity) break;
    if (resume_position_ - chunk.position <= committed) {
      Enter(chunk);
      offset_ = limit_ = static_cast<uint32_t>(resume_position_ - chunk.position);
      return true;
    }
    link = chunk.header->next.load(std::memory_order_acquire);
    Drain::Chunk next;
    // `committed` may have grown before `next` came, but not beyond the position of the chunk that follows.
    if (!drain_->OpenChunk(link, index_, generation_, &next) || next.position < chunk.position + committed) break;
    passed_.push_back({chunk.unit, chunk.units, link});
    chunk = next;
  }
  passed_.clear();
  return Damage(), false;
}

bool RingReader::OpenNext(uint32_t link) {
  Drain::Chunk next;
  if (!drain_->OpenChunk(link, index_, generation_, &next) || next.position != position()) return false;
  passed_.push_back({chunk_.unit, chunk_.units, link});
  Enter(next);
  return true;
}

bool RingReader::Look() {
  if (!following_ && !Begin()) return false;
  // Before the last look at `committed`: what a thread wrote before it closed its ring is visible then.
  RingState state = ring_->state.load(std::memory_order_acquire);
  bool last = state == RingState::kClosed;
  if (!damaged_ && Once(ring_->generation) != generation_) Damage();
  // Empty chunks are legal, a circle of them is not.
  for (uint32_t empty = 0; !damaged_; ++empty) {
    if (empty > drain_->facts_.unit_count) Damage();
    if (chunk_.header == nullptr && !OpenFirst()) break;
    uint32_t committed = chunk_.header->committed.load(std::memory_order_acquire);  // pairs with Publish
    if (committed > chunk_.capacity || committed < limit_) Damage();
    if (damaged_) break;
    limit_ = committed;
    if (offset_ < limit_) return true;
    uint32_t next = chunk_.header->next.load(std::memory_order_acquire);  // pairs with MoveTo: `committed` is final
    if (next == kNoChunk) break;
    if (chunk_.header->committed.load(std::memory_order_acquire) != limit_) continue;
    if (!OpenNext(next)) Damage();
  }
  finished_ = last;
  return false;
}

bool RingReader::News() const {
  if (!following_) {
    return ring_->state.load(std::memory_order_acquire) != RingState::kFree && Once(ring_->generation) != generation_;
  }
  if (finished_ || damaged_) return false;
  if (ring_->state.load(std::memory_order_acquire) == RingState::kClosed) return true;
  if (chunk_.header == nullptr) return ring_->first.load(std::memory_order_acquire) != kNoChunk;
  return chunk_.header->committed.load(std::memory_order_acquire) != limit_ ||
         chunk_.header->next.load(std::memory_order_acquire) != kNoChunk;
}

RingReader::Untold RingReader::untold() const {
  auto load = [](const std::atomic<uint64_t>& n) { return n.load(std::memory_order_relaxed); };
  uint32_t reason = 0;
  for (uint32_t i = 0; i < static_cast<uint32_t>(Drop::kCount); ++i) {
    if (load(ring_->dropped[i]) > load(ring_->dropped[reason])) reason = i;
  }
  return {load(ring_->untold[0]), load(ring_->untold[1]), load(ring_->untold[2]), reason};
}

bool RingReader::Free() {
  if (!following_) return false;
  ring_->drained.store(position(), std::memory_order_relaxed);
  if (damaged_) return false;
  // One chunk at a time, first `first` and then the bits: whenever we are killed, `first` is a chunk that is not free,
  // and at most the one chunk between the two stores is lost to the guest.
  for (const Passed& chunk : passed_) {
    ring_->first.store(chunk.link, std::memory_order_relaxed);
    drain_->FreeUnits(chunk.unit, chunk.units);
  }
  bool some = !passed_.empty();
  passed_.clear();
  return some;
}

void RingReader::Finish() {
  Free();
  ring_->first.store(kNoChunk, std::memory_order_relaxed);
  if (!damaged_ && chunk_.header != nullptr) drain_->FreeUnits(chunk_.unit, chunk_.units);
  chunk_ = {};
  payload_ = nullptr;
  offset_ = limit_ = 0;
  following_ = finished_ = false;
  ring_->state.store(RingState::kFree, std::memory_order_release);  // pairs with the guest's acquire in TakeRing
}

}  // namespace pytrace::ring
