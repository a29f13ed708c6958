#include "ringbuf/drain.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <random>
#include <string>
#include <thread>

#include "ringbuf/segment.h"
#include "ringbuf/writer.h"
#include "tests/unit/check.h"

namespace pytrace::ring {
namespace {

// A guest with one ring; "records" are runs of bytes.
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

TEST(HeaderFactsAreCopied) {
  Pair p;
  CHECK_EQ(p.drain->facts().pid_start, 5u);
  CHECK_EQ(p.drain->facts().start_ticks, 7u);
  CHECK_EQ(p.drain->info(), "info");
  CHECK_EQ(p.drain->rings_used(), 1u);
}

TEST(EmptyRingHasNothing) {
  Pair p;
  CHECK(!p.reader->Look());
  CHECK_EQ(p.reader->generation(), 1u);
  CHECK_EQ(p.reader->tid(), 77u);
}

TEST(BytesComeInOrderOverManyChunks) {
  Pair p;
  std::string all;
  for (int i = 0; i < 2000; ++i) {
    std::string record(1 + i % 50, static_cast<char>(i));
    p.Write(record);
    all += record;
  }
  CHECK(p.ReadAll() == all);
  CHECK_EQ(p.reader->position(), all.size());
  CHECK(!p.reader->News());
  p.Write("x");
  CHECK(p.reader->News());
  CHECK_EQ(p.ReadAll(), "x");
}

TEST(ReadChunksAreFreedButTheNewest) {
  Pair p;
  for (int i = 0; i < 3; ++i) {
    p.Chunk();
    p.Write("abc");
  }
  p.Chunk(true);
  p.Write("abc");
  uint32_t before = p.FreeUnits();
  p.ReadAll();
  CHECK_EQ(p.FreeUnits(), before);
  CHECK(p.reader->Free());
  CHECK_EQ(p.FreeUnits(), before + 3);
  CHECK_EQ(p.ring->drained.load(), 12u);
  CHECK_EQ(p.ring->first.load() - 1, p.segment.ChunkIndex(p.writer.chunk));
  CHECK(!p.reader->Free());
}

TEST(ClosedRingIsGivenBackAndUsedAgain) {
  Pair p;
  p.Write("one");
  uint32_t before = p.FreeUnits();
  CHECK_EQ(p.ReadAll(), "one");
  CHECK(!p.reader->finished());
  p.Write("two");
  p.ring->state.store(RingState::kClosed);
  CHECK(p.reader->News());
  CHECK_EQ(p.ReadAll(), "two");
  CHECK(p.reader->finished());
  p.reader->Finish();
  CHECK_EQ(p.FreeUnits(), before + 1);
  CHECK(p.ring->state.load() == RingState::kFree);
  CHECK(!p.reader->Look());
  CHECK(p.segment.TakeRing(78) == p.ring);
  p.writer = Writer();
  p.Write("three");
  CHECK(p.reader->News());
  CHECK_EQ(p.ReadAll(), "three");
  CHECK_EQ(p.reader->tid(), 78u);
  CHECK_EQ(p.reader->generation(), 2u);
  CHECK_EQ(p.reader->position(), 5u);
}

TEST(ResumeGoesOnAtThePosition) {
  for (bool freed : {false, true}) {
    for (uint64_t position = 0; position <= 12; ++position) {
      Pair p;
      for (const char* part : {"abc", "def", "ghi", "jkl"}) {
        p.Chunk();
        p.Write(part);
      }
      if (freed) {
        // As the dumper that committed `position` may have done: all before the chunk with it.
        while (p.reader->Look() && p.reader->position() < position) {
          p.reader->Consume(std::min<uint64_t>(position - p.reader->position(), p.reader->bytes().size()));
        }
        p.reader->Free();
      }
      p.Attach();
      p.reader->Resume(1, position);
      CHECK_EQ(p.ReadAll(), std::string("abcdefghijkl").substr(position));
      CHECK(!p.reader->damaged());
      p.reader->Free();
      CHECK_EQ(p.ring->first.load() - 1, p.segment.ChunkIndex(p.writer.chunk));
    }
  }
}

TEST(ResumeOfAnotherGenerationBeginsAtItsStart) {
  Pair p;
  p.Write("abc");
  p.Attach();
  p.reader->Resume(9, 2);
  CHECK_EQ(p.ReadAll(), "abc");
}

// ---- Damage

TEST(WrongChunkHeadersAreDamage) {
  for (int what = 0; what < 7; ++what) {
    Pair p;
    p.Write("abc");
    p.Chunk();
    p.Write("def");
    ChunkHeader* second = p.writer.chunk;
    switch (what) {
      case 0:
        second->ring = 1;
        break;
      case 1:
        second->generation = 2;
        break;
      case 2:
        second->position = 4;
        break;
      case 3:
        second->bytes = 100;
        break;
      case 4:
        second->bytes = kUnitBytes * kLargeUnits;
        break;  // not aligned
      case 5:
        second->committed.store(kUnitBytes);
        break;
      case 6:
        p.first()->next.store(1000000);
        break;
    }
    CHECK_EQ(p.ReadAll(), "abc");
    CHECK(p.reader->damaged());
    CHECK(!p.reader->finished());
    p.ring->state.store(RingState::kClosed);
    CHECK_EQ(p.ReadAll(), "");
    CHECK(p.reader->finished());
    p.reader->Finish();
    CHECK(p.ring->state.load() == RingState::kFree);
  }
}

TEST(ACircleOfEmptyChunksEnds) {
  Pair p;
  p.Chunk();
  ChunkHeader* first = p.writer.chunk;
  p.Chunk();
  p.writer.chunk->next.store(p.segment.ChunkIndex(first) + 1);
  CHECK_EQ(p.ReadAll(), "");
  CHECK(p.reader->damaged());
}

TEST(ShrinkingLengthIsDamage) {
  Pair p;
  p.Write("abcdef");
  CHECK(p.reader->Look());
  p.writer.chunk->committed.store(2);
  CHECK(!p.reader->Look());
  CHECK(p.reader->damaged());
}

TEST(HostileHeadersAreNotAttached) {
  Pair p;
  std::string good(reinterpret_cast<char*>(p.segment.header()), sizeof(SegmentHeader));
  auto attaches = [&](auto change) {
    memcpy(static_cast<void*>(p.segment.header()), good.data(), good.size());
    change(p.segment.header());
    AttachError error;
    return Drain::Attach(p.segment.path(), &error) != nullptr;
  };
  CHECK(attaches([](SegmentHeader*) {}));
  CHECK(!attaches([](SegmentHeader* h) { h->magic = 1; }));
  CHECK(!attaches([](SegmentHeader* h) { h->layout_version = 2; }));
  CHECK(!attaches([](SegmentHeader* h) { h->segment_bytes += 1; }));
  CHECK(!attaches([](SegmentHeader* h) { h->unit_count = 0xffffffc0; }));
  CHECK(!attaches([](SegmentHeader* h) { h->ring_count = 0xffffffff; }));
  CHECK(!attaches([](SegmentHeader* h) { h->rings_offset = ~uint64_t{0} - 63; }));
  CHECK(!attaches([](SegmentHeader* h) { h->units_offset += 1; }));
  CHECK(!attaches([](SegmentHeader* h) { h->units_offset += kUnitBytes; }));
  CHECK(!attaches([](SegmentHeader* h) { h->bitmap_offset = h->segment_bytes - 4; }));
  CHECK(!attaches([](SegmentHeader* h) { h->info_bytes = 0xffffffff; }));
  CHECK(!attaches([](SegmentHeader* h) { h->clock = static_cast<Clock>(9); }));
  memcpy(static_cast<void*>(p.segment.header()), good.data(), good.size());
}

// Numbers that lie within a file of any size, but would cost memory without bound.
TEST(WhatAHeaderAsksForIsBounded) {
  Pair p((uint64_t{kMaxRings} + 64) * kUnitBytes);
  CHECK(p.drain->facts().ring_count > kMaxRings);
  p.segment.header()->rings_used.store(~uint32_t{0});
  CHECK_EQ(p.drain->rings_used(), kMaxRings);
  p.segment.header()->info_bytes = kMaxInfoBytes + 1;
  AttachError error;
  CHECK(Drain::Attach(p.segment.path(), &error) == nullptr);
}

// The file is cut off under the dumper: at its beginning, in the rings, in the chunk that is being read.
TEST(AFileThatIsCutOffIsDamage) {
  for (int where = 0; where < 3; ++where) {
    Pair p;
    for (int i = 0; i < 10; ++i) {
      p.Chunk();
      p.Write("abc");
    }
    CHECK(p.reader->Look());
    p.reader->Consume(2);
    const SegmentHeader* header = p.segment.header();
    uint64_t cuts[] = {0, header->rings_offset / kUnitBytes * kUnitBytes, header->units_offset + 2 * kUnitBytes};
    CHECK_EQ(truncate(p.segment.path(), static_cast<off_t>(cuts[where])), 0);
    for (int i = 0; i < 3; ++i) {
      size_t n = p.ReadAll().size();
      CHECK(n <= 30);
      p.reader->Free();
    }
    p.drain->rings_used();
    p.drain->ended();
    p.drain->WakeWriters();
    if (p.reader->finished()) p.reader->Finish();
    CHECK(p.reader->damaged());
  }
}

TEST(SymlinksAndStrangersAreNotAttached) {
  Pair p;
  std::string link = std::string(p.segment.path()) + ".link";
  CHECK_EQ(symlink(p.segment.path(), link.c_str()), 0);
  AttachError error;
  CHECK(Drain::Attach(link.c_str(), &error) == nullptr);
  CHECK(error == AttachError::kForeign);
  unlink(link.c_str());
  CHECK(Drain::Attach(link.c_str(), &error) == nullptr);
  CHECK(error == AttachError::kGone);
}

// A thread writes as fast as it can through few chunks while this one drains: every byte arrives once, in order.
TEST(WriterAndReaderTogether) {
  Pair p(64 * kUnitBytes);
  constexpr uint64_t kTotal = 8u << 20;
  std::thread guest([&p] {
    uint64_t n = 0;
    while (n < kTotal) {
      uint8_t record[64];
      for (uint32_t i = 0; i < sizeof(record); ++i) record[i] = static_cast<uint8_t>((n + i) * 31 >> 3);
      while (p.writer.chunk == nullptr || p.writer.end - p.writer.at < 64) {
        uint32_t epoch = p.segment.FreeEpoch();
        bool no_memory;
        if (ChunkHeader* chunk = p.segment.TakeChunk(false, &no_memory)) {
          p.writer.MoveTo(&p.segment, p.ring, chunk);
        } else {
          p.segment.WaitForFree(epoch, 1000);
        }
      }
      memcpy(p.writer.at, record, sizeof(record));
      p.writer.Publish(p.writer.at + sizeof(record));
      n += sizeof(record);
    }
    p.ring->state.store(RingState::kClosed, std::memory_order_release);
  });
  uint64_t n = 0;
  bool same = true;
  while (!p.reader->finished()) {
    while (p.reader->Look()) {
      for (char c : p.reader->bytes()) same &= static_cast<uint8_t>(c) == static_cast<uint8_t>(n * 31 >> 3), ++n;
      p.reader->Consume(p.reader->bytes().size());
    }
    if (p.reader->Free()) p.drain->WakeWriters();
  }
  guest.join();
  CHECK(same);
  CHECK_EQ(n, kTotal);
}

// Random bytes anywhere in rings and chunks: reading ends and touches nothing outside (the sanitizers watch).
TEST(RandomBytesEverywhere) {
  std::mt19937 random(1);
  Pair p;
  for (int i = 0; i < 1200; ++i) p.Write(std::string(40, 'r'));
  auto* base = reinterpret_cast<uint8_t*>(p.segment.header());
  const uint64_t ring_at = p.segment.header()->rings_offset, units_at = p.segment.header()->units_offset;
  const std::string whole(reinterpret_cast<char*>(base), units_at + 16 * kUnitBytes);
  for (int round = 0; round < 10000; ++round) {
    memcpy(base, whole.data(), whole.size());
    for (int i = 0, n = 1 + random() % 8; i < n; ++i) {
      // Where it hurts: the ring and the headers of chunks.
      uint64_t at = random() % 3 == 0 ? ring_at + random() % sizeof(Ring)
                                      : units_at + random() % 16 * kUnitBytes + random() % sizeof(ChunkHeader);
      base[at] = random() % 4 ? static_cast<uint8_t>(random() % 20) : static_cast<uint8_t>(random());
    }
    p.reader = std::make_unique<RingReader>(p.drain.get(), 0);
    if (random() % 2) p.reader->Resume(random() % 3, random() % 60000);
    uint64_t total = 0;
    while (p.reader->Look() && total < (64 << 20)) {
      for (char c : p.reader->bytes()) total += 1 + (c == 0);
      p.reader->Consume(p.reader->bytes().size());
      if (random() % 4 == 0) base[ring_at + random() % sizeof(Ring)] = static_cast<uint8_t>(random());
    }
    p.reader->Free();
    if (p.reader->finished()) p.reader->Finish();
  }
}

}  // namespace
}  // namespace pytrace::ring
