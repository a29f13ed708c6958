// Words: what takes a fixed eight bytes in values, addresses of objects and floats. Where there are many they are most
// of what a block's values cost, and no general compressor sees them for what they are; so they are taken out of the
// values' bytes, and each is told by how long ago the same one was there. docs/store-schema.md, "Words", has the bytes.
#ifndef PYTRACE_DUMPER_STORE_VALUE_WORDS_H_
#define PYTRACE_DUMPER_STORE_VALUE_WORDS_H_

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dumper/store/block.h"
#include "dumper/store/columns.h"

namespace pytrace::store {

enum WordKind : uint8_t { kAddress = 0, kFloat = 1 };
inline constexpr size_t kWordKinds = 2;
inline constexpr uint32_t kWordBytes = 8;
inline constexpr uint32_t kLowBytes = 6;                   // of a word: in floats that were computed they are noise
inline constexpr uint32_t kMaxWords = 64;                  // of one value; what follows stays where it is
inline constexpr size_t kMaxWordsBytes = 4 * kBlockBytes;  // of values whose words may be apart
inline constexpr uint32_t kMaxShapes = 4096;               // of one block; values beyond have none
inline constexpr uint32_t kPiece = 16;  // between words there are mostly fewer bytes, so as many are copied at once

// A word of a shape, behind `gap` bytes that are none.
struct WordPlace {
  uint32_t gap = 0;
  uint8_t is_address = 0, is_float = 0;  // one of them is 1
  bool operator==(const WordPlace&) const = default;
};

// What values have in common: their size, and where their words are. Behind the places of each there are as many that
// are none, so that the first kStraight are done without a look at how many there are, which no branch predictor knows.
struct Shape {
  static constexpr uint32_t kStraightArgs = 3, kStraightResult = 1;

  uint32_t size = 0;              // of the value, words included
  uint32_t first = 0, count = 0;  // its places
  uint32_t floats = 0;            // of them; for the decoder
  uint32_t index = 0;             // in the block; for the encoder
  uint64_t block = 0;             // the last one that it occurs in; for the encoder
};

// Memory without zeros, for what is written once.
template <class T>
class Scratch {
 public:
  T* Room(size_t n) {
    if (room_ < n) {
      room_ = n + n / 4;
      memory_ = std::make_unique_for_overwrite<T[]>(room_);
    }
    return memory_.get();
  }
  T* get() const { return memory_.get(); }

 private:
  std::unique_ptr<T[]> memory_;
  size_t room_ = 0;
};

// Words of one kind, in the order in which they come, as distances.
class WordDistances {
 public:
  void Write(WordKind kind, const uint64_t* words, uint32_t count, ColumnWriter* writer);

 private:
  static constexpr uint32_t kSetBits = 11;

  // A word that is forgotten is new again.
  struct Set {
    uint64_t word[2];
    uint64_t seen[2];  // counted on from block to block, so that what an earlier one has left counts as not seen
  };

  uint32_t Measure(const uint64_t* words, uint32_t count);
  void WriteNew(WordKind kind, uint32_t count, ColumnWriter* writer);

  std::vector<Set> sets_ = std::vector<Set>(1u << kSetBits);  // by hash
  uint64_t now_ = 0;
  Scratch<uint32_t> distances_;
  Scratch<uint64_t> new_;
  std::string low_, high_;
};

class WordEncoder {
 public:
  // Everything about the values of `block`, which are kMaxWordsBytes at most, into `writer`, which has begun.
  void Write(const Block& block, ColumnWriter* writer);

 private:
  static constexpr uint32_t kTemplateBits = 12;
  static constexpr uint32_t kTemplateBytes = 96;  // longer values keep their words: they are texts and lists mostly
  static_assert(kTemplateBytes / kWordBytes <= kMaxWords);

  // The bytes of a value that decide where its words are, and its shape: another one that has the same there need not
  // be walked. There is one for a function and a size, and most values agree.
  struct Template {
    uint64_t era_and_size = 0;
    uint32_t shape;
    uint64_t bytes[kTemplateBytes / 8], mask[kTemplateBytes / 8];
  };
  // Where the next bytes and words go.
  struct Cursor {
    char* rest;
    uint64_t *addresses, *floats;
  };

  void Begin(const Block& block);
  template <uint32_t kStraight>
  __attribute__((always_inline)) uint32_t Take(uint32_t function, std::string_view heap, size_t at, uint32_t size,
                                               Cursor* out);
  template <uint32_t kStraight>
  __attribute__((always_inline)) uint32_t ShapeOf(uint32_t function, const char* value, uint32_t size);
  uint32_t Learn(const char* value, uint32_t size, Template* like);
  void Walk(const char* value, uint32_t size, uint8_t* mask);
  uint32_t FindShape(uint32_t size);
  void Meet(Shape* shape, uint32_t size);
  void WriteShapes(ColumnWriter* writer);

  uint64_t block_ = 0;  // how many there were
  uint64_t era_ = 0;    // how often the shapes became too many and were forgotten
  std::vector<Template> templates_ = std::vector<Template>(1u << kTemplateBits);
  std::vector<WordPlace> places_, walked_;
  std::vector<Shape> shapes_;           // those of earlier blocks are kept: they come again
  std::vector<uint32_t> block_shapes_;  // the block's, by its index
  std::vector<uint32_t> shape_table_ = std::vector<uint32_t>(2 * kMaxShapes);  // by hash
  std::vector<uint32_t> args_shape_, result_shape_;
  std::array<Scratch<uint64_t>, kWordKinds> words_;
  std::array<WordDistances, kWordKinds> distances_;
  Scratch<char> rest_;
  std::string sizes_, tail_, shape_bytes_;
};

// The values of a BLOB of kWordsVersion into `out`, which has blob.rows() calls. False: damaged.
bool DecodeWithWords(const ColumnReader& blob, Block* out);

}  // namespace pytrace::store

#endif  // PYTRACE_DUMPER_STORE_VALUE_WORDS_H_
