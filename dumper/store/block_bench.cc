// How fast blocks are encoded and decoded, and how large they are. Without an argument on synthetic calls in the manner
// of a raytracer; with a file of recorded calls on those: { u8 1, u32 function, u16 size, values } for a start, { u8 2,
// u16 size, value } for an end.
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "dumper/store/block.h"
#include "dumper/store/statement.h"

namespace pytrace::store {
namespace {

// The CPU's time of this thread: what else runs on the machine does not count.
double Now() {
  timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

// Builds blocks from starts and ends, as the dumper does.
class Builder {
 public:
  explicit Builder(uint32_t rows) : rows_(rows) {}
  void Start(uint32_t function, std::string_view values) {
    Tick();
    if (block_.full(rows_)) Flush();
    uint32_t depth = static_cast<uint32_t>(stack_.size());
    stack_.push_back({block_.next_id(), function, depth, now_});
    block_.Add(function, 1, now_, depth, Start::kCall, 0, values);
  }
  void End(std::string_view value) {
    Tick();
    if (stack_.empty()) return;
    OpenCall call = stack_.back();
    stack_.pop_back();
    if (call.id >= block_.first_id) {
      block_.End(static_cast<uint32_t>(call.id - block_.first_id), now_ - call.start_ns, Outcome::kReturn, value);
    }
  }
  size_t depth() const { return stack_.size(); }
  std::vector<Block>& blocks() { return blocks_; }

 private:
  void Tick() { now_ += 25 + static_cast<int64_t>(random_() % 16 * (random_() % 8)); }
  void Flush() {
    blocks_.push_back(block_);
    block_.Clear(block_.next_id());
    block_.keyframe = {{1, stack_}};
  }

  const uint32_t rows_;
  std::mt19937 random_{1};
  int64_t now_ = 1'700'000'000'000'000'000;
  std::vector<OpenCall> stack_;
  Block block_;
  std::vector<Block> blocks_;
};

void PutNumber(uint64_t value, std::string* out) {
  for (; value >= 0x80; value >>= 7) out->push_back(static_cast<char>(value | 0x80));
  out->push_back(static_cast<char>(value));
}

// Value{object} with an address out of a free list.
std::string Object(std::mt19937* random) {
  std::string inner = "\x08";
  PutNumber(1 + (*random)() % 8, &inner);
  inner.push_back(0x10);
  PutNumber(0x7f5c10000000 + (*random)() % 40 * 48 + ((*random)() % 16 == 0 ? (*random)() % 65536 * 48 : 0), &inner);
  std::string value = "\x62";
  PutNumber(inner.size(), &value);
  return value + inner;
}

void Synthesize(uint32_t calls, Builder* builder) {
  std::mt19937 random(2);
  for (uint32_t i = 0; i < calls; ++i) {
    std::string values;
    for (int k = 1 + random() % 2; k > 0; --k) {
      std::string value = Object(&random);
      values.push_back(0x1a);
      PutNumber(value.size(), &values);
      values += value;
    }
    builder->Start(1 + random() % 6 * (random() % 6), values);
    while (builder->depth() > 3 + random() % 6) builder->End(random() % 3 ? Object(&random) : std::string());
  }
}

// The calls of a recording of one thread, in blocks of `rows`.
bool Load(const char* path, Builder* builder) {
  sqlite3* db;
  if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, nullptr) != SQLITE_OK) return false;
  Statement all(db, "SELECT first_id, call_columns, keyframe, value_columns FROM blocks ORDER BY first_id");
  std::vector<std::string> results;  // of the open calls
  Block block;
  while (all.ok() && all.Step()) {
    block.Clear(all.IntAt(0));
    if (!DecodeCalls(all.BlobAt(1), all.BlobAt(2), &block) || !DecodeValues(all.BlobAt(3), &block)) return false;
    for (uint32_t i = 0; i < block.size(); ++i) {
      for (; results.size() > block.depth[i]; results.pop_back()) builder->End(results.back());
      if (results.size() != block.depth[i]) return false;
      builder->Start(block.function[i], block.Args(i));
      results.emplace_back(block.Result(i));
    }
  }
  sqlite3_close(db);
  return !builder->blocks().empty();
}

int Bench(const std::vector<Block>& blocks) {
  constexpr int kRounds = 5;
  std::vector<EncodedBlock> encoded(blocks.size());
  double calls = 0, call_bytes = 0, value_bytes = 0, raw_values = 0, encode = 1e9, decode = 1e9, values = 1e9;
  for (const Block& block : blocks) calls += block.size(), raw_values += block.args.size() + block.results.size();
  Block decoded;
  for (int round = 0; round < kRounds; ++round) {
    double start = Now();
    for (size_t i = 0; i < blocks.size(); ++i) Encode(blocks[i], &encoded[i]);
    encode = std::min(encode, Now() - start);
    start = Now();
    for (const EncodedBlock& block : encoded) {
      if (!DecodeCalls(block.calls, block.keyframe, &decoded)) return 1;
    }
    decode = std::min(decode, Now() - start);
    start = Now();
    for (const EncodedBlock& block : encoded) {
      if (!DecodeCalls(block.calls, block.keyframe, &decoded) || !DecodeValues(block.values, &decoded)) return 1;
    }
    values = std::min(values, Now() - start);
  }
  for (const EncodedBlock& block : encoded) {
    call_bytes += block.calls.size() + block.keyframe.size();
    value_bytes += block.values.size();
  }
  printf("%.0f calls, %.1f bytes of values each\n", calls, raw_values / calls);
  printf("size    %5.2f bytes a call: %.2f columns, %.2f values\n", (call_bytes + value_bytes) / calls,
         call_bytes / calls, value_bytes / calls);
  printf("encode  %5.1f M calls/s\n", calls / encode / 1e6);
  printf("decode  %5.1f M calls/s columns, %.1f with values\n", calls / decode / 1e6, calls / values / 1e6);
  return 0;
}

}  // namespace
}  // namespace pytrace::store

int main(int argc, char** argv) {
  using namespace pytrace::store;
  Builder builder(argc > 2 ? static_cast<uint32_t>(atoi(argv[2])) : kBlockCalls);
  if (argc > 1 ? !Load(argv[1], &builder) : (Synthesize(1'000'000, &builder), false)) return 2;
  return Bench(builder.blocks());
}
