#include "dumper/store/value_words.h"

#include <algorithm>
#include <cstring>
#include <random>

#include "dumper/store/block_parts.h"
#include "tests/unit/check.h"

namespace pytrace::store {
namespace {

std::string Fixed(uint64_t word) { return std::string(reinterpret_cast<const char*>(&word), sizeof(word)); }

std::string Message(char tag, const std::string& content) {
  std::string out(1, tag);
  PutVarint(content.size(), &out);
  return out + content;
}

std::string Float(double number) {
  uint64_t word;
  memcpy(&word, &number, sizeof(word));
  return '\x19' + Fixed(word);
}
std::string Int(uint64_t number) {
  std::string out = "\x08";
  PutVarint(number, &out);
  return out;
}
std::string Object(uint32_t type, uint64_t address, const std::string& args = {}) {
  return Message('\x62', Int(type) + '\x11' + Fixed(address) + args);
}
std::string Text(const std::string& text) { return Message('\x2a', text); }
std::string Argument(const std::string& value) { return Message('\x1a', value); }

// A value as the guest writes them.
std::string AnyValue(std::mt19937* random, int depth = 0) {
  auto any = [&](uint32_t below) { return static_cast<uint32_t>((*random)() % below); };
  switch (any(depth < 3 ? 8 : 5)) {
    case 0:
      return Int(any(2) ? any(100) : (*random)());
    case 1:
      return Float(any(3) ? any(50) / 7.0 : (*random)() / 3.0);
    case 2:
      return Object(1 + any(300), 0x7f0000000000 + any(40) * 64);
    case 3:
      return Text(std::string(any(5) ? any(12) : any(300), '\x11'));
    case 4:
      return "\x80\x01\x01";  // omitted
    case 5:
      return Message('\x6a', Int(any(9)) + '\x11' + Fixed((*random)()) + Message('\x1a', AnyValue(random, depth + 1)));
    default:
      std::string items;
      for (uint32_t n = any(any(4) ? 4 : 100); n > 0; --n) items += Message('\x0a', AnyValue(random, depth + 1));
      return Message(any(2) ? '\x3a' : '\x42', items) + "\x88\x01\x07";
  }
}

Block Calls(uint32_t calls) {
  Block block;
  for (uint32_t i = 0; i < calls; ++i) block.Add(1 + i % 7, 1, 100 + i, 0, Start::kCall, 0, "");
  return block;
}

// What must come back when `block` is written in `form`.
void CheckValues(const Block& block, ValueForm form = ValueForm::kWords) {
  EncodedBlock encoded;
  Encode(block, &encoded, form);
  Block back;
  CHECK(DecodeCalls(encoded.calls, encoded.keyframe, &back));
  CHECK(DecodeValues(encoded.values, &back));
  CHECK_EQ(back.args.size(), block.args.size());
  uint32_t wrong = 0;
  for (uint32_t i = 0; i < block.size(); ++i) {
    wrong += back.Args(i) != block.Args(i) || back.Result(i) != block.Result(i);
  }
  CHECK_EQ(wrong, 0u);
}

TEST(ValuesOfAllKindsComeBack) {
  std::mt19937 random(3);
  for (uint32_t calls : {1, 10, 3000, 16384}) {
    Block block;
    for (uint32_t i = 0; i < calls; ++i) {
      std::string values;
      for (uint32_t n = random() % 5; n > 0; --n) values += Argument(AnyValue(&random));
      block.Add(1 + random() % 2000, 1, 100 + i, 0, Start::kCall, 0, values);
      uint32_t ended = random() % block.size();
      if (block.duration_ns[ended] == kOpen) block.End(ended, 1, Outcome::kReturn, AnyValue(&random));
    }
    CheckValues(block);
    CheckValues(block, ValueForm::kBest);
  }
}

// Nothing that looks like a value, up to its last byte.
TEST(BytesThatAreNoValuesComeBack) {
  std::mt19937 random(4);
  constexpr char kLikely[] = "\x11\x19\x1a\x62\x08\x80\x88\x01\x2a\x0a";
  for (int round = 0; round < 300; ++round) {
    Block block;
    for (uint32_t i = 0; i < 50; ++i) {
      std::string values(random() % (random() % 4 ? 30 : 200), '\0');
      for (char& c : values) c = random() % 3 ? kLikely[random() % 10] : static_cast<char>(random());
      block.Add(1 + i % 3, 1, 100 + i, 0, Start::kCall, 0, values);
      std::reverse(values.begin(), values.end());
      block.End(i, 1, Outcome::kReturn, values);
    }
    CheckValues(block);
  }
}

TEST(MoreShapesAndWordsThanThereMayBeComeBack) {
  Block block;
  std::string many;
  for (int i = 0; i < 200; ++i) many += Argument(Float(i * 0.1));
  for (uint32_t i = 0; i < kMaxShapes + 1000; ++i) {
    block.Add(1, 1, 100 + i, 0, Start::kCall, 0,
              i % 100 == 0 ? many : Argument(Text(std::string(i, 't'))) + Argument(Float(1.5)));
    block.End(i, 1, Outcome::kReturn, Float(i * 0.7));
  }
  CheckValues(block);
  CheckValues(block);  // once more, with other shapes left from the block before
  CheckValues(Calls(100));
}

// Whether a word was there before is remembered of a few thousand only, and not from block to block.
TEST(WordsThatWereForgottenComeBack) {
  Block block = Calls(0);
  for (uint32_t i = 0; i < 60000; ++i) {
    block.Add(1, 1, 100 + i, 0, Start::kCall, 0, Argument(Float(i % 20000)) + Argument(Object(1, i % 7)));
  }
  CheckValues(block);
  CheckValues(block);
}

uint8_t VersionOf(const Block& block, EncodedBlock* encoded) {
  Encode(block, encoded);
  return static_cast<uint8_t>(encoded->values[0]);
}

TEST(WordsAreTakenOutWhereThatPays) {
  std::mt19937 random(5);
  Block floats, counts;
  std::vector<double> seen(1, 0.5);
  for (uint32_t i = 0; i < 16384; ++i) {
    seen.push_back(random() / 7.0);
    auto old = [&] { return seen[seen.size() - 1 - std::min<size_t>(seen.size() - 1, random() % 3 * 5)]; };
    floats.Add(1, 1, 100 + i, 0, Start::kCall, 0,
               Argument(Object(1, 0x7f0000000000 + i % 50 * 64)) + Argument(Float(old())) + Argument(Float(old())));
    counts.Add(1, 1, 100 + i, 0, Start::kCall, 0, Argument(Int(i % 30)));
  }
  EncodedBlock best, plain;
  for (int i = 0; i < 50; ++i) CHECK_EQ(VersionOf(counts, &best), kColumnsVersion);
  // It is found out after as many blocks as there may be between two trials, and stays.
  int blocks = 0;
  while (blocks < 100 && VersionOf(floats, &best) == kColumnsVersion) ++blocks;
  CHECK(blocks <= 32);
  for (int i = 0; i < 100; ++i) CHECK_EQ(VersionOf(floats, &best), kWordsVersion);
  Encode(floats, &plain, ValueForm::kPlain);
  CHECK(best.values.size() < plain.values.size() * 3 / 4);
  CheckValues(floats, ValueForm::kBest);
  for (blocks = 0; blocks < 100 && VersionOf(counts, &best) == kWordsVersion;) ++blocks;
  CHECK(blocks <= 32);
  for (int i = 0; i < 100; ++i) CHECK_EQ(VersionOf(counts, &best), kColumnsVersion);
}

TEST(SoManyBytesThatWordsStayInAreReadAgain) {
  Block block = Calls(3000);
  block.End(0, 1, Outcome::kReturn, Text(std::string(kMaxWordsBytes, 'x')));
  for (uint32_t i = 1; i < block.size(); ++i) block.End(i, 1, Outcome::kReturn, Float(i / 7.0));
  CheckValues(block, ValueForm::kBest);
}

// A BLOB of three calls: one has a float as its argument and an object as its result, the others have texts.
struct Parts {
  std::vector<uint32_t> args_shape = {1, 0, 3}, result_shape = {2, 3, 3}, addresses = {0}, floats = {0};
  std::string shapes = std::string("\x0b\x01\x07\x0d\x01\x0a\0\0", 8), sizes = "\x02";
  std::string rest = std::string("\x1a\x09\x19") + "\x62\x0b\x08\x01\x11" + "ab";
  std::string new_addresses = "AAAAAA", new_addresses_high = "aa", new_floats = "FFFFFF", new_floats_high = "ff";

