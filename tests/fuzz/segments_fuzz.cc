// A guest that writes anything into its segment: the dumper neither crashes nor hangs, and what another guest wrote at
// the same time is all there.
#include "dumper/testing/machine.h"
#include "tests/fuzz/fuzz.h"

namespace pytrace::dumper {
namespace {

using testing::FakeGuest;
using testing::FakeThread;
using testing::Machine;

constexpr uint32_t kHonestCalls = 20;
constexpr uint32_t kHonestFunction = 3;

// The first byte: how many bytes of the segment are changed; four bytes for each (where, what); the rest is what the
// hostile thread publishes as records.
void Scribble(ring::Segment* segment, std::string_view* input) {
  if (input->empty()) return;
  size_t changes = static_cast<unsigned char>((*input)[0]) % 32;
  input->remove_prefix(1);
  auto* base = reinterpret_cast<uint8_t*>(segment->header());
  // All that is mapped and reserved: header, bitmap, rings and the first units.
  size_t reach = segment->header()->units_offset + 2 * ring::kUnitBytes;
  for (; changes > 0 && input->size() >= 4; --changes) {
    auto byte = [&](int i) { return static_cast<size_t>(static_cast<unsigned char>((*input)[i])); };
    base[(byte(0) << 16 | byte(1) << 8 | byte(2)) % reach] = static_cast<uint8_t>(byte(3));
    input->remove_prefix(4);
  }
}

void Segments(std::string_view input) {
  Machine m;
  FakeGuest honest(m.Options()), hostile(m.Options());
  FakeThread good(&honest, 11), bad(&hostile, 12);
  uint64_t t = testing::NowTicks() - 1'000'000;
  testing::Begin(&good, t);
  testing::Begin(&bad, t);
  bad.Enter(1, t + 5);
  std::string_view rest = input;
  // Its own bytes stay small enough for the first chunk.
  std::string changes(rest.substr(0, 1 + 4 * 32));
  std::string_view view = changes;
  size_t before = view.size();
  if (!view.empty()) {
    size_t used = 1 + 4 * (static_cast<unsigned char>(view[0]) % 32);
    rest.remove_prefix(std::min(used, before));
  }
  if (!rest.empty()) bad.Raw(std::string(rest.substr(0, 2000)));
  Scribble(hostile.segment(), &view);
  for (uint32_t i = 0; i < kHonestCalls; ++i) {
    good.Enter(kHonestFunction, t + 10 + 2 * i);
    good.Leave(t + 11 + 2 * i);
  }
  auto result = m.Dump();
  fuzz::Expect(result == Recorder::Result::kTerminated || result == Recorder::Result::kNothingLeft,
               "the dumper goes on");
  uint32_t ended = 0;
  for (const auto& call : m.database.Calls())
    ended +=
        call.thread == 1 || m.database.threads[call.thread - 1].tid == 11 ? call.outcome == store::Outcome::kReturn : 0;
  fuzz::Expect(ended >= kHonestCalls, "the other guest's calls are there");
}

std::string WithRecords() {
  return std::string("\0\x0a\x04\x08\x01\x10\x02\x12\x02\x10\x03\x42\x04\x08\x05\x10\x01", 17);
}

}  // namespace
}  // namespace pytrace::dumper

int main() {
  using pytrace::dumper::WithRecords;
  return pytrace::fuzz::Run("segments", {WithRecords(), std::string("\x02\0\x01\x10\xff\0\x20\x08\x01", 9)},
                            &pytrace::dumper::Segments);
}
