#include "ringbuf/drain.h"

#include <string.h>

#include <algorithm>
#include <string>
#include <thread>

#include "ringbuf/testing/pair.h"
#include "tests/unit/check.h"

namespace pytrace::ring {
namespace {

using testing::Pair;

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

}  // namespace
}  // namespace pytrace::ring
