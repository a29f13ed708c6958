// What lies in the BLOBs of a database: blocks, keyframes, sets, and the dumper's notes on open calls.
#include "dumper/open_calls.h"
#include "dumper/store/block.h"
#include "tests/fuzz/fuzz.h"

namespace pytrace {
namespace {

void Rows(const store::Block& block) {
  for (uint32_t row = 0; row < block.size(); ++row) {
    fuzz::Expect(block.Args(row).size() <= block.args.size(), "arguments lie in the block");
    fuzz::Expect(block.Result(row).size() <= block.results.size(), "results lie in the block");
  }
  for (const store::ParentFix& fix : block.parent_fixes) fuzz::Expect(fix.row < block.size(), "a fix is of a row");
}

// The first byte says what the rest is; a length of two bytes parts the two BLOBs of a block.
void Blobs(std::string_view input) {
  if (input.empty()) return;
  char what = input[0];
  input.remove_prefix(1);
  store::Keyframe keyframe;
  store::DecodeKeyframe(input, &keyframe);
  std::vector<uint32_t> set;
  store::DecodeSet(input, &set);
  dumper::RingCalls ring;
  dumper::DecodeOpenCalls(input, int64_t{1} << 40, &ring);
  if (input.size() < 2) return;
  size_t first = static_cast<unsigned char>(input[0]) << 8 | static_cast<unsigned char>(input[1]);
  input.remove_prefix(2);
  if (first > input.size()) first = input.size();
  store::Block block;
  if (!store::DecodeCalls(input.substr(0, first), {}, &block)) return;
  bool whole = store::DecodeValues(input.substr(first), &block);
  if (whole && (what & 1) == 0) Rows(block);
}

std::string Sample(uint32_t calls) {
  store::Block block;
  for (uint32_t i = 0; i < calls; ++i) {
    uint32_t row = block.Add(1 + i % 5, 1 + i % 2, 1'700'000'000'000'000'000 + i * 100, i % 7, store::Start::kCall,
                             i % 11 == 0 ? i * 64 : 0, std::string_view("\x1a\x02\x08\x02\x1a\x03\x2a\x01x", 9));
    if (i % 3 != 0) block.End(row, 50 + i, store::Outcome::kReturn, "\x08\x04");
  }
  store::EncodedBlock encoded;
  Encode(block, &encoded);
  std::string made(1, '\0');
  made.push_back(static_cast<char>(encoded.calls.size() >> 8));
  made.push_back(static_cast<char>(encoded.calls.size()));
  return made + encoded.calls + encoded.values;
}

std::string OpenCalls() {
  dumper::RingCalls ring;
  ring.thread = 1;
  ring.open.resize(3);
  ring.RunStrand(2);
  ring.thread = 4;
  ring.open.resize(1);
  return '\0' + EncodeOpenCalls(ring);
}

}  // namespace
}  // namespace pytrace

int main() {
  return pytrace::fuzz::Run(
      "blocks", {pytrace::Sample(0), pytrace::Sample(3), pytrace::Sample(200), pytrace::OpenCalls()}, &pytrace::Blobs);
}
