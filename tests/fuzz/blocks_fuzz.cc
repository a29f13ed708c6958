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

// An object, a text, a float: some that come again and some that do not.
std::string Values(uint32_t i) {
  std::string values(
      "\x1a\x0d\x62\x0b\x08\x02\x11"
      "AAAAAAAA"
      "\x1a\x03\x2a\x01x\x1a\x09\x19"
      "FFFFFFFF",
      31);
  values[7] = static_cast<char>(i % 4 * 16);
  values[24] = static_cast<char>(i * i);
  return values.substr(0, i % 5 == 0 ? 20 : 31);
}

std::string Sample(uint32_t calls, store::ValueForm form) {
  store::Block block;
  for (uint32_t i = 0; i < calls; ++i) {
    uint32_t row = block.Add(1 + i % 5, 1 + i % 2, 1'700'000'000'000'000'000 + i * 100, i % 7, store::Start::kCall,
                             i % 11 == 0 ? i * 64 : 0, Values(i));
    if (i % 3 != 0) block.End(row, 50 + i, store::Outcome::kReturn, i % 2 ? "\x08\x04" : Values(i).substr(2, 13));
  }
  store::EncodedBlock encoded;
  Encode(block, &encoded, form);
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
  using pytrace::Sample;
  constexpr auto kPlain = pytrace::store::ValueForm::kPlain, kWords = pytrace::store::ValueForm::kWords;
  return pytrace::fuzz::Run("blocks",
                            {Sample(0, kPlain), Sample(3, kPlain), Sample(200, kPlain), Sample(0, kWords),
                             Sample(3, kWords), Sample(200, kWords), pytrace::OpenCalls()},
                            &pytrace::Blobs);
}
