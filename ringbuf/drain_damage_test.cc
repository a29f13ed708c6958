// What is no segment, and segments that lie: refused, or damage that costs the rest of a ring and nothing else.
#include <string.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <random>
#include <string>

#include "ringbuf/drain.h"
#include "ringbuf/testing/pair.h"
#include "tests/unit/check.h"

namespace pytrace::ring {
namespace {

using testing::Pair;

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
  // Nor does the search for the place to go on at stay in it.
  p.Attach();
  p.reader->Resume(1, 5);
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
  if (chown(p.segment.path(), 12345, 12345) != 0) {
    printf("skipped: needs root\n");
    return;
  }
  CHECK(Drain::Attach(p.segment.path(), &error) == nullptr);
  CHECK(error == AttachError::kForeign);
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
