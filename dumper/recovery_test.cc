// Dumpers that die, and segments that lie.
#include <stdlib.h>
#include <string.h>

#include <random>
#include <string>
#include <vector>

#include "dumper/testing/machine.h"
#include "tests/unit/check.h"

namespace pytrace::dumper {
namespace {

using testing::Begin;
using testing::FakeGuest;
using testing::FakeThread;
using testing::FakeWriter;
using testing::Machine;
using testing::NowTicks;

// What a guest did and what must be in the database for it, wherever dumpers died in between.
class Expected {
 public:
  void Enter(uint32_t function, uint64_t time) {
    open_.push_back(calls_.size());
    calls_.push_back({function, time, 0});
  }
  void Leave(uint64_t time) {
    calls_[open_.back()].end = time;
    open_.pop_back();
  }
  size_t depth() const { return open_.size(); }

  void Compare(const testing::FakeDatabase& database) const {
    auto calls = database.Calls();
    CHECK_EQ(calls.size(), calls_.size());
    if (calls.size() != calls_.size()) return;
    int64_t offset = calls[0].start_ns - static_cast<int64_t>(calls_[0].start), total = 0, expected_total = 0;
    bool same = true;
    for (size_t i = 0; i < calls.size(); ++i) {
      const Call& expected = calls_[i];
      // Clocks of several dumpers may differ by less than the aim of a second.
      same &= std::abs(calls[i].start_ns - offset - static_cast<int64_t>(expected.start)) < 1'000'000;
      same &= database.functions[calls[i].function - 1].qualname == "f" + std::to_string(expected.function);
      same &= (calls[i].duration_ns == store::kOpen) == (expected.end == 0);
      if (calls[i].duration_ns != store::kOpen) total += calls[i].duration_ns;
    }
    CHECK(same);
    int64_t counted = 0;
    for (const auto& [function, counts] : database.counts) expected_total += counts.total_ns, counted += counts.calls;
    CHECK_EQ(total, expected_total);
    CHECK_EQ(counted, static_cast<int64_t>(calls.size()));
  }

 private:
  struct Call {
    uint32_t function;
    uint64_t start, end;
  };
  std::vector<Call> calls_;
  std::vector<size_t> open_;
};

TEST(TakeoverLosesAndDoublesNothing) {
  std::mt19937 random(7);
  for (int round = 0; round < 40; ++round) {
    Machine m;
    m.block_calls = 1 + random() % 200;
    FakeGuest guest(m.Options());
    FakeThread thread(&guest, 11);
    Expected expected;
    Begin(&thread, NowTicks());
    for (int dumper = 0; dumper < 12; ++dumper) {
      for (int i = 0, n = random() % 500; i < n; ++i) {
        uint64_t now = NowTicks();
        if (expected.depth() < 20 && (expected.depth() == 0 || random() % 2)) {
          uint32_t function = 1 + random() % 3;
          thread.Enter(function, now);
          expected.Enter(function, now);
        } else {
          thread.Leave(now);
          expected.Leave(now);
        }
        if (random() % 100 == 0) thread.SealChunk();
      }
      m.Dump(static_cast<FakeWriter::Death>(random() % 3));
    }
    m.Dump();
    expected.Compare(m.database);
  }
}

TEST(TakeoverAfterAFullBlockKnowsWhatIsOpen) {
  Machine m;
  m.block_calls = 2;
  FakeGuest guest(m.Options());
  FakeThread thread(&guest, 11);
  Begin(&thread, NowTicks());
  thread.Enter(1, NowTicks());
  thread.Enter(2, NowTicks());
  m.Dump();
  thread.Leave(NowTicks());
  thread.Enter(3, NowTicks());
  m.Dump();
  CHECK_EQ(m.database.blocks.size(), 2u);
  const store::Keyframe& keyframe = m.database.blocks.at(3).keyframe;
  CHECK_EQ(keyframe.size(), 1u);
  CHECK_EQ(keyframe.at(0).calls.size(), 1u);
  CHECK_EQ(keyframe.at(0).calls.at(0).id, 1);
  CHECK_EQ(m.database.late_ends.size(), 1u);
}

// Enters without end: the stack of open calls does not grow with them.
TEST(MoreOpenCallsThanCanBeAreDamage) {
  Machine m;
  m.block_calls = 1 << 20;
  auto options = m.Options();
  options.buffer_bytes = 128 << 20;
  FakeGuest guest(options);
  FakeThread thread(&guest, 11), other(&guest, 12);
  thread.large_chunks = true;
  uint64_t t = NowTicks() - 10'000'000;
  Begin(&thread, t);
  Begin(&other, t);
  constexpr int kMost = 1 << 22;
  for (int i = 0; i < kMost + 200'000; ++i) thread.Enter(1, t + i);
  other.Enter(1, NowTicks());
  auto& losses = m.database.losses;
  for (int i = 0; i < 100 && losses.empty(); ++i) m.Dump();  // a dumper that is to leave does so after a second
  CHECK_EQ(losses.size(), 1u);
  if (!losses.empty()) CHECK_EQ(losses[0].mark.reason, 3u);
  int64_t calls = m.database.counts[1].calls;
  CHECK(calls > kMost && calls < kMost + 100'000);
}

// Any bytes anywhere in the segment: the dumper ends, and touches nothing outside (the sanitizers watch).
TEST(HostileSegmentsEnd) {
  std::mt19937 random(11);
  Machine m;
  FakeGuest guest(m.Options());
  FakeThread thread(&guest, 11), other(&guest, 12);
  for (FakeThread* t : {&thread, &other}) {
    Begin(t, NowTicks());
    for (int i = 0; i < 200; ++i) {
      t->Enter(1 + i % 3, NowTicks(), [](auto* e) { e->Object(1, 1 << 20); });
      if (i % 2) t->Leave(NowTicks(), 0, [](auto* e) { e->AsciiStr("abc", 3, 3); });
    }
  }
  auto* base = reinterpret_cast<uint8_t*>(guest.segment()->header());
  const uint64_t used = guest.segment()->header()->units_offset + 8 * ring::kUnitBytes;
  const uint64_t interesting[] = {sizeof(ring::SegmentHeader), guest.segment()->header()->rings_offset,
                                  guest.segment()->header()->units_offset};
  const std::string whole(reinterpret_cast<char*>(base), used);
  int rounds = getenv("HOSTILE_ROUNDS") ? atoi(getenv("HOSTILE_ROUNDS")) : 2000;
  for (int round = 0; round < rounds; ++round) {
    memcpy(base, whole.data(), used);
    for (int i = 0, n = 1 + random() % 20; i < n; ++i) {
      uint64_t at = random() % 2 ? random() % used : interesting[random() % 3] + random() % 512;
      if (random() % 16 == 0) at = random() % sizeof(ring::SegmentHeader);
      base[at] = static_cast<uint8_t>(random() % 4 ? random() % 32 : random());
    }
    m.database = {};
    m.Dump();
    if (m.Segments() == 0) break;
  }
}

}  // namespace
}  // namespace pytrace::dumper
