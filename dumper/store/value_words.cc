#include "dumper/store/value_words.h"

#include <algorithm>
#include <cstring>

#include "dumper/store/block_parts.h"

namespace pytrace::store {
namespace {

// What a byte begins, in any of the messages of record.proto that lie in a value: no two of them use one tag for
// different things, as far as words are concerned.
enum class Field : uint8_t { kNone, kVarint, kAddress, kFloat, kMessage, kBytes };

constexpr std::array<Field, 256> MakeFields() {
  std::array<Field, 256> fields = {};
  for (uint32_t tag = 0; tag < 256; ++tag) {
    if ((tag & 7) == 0) fields[tag] = Field::kVarint;
    if ((tag & 7) == 2) fields[tag] = Field::kBytes;
  }
  fields[0x11] = Field::kAddress;  // Object.address
  fields[0x19] = Field::kFloat;    // Value.float
  // Enter.values and Object.args; Items.items; tuple, list, set, frozenset, dict; object, exception
  for (uint32_t tag : {0x1a, 0x0a, 0x3a, 0x42, 0x4a, 0x52, 0x5a, 0x62, 0x6a}) fields[tag] = Field::kMessage;
  return fields;
}
constexpr std::array<Field, 256> kFields = MakeFields();

}  // namespace

// How many are new.
uint32_t WordDistances::Measure(const uint64_t* words, uint32_t count) {
  uint32_t* const distances = distances_.Room(count);
  uint64_t* const fresh = new_.Room(count);
  uint32_t fresh_count = 0;
  const uint64_t begin = now_;
  uint64_t now = begin;
  for (uint32_t i = 0; i < count; ++i) {
    const uint64_t word = words[i];
    Set& set = sets_[word * 0x9e3779b97f4a7c15u >> (64 - kSetBits)];
    uint32_t at = set.word[0] != word;
    ++now;
    if (set.word[at] == word && set.seen[at] > begin) {
      distances[i] = static_cast<uint32_t>(now - set.seen[at]);
    } else {
      if (set.word[at] != word) at = set.seen[0] > set.seen[1];
      set.word[at] = word;
      fresh[fresh_count++] = word;
      distances[i] = 0;
    }
    set.seen[at] = now;
  }
  now_ = now;
  return fresh_count;
}

void WordDistances::WriteNew(WordKind kind, uint32_t n, ColumnWriter* writer) {
  low_.resize(size_t{n} * kLowBytes);
  high_.resize(size_t{n} * (kWordBytes - kLowBytes));
  uint32_t round = 0;
  const uint64_t* const fresh = new_.get();
  for (uint32_t i = 0; i < n; ++i) {
    round += (fresh[i] & 0xffff) == 0;
    for (uint32_t k = 0; k < kLowBytes; ++k) low_[k * n + i] = static_cast<char>(fresh[i] >> (8 * k));
    for (uint32_t k = kLowBytes; k < kWordBytes; ++k) {
      high_[(k - kLowBytes) * n + i] = static_cast<char>(fresh[i] >> (8 * k));
    }
  }
  const uint32_t part = kind == kFloat ? kNewFloats : kNewAddresses;
  const bool noise = kind == kFloat && round * 8 < n;
  if (noise) {
    writer->AddRaw(part, low_);
  } else {
    writer->Add(part, low_);
  }
  writer->Add(part + 1, high_);
}

void WordDistances::Write(WordKind kind, const uint64_t* words, uint32_t count, ColumnWriter* writer) {
  if (count == 0) return;
  const uint32_t fresh = Measure(words, count);
  writer->AddNumbers(kind == kFloat ? kFloats : kAddresses, distances_.get(), count);
  WriteNew(kind, fresh, writer);
}

void WordEncoder::Begin(const Block& block) {
  ++block_;
  if (shapes_.empty() || shapes_.size() > kMaxShapes) {
    ++era_;
    places_.assign(Shape::kStraightArgs, {});
    shapes_.assign(1, {});
    std::fill(shape_table_.begin(), shape_table_.end(), 0);
  }
  block_shapes_.assign(1, 0);
  sizes_.clear();
  args_shape_.resize(block.size());
  result_shape_.resize(block.size());
}

void WordEncoder::WriteShapes(ColumnWriter* writer) {
  shape_bytes_.clear();
  for (size_t i = 1; i < block_shapes_.size(); ++i) {
    const Shape& shape = shapes_[block_shapes_[i]];
    PutVarint(shape.size, &shape_bytes_);
    PutVarint(shape.count, &shape_bytes_);
    for (uint32_t k = 0; k < shape.count; ++k) {
      const WordPlace& place = places_[shape.first + k];
      PutVarint(uint64_t{place.gap} << 1 | place.is_float, &shape_bytes_);
    }
  }
  writer->Add(kShapes, shape_bytes_);
  writer->AddNumbers(kArgsShape, args_shape_.data());
  writer->AddNumbers(kResultShape, result_shape_.data());
  writer->Add(kSizes, sizes_);
}

template <uint32_t kStraight>
__attribute__((always_inline)) inline uint32_t WordEncoder::ShapeOf(uint32_t function, const char* value,
                                                                    uint32_t size) {
  Template* like = &templates_[(function * 0x9e3779b1u + size * 0x85ebca6bu) >> (32 - kTemplateBits)];
  uint64_t differ = like->era_and_size ^ (era_ << 32 | size);
  auto compare = [&](uint32_t i) __attribute__((always_inline)) {
    uint64_t two[2];
    memcpy(two, value + i * 8, sizeof(two));
    differ |= (two[0] ^ like->bytes[i]) & like->mask[i];
    differ |= (two[1] ^ like->bytes[i + 1]) & like->mask[i + 1];
  };
  constexpr uint32_t kStraightParts = kStraight * 2;
  for (uint32_t i = 0; i < kStraightParts; i += 2) compare(i);
  for (uint32_t i = kStraightParts; i * 8 < std::min(size, kTemplateBytes); i += 2) compare(i);
  if (differ == 0) [[likely]]
    return like->shape;
  return Learn(value, size, like);
}

// A shape that the block has not had; or the one that is none, whose size is told.
void WordEncoder::Meet(Shape* shape, uint32_t size) {
  if (shape == shapes_.data()) {
    PutVarint(size, &sizes_);
    return;
  }
  shape->block = block_;
  shape->index = static_cast<uint32_t>(block_shapes_.size());
  block_shapes_.push_back(static_cast<uint32_t>(shape - shapes_.data()));
}

// Inlined, or else what is behind `out` is in memory, and each step waits for the one before.
template <uint32_t kStraight>
__attribute__((always_inline)) inline uint32_t WordEncoder::Take(uint32_t function, std::string_view heap, size_t at,
                                                                 uint32_t size, Cursor* out) {
  const char* value = heap.data() + at;
  // Templates and pieces are read as a whole.
  if (heap.size() - at < size + kTemplateBytes) [[unlikely]] {
    tail_.assign(heap.substr(at, size));
    tail_.resize(size + kTemplateBytes);
    value = tail_.data();
  }
  Shape& shape = shapes_[ShapeOf<kStraight>(function, value, size)];
  if (shape.block != block_) [[unlikely]]
    Meet(&shape, size);
  Cursor to = *out;
  const char* const end = value + size;
  auto copy = [&](size_t bytes) __attribute__((always_inline)) {
    memcpy(to.rest, value, kPiece);
    if (bytes > kPiece) [[unlikely]]
      memcpy(to.rest + kPiece, value + kPiece, bytes - kPiece);
    to.rest += bytes;
    value += bytes;
  };
  auto take = [&](const WordPlace& place) __attribute__((always_inline)) {
    copy(place.gap);
    uint64_t word;
    memcpy(&word, value, kWordBytes);
    *to.addresses = *to.floats = word;
    to.addresses += place.is_address;
    to.floats += place.is_float;
    value += (place.is_address + place.is_float) * kWordBytes;
  };
  const WordPlace* place = places_.data() + shape.first;
  for (uint32_t k = 0; k < kStraight; ++k) take(place[k]);
  for (uint32_t k = kStraight; k < shape.count; ++k) take(place[k]);
  copy(end - value);
  *out = to;
  return shape.index;
}

void WordEncoder::Write(const Block& block, ColumnWriter* writer) {
  Begin(block);
  const size_t bytes = block.args.size() + block.results.size();
  const size_t most_words = bytes / (kWordBytes + 1) + 1;
  Cursor to = {rest_.Room(bytes + kPiece), words_[kAddress].Room(most_words), words_[kFloat].Room(most_words)};
  uint32_t at = 0;
  for (uint32_t i = 0, n = block.size(); i < n; ++i) {
    const uint32_t size = block.args_end[i] - at, function = block.function[i] * 2;
    args_shape_[i] = Take<Shape::kStraightArgs>(function, block.args, at, size, &to);
    at += size;
    result_shape_[i] =
        Take<Shape::kStraightResult>(function + 1, block.results, block.result_at[i], block.result_size[i], &to);
  }
  WriteShapes(writer);
  writer->Add(kRest, std::string_view(rest_.get(), to.rest - rest_.get()));
  const uint64_t *addresses = words_[kAddress].get(), *floats = words_[kFloat].get();
  distances_[kAddress].Write(kAddress, addresses, static_cast<uint32_t>(to.addresses - addresses), writer);
  distances_[kFloat].Write(kFloat, floats, static_cast<uint32_t>(to.floats - floats), writer);
}

// Finds the words, in whatever bytes; where they are no values it finds others, and that is as good.
void WordEncoder::Walk(const char* value, uint32_t size, uint8_t* mask) {
  const uint8_t* bytes = reinterpret_cast<const uint8_t*>(value);
  uint32_t at = 0, end_of_last = 0;
  auto fixed = [&] {
    mask[at] = 0xff;
    return bytes[at++];
  };
  while (at < size) {
    const uint8_t tag = fixed();
    Field field = kFields[tag];
    if (tag >= 0x80) {
      if (at == size || bytes[at] >= 0x80) return;
      fixed();
      field = (tag & 7) == 0 ? Field::kVarint : (tag & 7) == 2 ? Field::kBytes : Field::kNone;
    }
    if (field == Field::kVarint) {
      for (bool more = true; more && at < size; ++at) {
        mask[at] = 0x80;
        more = bytes[at] >= 0x80;
      }
    } else if (field == Field::kAddress || field == Field::kFloat) {
      if (size - at < kWordBytes) return;
      walked_.push_back({at - end_of_last, field == Field::kAddress, field == Field::kFloat});
      end_of_last = at += kWordBytes;
    } else if (field == Field::kMessage || field == Field::kBytes) {
      uint32_t length = 0;
      for (int shift = 0; at < size && shift < 28; shift += 7) {
        const uint8_t byte = fixed();
        length |= (byte & 0x7fu) << shift;
        if (byte < 0x80) break;
      }
      if (length > size - at) return;
      if (field == Field::kBytes) at += length;
    } else {
      return;
    }
  }
}

uint32_t WordEncoder::Learn(const char* value, uint32_t size, Template* like) {
  uint8_t mask[kTemplateBytes] = {};
  walked_.clear();
  if (size <= kTemplateBytes) Walk(value, size, mask);
  like->era_and_size = era_ << 32 | size;
  like->shape = FindShape(size);
  memcpy(like->bytes, value, sizeof(like->bytes));
  memcpy(like->mask, mask, sizeof(mask));
  return like->shape;
}

// Of a value of `size` bytes with the words that were walked over. 0: there are too many shapes.
uint32_t WordEncoder::FindShape(uint32_t size) {
  uint32_t hash = size * 0x9e3779b1u;
  for (const WordPlace& place : walked_) hash = (hash ^ (place.gap << 1 | place.is_float)) * 0x9e3779b1u;
  uint32_t slot = hash >> 16;
  for (;; ++slot) {
    const uint32_t found = shape_table_[slot %= shape_table_.size()];
    if (found == 0) break;
    const Shape& shape = shapes_[found];
    if (shape.size == size && shape.count == walked_.size() &&
        std::equal(walked_.begin(), walked_.end(), places_.begin() + shape.first)) {
      return found;
    }
  }
  if (shapes_.size() > kMaxShapes) return 0;
  shape_table_[slot] = static_cast<uint32_t>(shapes_.size());
  shapes_.push_back({size, static_cast<uint32_t>(places_.size()), static_cast<uint32_t>(walked_.size())});
  places_.insert(places_.end(), walked_.begin(), walked_.end());
  places_.resize(places_.size() + Shape::kStraightArgs);
  return shape_table_[slot];
}

}  // namespace pytrace::store
