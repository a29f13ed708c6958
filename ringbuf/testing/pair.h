// Both sides of one segment in one process: a guest with one ring, and the reader of it.
#ifndef PYTRACE_RINGBUF_TESTING_PAIR_H_
#define PYTRACE_RINGBUF_TESTING_PAIR_H_

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <string>

#include "ringbuf/drain.h"
#include "ringbuf/segment.h"
#include "ringbuf/writer.h"
#include "tests/unit/check.h"

namespace pytrace::ring::testing {

// "Records" are runs of bytes.
class Pair {
 public:
  explicit Pair(uint64_t buffer = 1 << 20) {
    char path[] = "/dev/shm/pytrace-drain-XXXXXX";
    dir_ = mkdtemp(path);
    SegmentOptions o = {};
    o.rundir = dir_.c_str();
    o.buffer_bytes = buffer;
    o.clock = Clock::kMonotonicNs;
    o.start_ticks = 7;
    o.pid_start = 5;
    o.info = "info";
    o.info_bytes = 4;
    CHECK_EQ(segment.Create(o), 0);
    ring = segment.TakeRing(77);
    Attach();
  }
  ~Pair() {
    drain.reset();
    unlink(segment.path());
    segment.Abandon();
    rmdir(dir_.c_str());
  }

  void Attach() {
    AttachError error;
    drain = Drain::Attach(segment.path(), &error);
    CHECK(drain != nullptr);
    reader = std::make_unique<RingReader>(drain.get(), 0);
  }
  void Chunk(bool large = false) {
    bool no_memory;
    writer.MoveTo(&segment, ring, segment.TakeChunk(large, &no_memory));
  }
  void Write(const std::string& bytes) {
    if (writer.chunk == nullptr || static_cast<size_t>(writer.end - writer.at) < bytes.size()) Chunk();
    memcpy(writer.at, bytes.data(), bytes.size());
    writer.Publish(writer.at + bytes.size());
  }
  std::string ReadAll() {
    std::string all;
    while (reader->Look()) {
      all += reader->bytes();
      reader->Consume(reader->bytes().size());
    }
    return all;
  }
  uint32_t FreeUnits() {
    auto* h = segment.header();
    auto* words = reinterpret_cast<std::atomic<uint64_t>*>(reinterpret_cast<uint8_t*>(h) + h->bitmap_offset);
    uint32_t free = 0;
    for (uint32_t w = 0; w < h->unit_count / 64; ++w) free += __builtin_popcountll(words[w].load());
    return free;
  }
  ChunkHeader* first() {
    auto* units = reinterpret_cast<uint8_t*>(segment.header()) + segment.header()->units_offset;
    return reinterpret_cast<ChunkHeader*>(units + uint64_t{ring->first.load() - 1} * kUnitBytes);
  }

  Segment segment;
  Ring* ring;
  Writer writer;
  std::unique_ptr<Drain> drain;
  std::unique_ptr<RingReader> reader;

 private:
  std::string dir_;
};

}  // namespace pytrace::ring::testing

#endif  // PYTRACE_RINGBUF_TESTING_PAIR_H_