  bool Decode(Block* block) const {
    ColumnWriter writer;
    writer.Begin(3, kWordsVersion);
    writer.Add(kShapes, shapes);
    writer.AddNumbers(kArgsShape, args_shape.data());
    writer.AddNumbers(kResultShape, result_shape.data());
    writer.Add(kSizes, sizes);
    writer.Add(kRest, rest);
    writer.AddNumbers(kAddresses, addresses.data(), static_cast<uint32_t>(addresses.size()));
    writer.Add(kNewAddresses, new_addresses);
    writer.Add(kNewAddresses + 1, new_addresses_high);
    writer.AddNumbers(kFloats, floats.data(), static_cast<uint32_t>(floats.size()));
    writer.Add(kNewFloats, new_floats);
    writer.Add(kNewFloats + 1, new_floats_high);
    std::string blob;
    writer.Finish(&blob);
    *block = Calls(3);
    bool decoded = DecodeValues(blob, block);
    if (!decoded) CHECK(block->Args(0).empty() && block->Result(0).empty() && block->args.empty());
    return decoded;
  }
};

template <class Change>
bool Decodes(Change change) {
  Parts parts;
  change(&parts);
  Block block;
  return parts.Decode(&block);
}

TEST(WhatDoesNotFitTogetherIsRefused) {
  Parts parts;
  Block block;
  CHECK(parts.Decode(&block));
  CHECK_EQ(block.Args(0),
           "\x1a\x09\x19"
           "FFFFFFff");
  CHECK_EQ(block.Result(0),
           "\x62\x0b\x08\x01\x11"
           "AAAAAAaa");
  CHECK_EQ(block.Args(1), "ab");
  CHECK(block.Args(2).empty() && block.Result(1).empty() && block.Result(2).empty());

  CHECK(!Decodes([](Parts* parts) { parts->args_shape[2] = 4; }));
  CHECK(!Decodes([](Parts* parts) { parts->args_shape[2] = 1u << 31; }));
  CHECK(!Decodes([](Parts* parts) { parts->result_shape[2] = 1u << 31; }));
  CHECK(!Decodes([](Parts* parts) { parts->result_shape[0] = 0; }));  // a size too few
  CHECK(!Decodes([](Parts* parts) { parts->sizes += '\x01'; }));      // one too many
  CHECK(!Decodes([](Parts* parts) { parts->sizes = "\x03"; }));       // beyond the rest
  CHECK(!Decodes([](Parts* parts) { parts->sizes = "\x80"; }));
  CHECK(!Decodes([](Parts* parts) { parts->sizes = "\x82\x80\x80\x80\x10"; }));  // right in 32 bits only
  CHECK(!Decodes([](Parts* parts) {                                              // right in 64 bits only
    parts->args_shape = {3, 0, 0};
    parts->result_shape = {3, 3, 3};
    parts->sizes.clear();
    PutVarint(20, &parts->sizes);
    PutVarint(uint64_t{0} - 18, &parts->sizes);
    parts->rest = "ab";
    parts->addresses.clear(), parts->floats.clear();
    for (std::string* part :
         {&parts->new_addresses, &parts->new_addresses_high, &parts->new_floats, &parts->new_floats_high}) {
      part->clear();
    }
  }));
  CHECK(!Decodes([](Parts* parts) { parts->rest.pop_back(); }));
  CHECK(!Decodes([](Parts* parts) { parts->rest += 'c'; }));
  CHECK(!Decodes([](Parts* parts) {  // one from before the first
    parts->floats = {1};
    parts->new_floats.clear(), parts->new_floats_high.clear();
  }));
  CHECK(!Decodes([](Parts* parts) { parts->floats = {0, 1}; }));
  CHECK(!Decodes([](Parts* parts) { parts->new_floats += "G"; }));
  CHECK(!Decodes([](Parts* parts) { parts->new_floats.clear(); }));
  CHECK(!Decodes([](Parts* parts) { parts->new_floats_high = "f"; }));
  CHECK(!Decodes([](Parts* parts) { parts->new_addresses += "AAAAAA", parts->new_addresses_high += "aa"; }));
  CHECK(!Decodes([](Parts* parts) { parts->shapes[0] = '\x0a'; }));  // a word ends beyond its value
  CHECK(!Decodes([](Parts* parts) { parts->shapes[2] = '\x09'; }));
  CHECK(!Decodes([](Parts* parts) { parts->shapes[1] = '\x41'; }));  // more words than there may be
  CHECK(!Decodes([](Parts* parts) { parts->shapes.pop_back(); }));
  CHECK(!Decodes([](Parts* parts) { parts->shapes += "\x80\x80\x80\x40" + std::string(1, '\0'); }));  // too large
  CHECK(!Decodes([](Parts* parts) {
    for (uint32_t i = 0; i < kMaxShapes; ++i) parts->shapes += std::string(2, '\0');
  }));
  CHECK(Decodes([](Parts* parts) {
    for (uint32_t i = 3; i < kMaxShapes; ++i) parts->shapes += std::string(2, '\0');
  }));
}

TEST(MoreBytesThanThereMayBeAreRefused) {
  for (size_t size : {kMaxWordsBytes / 2 - 100, kMaxWordsBytes / 2 + 1}) {
    const bool decodes = Decodes([size](Parts* parts) {
      PutVarint(size, &parts->shapes);
      parts->shapes += '\0';
      parts->args_shape = {1, 4, 4};
      parts->sizes.clear();
      parts->rest.resize(8);
      parts->rest.append(2 * size, 'x');
    });
    CHECK_EQ(decodes, size < kMaxWordsBytes / 2);
  }
}

}  // namespace
}  // namespace pytrace::store
