#include "dumper/store/block.h"

#include <limits>
#include <random>

#include "dumper/store/block_parts.h"
#include "dumper/store/columns.h"
#include "tests/unit/check.h"

namespace pytrace::store {
namespace {

// Anything that a block may hold: open calls, frames, several threads, many functions, values of all sizes.
Block RandomBlock(uint32_t calls, uint32_t functions, std::mt19937* random) {
  auto any = [&](uint32_t below) { return static_cast<uint32_t>((*random)() % below); };
  Block block;
  block.Clear(1 + any(1000));
  int64_t now = 1'700'000'000'000'000'000;
  for (uint32_t i = 0; i < calls; ++i) {
    now += any(50) == 0 ? any(1 << 30) : any(300);
    uint64_t frame = any(10) == 0 ? 0x7f0000000000 + any(1000) : 0;
    std::string values(any(5) == 0 ? any(400) : any(20), static_cast<char>(any(256)));
    block.Add(1 + any(functions) * any(3), 1 + any(4) * any(2), now, any(50) == 0 ? any(5000) : any(20),
              static_cast<Start>(frame ? any(3) : 0), frame, values);
    if (any(3) == 0) continue;
    uint32_t row = any(block.size());
    if (block.duration_ns[row] != kOpen) continue;
    block.End(row, now - block.start_ns[row], static_cast<Outcome>(1 + any(3)), std::string(any(30), 'r'));
  }
  for (uint32_t row = 0; row < calls; row += 1 + any(100))
    block.parent_fixes.push_back({row, static_cast<int64_t>(any(9))});
  block.keyframe = {{1, {{-5, 3, 0, now - 1'000'000}, {7, 1, 1, now - 900'000}}}, {9, {{8, 2, 0, now}}}};
  return block;
}

bool Same(const Keyframe& a, const Keyframe& b) {
  if (a.size() != b.size()) return false;
  for (size_t t = 0; t < a.size(); ++t) {
    if (a[t].thread != b[t].thread || a[t].calls.size() != b[t].calls.size()) return false;
    for (size_t i = 0; i < a[t].calls.size(); ++i) {
      const OpenCall &x = a[t].calls[i], &y = b[t].calls[i];
      if (x.id != y.id || x.function != y.function || x.depth != y.depth || x.start_ns != y.start_ns) return false;
    }
  }
  return true;
}

void CheckRoundTrip(const Block& block, ValueForm form) {
  EncodedBlock encoded;
  Encode(block, &encoded, form);
  Block back;
  back.Add(1, 1, 1, 1, Start::kCall, 1, "left from the block before");
  CHECK(DecodeCalls(encoded.calls, encoded.keyframe, &back));
  CHECK_EQ(back.size(), block.size());
  CHECK(back.function == block.function && back.thread == block.thread);
  CHECK(back.start_ns == block.start_ns && back.duration_ns == block.duration_ns);
  CHECK(back.depth == block.depth && back.outcome == block.outcome);
  CHECK(back.start_kind == block.start_kind && back.frame == block.frame);
  CHECK(Same(back.keyframe, block.keyframe));
  CHECK_EQ(back.parent_fixes.size(), block.parent_fixes.size());
  for (size_t i = 0; i < back.parent_fixes.size(); ++i) {
    CHECK_EQ(back.parent_fixes[i].row, block.parent_fixes[i].row);
    CHECK_EQ(back.parent_fixes[i].parent, block.parent_fixes[i].parent);
  }
  CHECK(back.args.empty() && back.Args(0).empty());
  CHECK(DecodeValues(encoded.values, &back));
  for (uint32_t i = 0; i < block.size(); ++i) {
    CHECK_EQ(back.Args(i), block.Args(i));
    CHECK_EQ(back.Result(i), block.Result(i));
  }
}

void CheckRoundTrip(const Block& block) {
  for (ValueForm form : {ValueForm::kPlain, ValueForm::kWords, ValueForm::kBest}) CheckRoundTrip(block, form);
}

TEST(BlocksComeBackAsTheyWere) {
  std::mt19937 random(1);
  for (uint32_t calls : {1u, 2u, 100u, 3000u, kBlockCalls}) {
    for (uint32_t functions : {1u, 5u, 300u, 70000u}) CheckRoundTrip(RandomBlock(calls, functions, &random));
  }
}

TEST(ExtremeNumbersComeBack) {
  constexpr int64_t kEnd = int64_t{1} << 61;
  Block block;
  block.Clear(1);
  block.Add(1 << 20, 0, -kEnd, 0, Start::kThrow, ~0ull, "");
  block.Add(0, 1, kEnd - 1, std::numeric_limits<uint32_t>::max(), Start::kResume, 1, "");
  block.Add(0, 1, 5, 0, Start::kResume, 0, "");
  block.End(0, kEnd - 2, Outcome::kYield, "");
  block.End(1, 0, Outcome::kYield, "");
  CheckRoundTrip(block);
}

TEST(TimesBeyondAnyClockAreRefused) {
  constexpr int64_t kBeyond = int64_t{1} << 61;
  for (auto [start, duration] : {std::pair{kBeyond, int64_t{1}}, {-kBeyond - 1, 1}, {0, kBeyond}, {0, -2}}) {
    Block block, back;
    block.Clear(1);
    block.Add(1, 1, start, 0, Start::kCall, 0, "");
    block.End(0, duration, Outcome::kReturn, "");
    EncodedBlock encoded;
    Encode(block, &encoded);
    CHECK(!DecodeCalls(encoded.calls, encoded.keyframe, &back));
  }
}

TEST(AnEmptyBlockIsABlock) {
  EncodedBlock encoded;
  Block block;
  block.keyframe = {{3, {{1, 2, 0, 4}}}};
  for (ValueForm form : {ValueForm::kPlain, ValueForm::kWords, ValueForm::kBest}) {
    Encode(block, &encoded, form);
    Block back;
    CHECK(DecodeCalls(encoded.calls, encoded.keyframe, &back));
    CHECK(DecodeValues(encoded.values, &back));
    CHECK_EQ(back.size(), 0u);
    CHECK(Same(back.keyframe, block.keyframe));
  }
}

TEST(TheZoneMapSaysWhatIsInside) {
  Block block;
  block.Clear(41);
  block.Add(9, 2, 100, 0, Start::kCall, 0, "");
  block.Add(4, 1, 110, 7, Start::kCall, 0, "");
  block.Add(9, 2, 120, 1, Start::kCall, 0, "");
  block.End(1, 30, Outcome::kException, "e");
  block.End(2, 5, Outcome::kReturn, "");
  EncodedBlock encoded;
  Encode(block, &encoded);
  CHECK_EQ(encoded.zone.first_id, 41);
  CHECK_EQ(encoded.zone.calls, 3u);
  CHECK_EQ(encoded.zone.first_start_ns, 100);
  CHECK_EQ(encoded.zone.last_start_ns, 120);
  CHECK_EQ(encoded.zone.max_duration_ns, 30);
  CHECK_EQ(encoded.zone.max_depth, 7u);
  CHECK_EQ(encoded.zone.exceptions, 1u);
  CHECK_EQ(encoded.zone.open, 1u);
  std::vector<uint32_t> set;
  CHECK(DecodeSet(encoded.functions, &set));
  CHECK(set == encoded.zone.functions && set == (std::vector<uint32_t>{4, 9}));
  CHECK(DecodeSet(encoded.threads, &set));
  CHECK(set == (std::vector<uint32_t>{1, 2}));
}

TEST(PartsOfALaterVersionAreSkipped) {
  ColumnWriter writer;
  writer.Begin(2);
  writer.Add(200, "from the future");
  uint64_t numbers[] = {1, 1'000'000};
  writer.AddNumbers(4, numbers);
  std::string blob;
  writer.Finish(&blob);
  ColumnReader reader;
  CHECK(reader.Open(blob, 100));
  std::vector<uint64_t> back;
  CHECK(reader.GetNumbers(4, &back));
  CHECK(back == (std::vector<uint64_t>{1, 1'000'000}));
  blob[0] = 2;
  CHECK(!reader.Open(blob, 100));
}

struct Part {
  uint32_t part, codec;
  uint64_t raw_size, size;
};
constexpr uint32_t kRaw = 0, kZstd = 1, kSame = 2;

std::string HandMade(uint32_t rows, const std::vector<Part>& parts, std::string_view payload) {
  std::string blob(1, static_cast<char>(kColumnsVersion));
  PutVarint(rows, &blob);
  PutVarint(parts.size(), &blob);
  for (const Part& part : parts) {
    for (uint64_t number : {uint64_t{part.part}, uint64_t{part.codec}, part.raw_size, part.size})
      PutVarint(number, &blob);
  }
  return blob.append(payload);
}

TEST(AHugeClaimIsRefused) {
  for (uint32_t codec : {kRaw, kZstd, kSame}) {
    std::string blob = HandMade(16, {{8, codec, uint64_t{1} << 40, 1}}, "z");
    ColumnReader reader;
    std::string raw;
    CHECK(reader.Open(blob, 100));
    CHECK(!reader.Get(8, kMaxHeapBytes, &raw));
    CHECK(raw.capacity() < 1000);
  }
}

TEST(APartEndsWithItsBlob) {
  ColumnReader reader;
  std::string raw, blob = HandMade(16, {{8, kRaw, 4, 4}, {9, kRaw, 2, 2}}, "abcdef");
  CHECK(reader.Open(blob, 100) && reader.Get(9, 100, &raw));
  CHECK_EQ(raw, "ef");
  blob.pop_back();
  CHECK(!reader.Open(blob, 100));
  blob.resize(blob.size() - 3);  // the end of the first one, too
  CHECK(!reader.Open(blob, 100));
}

TEST(AColumnHasANumberForEachRow) {
  ColumnReader reader;
  std::vector<uint32_t> numbers;
  for (uint32_t length : {1, 2, 3, 4}) {
    for (uint32_t plane : {0, 1}) {
      std::string blob = HandMade(3, {{4 + plane, kSame, length, 1}, {5 - plane, kSame, 3, 1}}, "ab");
      CHECK(reader.Open(blob, 100));
      CHECK_EQ(reader.GetNumbers(4, &numbers), length == 3);
    }
  }
}

TEST(KindsThatAreNoneAreRefused) {
  Block block;
  block.Add(1, 1, 100, 0, Start::kThrow, 0, "");
  block.End(0, 1, Outcome::kYield, "");
  EncodedBlock encoded;
  Encode(block, &encoded);
  CHECK(DecodeCalls(encoded.calls, encoded.keyframe, &block));
  for (uint32_t start : {3, 4}) {
    block.start_kind[0] = static_cast<Start>(start);
    Encode(block, &encoded);
    CHECK(!DecodeCalls(encoded.calls, encoded.keyframe, &block));
  }
}

// What a reader would cut out of a heap must be in it, and nothing of the heap may be left over.
TEST(SizesThatDoNotAddUpAreRefused) {
  Block block;
  for (int i = 0; i < 3; ++i) block.Add(1, 1, 100 + i, 0, Start::kCall, 0, "");
  EncodedBlock encoded;
  Encode(block, &encoded);
  CHECK(DecodeCalls(encoded.calls, encoded.keyframe, &block));
  using Sizes = std::vector<uint32_t>;
  auto decodes = [&](const Sizes& args, const Sizes& results) {
    ColumnWriter writer;
    writer.Begin(block.size());
    writer.AddNumbers(kArgsSize, args.data());
    writer.Add(kArgs, "arguments");
    writer.AddNumbers(kResultSize, results.data());
    writer.Add(kResults, "results");
    std::string blob;
    writer.Finish(&blob);
    bool decoded = DecodeValues(blob, &block);
    if (!decoded) CHECK(block.Args(2).empty() && block.Result(2).empty());
    return decoded;
  };
  const Sizes args = {4, 0, 5}, results = {0, 6, 1};
  CHECK(decodes(args, results));
  CHECK_EQ(block.Args(2), "ments");
  CHECK_EQ(block.Result(2), "s");
  // Too much, too little, and sums that are right in 32 bits only.
  CHECK(!decodes({4, 1, 5}, results));
  CHECK(!decodes({4, 0, 4}, results));
  CHECK(!decodes({4, 0xffffffff, 6}, results));
  CHECK(!decodes(args, {0, 6, 2}));
  CHECK(!decodes(args, {0, 0, 1}));
  CHECK(!decodes(args, {0xfffffff0, 0x10, 7}));
}

void Damage(std::string* bytes, std::mt19937* random) {
  for (int k = 1 + (*random)() % 3; k > 0 && !bytes->empty(); --k) {
    (*bytes)[(*random)() % bytes->size()] = static_cast<char>((*random)());
  }
  if ((*random)() % 8 == 0) bytes->resize((*random)() % (bytes->size() + 1));
}

// Nothing to compare: the sanitizers judge, and whatever is accepted must be addressable.
TEST(DamagedBytesNeverHarm) {
  std::mt19937 random(7);
  std::vector<EncodedBlock> blocks(8);
  for (size_t i = 0; i < blocks.size(); ++i) {
    Encode(RandomBlock(20 + 30 * i, 1 + 40 * i, &random), &blocks[i], i % 2 ? ValueForm::kWords : ValueForm::kPlain);
  }
  Block back;
  uint64_t accepted = 0, bytes = 0;
  for (int round = 0; round < 100'000; ++round) {
    EncodedBlock encoded = blocks[random() % blocks.size()];
    switch (random() % 4) {
      case 0:
        Damage(&encoded.calls, &random);
        break;
      case 1:
        Damage(&encoded.values, &random);
        break;
      case 2:
        Damage(&encoded.keyframe, &random);
        break;
      case 3:
        Damage(&encoded.functions, &random);
        break;
    }
    std::vector<uint32_t> set;
    DecodeSet(encoded.functions, &set);
    if (!DecodeCalls(encoded.calls, encoded.keyframe, &back)) continue;
    accepted += DecodeValues(encoded.values, &back);
    for (uint32_t row = 0; row < back.size(); ++row) {
      for (char c : back.Args(row)) bytes += static_cast<uint8_t>(c);
      for (char c : back.Result(row)) bytes += static_cast<uint8_t>(c);
    }
    for (const ParentFix& fix : back.parent_fixes) CHECK(fix.row < back.size());
  }
  CHECK(accepted > 0 && bytes > 0);
}

}  // namespace
}  // namespace pytrace::store
