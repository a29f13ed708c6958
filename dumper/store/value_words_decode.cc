// Words back into the values that they were taken out of. Any bytes are safe to decode.
#include <algorithm>
#include <cstring>

#include "dumper/store/block_parts.h"
#include "dumper/store/value_words.h"

namespace pytrace::store {
namespace {

constexpr uint64_t kMaxShapeBytes = uint64_t{kMaxShapes} * (kMaxWords + 2) * 5;

struct Shapes {
  std::vector<Shape> all;
  std::vector<WordPlace> places;

  bool Decode(const ColumnReader& blob);
  bool DecodeOne(VarintReader* in);
};

bool Shapes::Decode(const ColumnReader& blob) {
  std::string bytes;
  if (!blob.Get(kShapes, kMaxShapeBytes, &bytes)) return false;
  places.assign(Shape::kStraightArgs, {});
  all.assign(1, {});
  for (VarintReader in(bytes); !in.AtEnd();) {
    if (all.size() > kMaxShapes || !DecodeOne(&in)) return false;
  }
  return true;
}

bool Shapes::DecodeOne(VarintReader* in) {
  const uint64_t size = in->Next(), count = in->Next();
  if (!in->ok || size > kMaxWordsBytes || count > kMaxWords) return false;
  Shape shape = {static_cast<uint32_t>(size), static_cast<uint32_t>(places.size()), static_cast<uint32_t>(count)};
  uint64_t left = size;
  for (uint64_t i = 0; i < count; ++i) {
    const uint64_t place = in->Next(), gap = place >> 1;
    if (!in->ok || gap > left || left - gap < kWordBytes) return false;
    left -= gap + kWordBytes;
    const uint8_t is_float = place & 1;
    places.push_back({static_cast<uint32_t>(gap), !is_float, is_float});
    shape.floats += is_float;
  }
  all.push_back(shape);
  places.resize(places.size() + Shape::kStraightArgs);
  return true;
}

// The words of a kind, in their order; behind them is room for one that nobody wants.
bool DecodeWords(const ColumnReader& blob, WordKind kind, uint64_t count, std::vector<uint64_t>* words) {
  thread_local std::vector<uint32_t> distances;
  thread_local std::string low, high;
  const uint32_t part = kind == kFloat ? kFloats : kAddresses, new_part = kind == kFloat ? kNewFloats : kNewAddresses;
  const uint32_t n = static_cast<uint32_t>(count);
  if (!blob.GetNumbers(part, n, &distances) || !blob.Get(new_part, count * kLowBytes, &low) ||
      !blob.Get(new_part + 1, count * (kWordBytes - kLowBytes), &high)) {
    return false;
  }
  const size_t fresh = std::count(distances.begin(), distances.end(), 0u);
  if (low.size() != fresh * kLowBytes || high.size() != fresh * (kWordBytes - kLowBytes)) return false;
  words->resize(n + 1);
  size_t next = 0;
  for (uint32_t i = 0; i < n; ++i) {
    const uint32_t distance = distances[i];
    if (distance != 0) {
      if (distance > i) return false;
      (*words)[i] = (*words)[i - distance];
      continue;
    }
    uint64_t word = 0;
    for (uint32_t k = 0; k < kLowBytes; ++k) word |= uint64_t{static_cast<uint8_t>(low[k * fresh + next])} << (8 * k);
    for (uint32_t k = kLowBytes; k < kWordBytes; ++k) {
      word |= uint64_t{static_cast<uint8_t>(high[(k - kLowBytes) * fresh + next])} << (8 * k);
    }
    (*words)[i] = word;
    ++next;
  }
  return true;
}

// Puts values together. Both where they come from and where they go have room behind them.
struct Joiner {
  const char* rest;
  const uint64_t *addresses, *floats;

  template <uint32_t kStraight>
  __attribute__((always_inline)) char* Join(const Shape& shape, const WordPlace* place, uint32_t size, char* to) {
    char* const end = to + size;
    for (uint32_t k = 0; k < kStraight; ++k) to = Put(place[k], to);
    for (uint32_t k = kStraight; k < shape.count; ++k) to = Put(place[k], to);
    return Copy(end - to, to);
  }
  __attribute__((always_inline)) char* Put(const WordPlace& place, char* to) {
    to = Copy(place.gap, to);
    const uint64_t word = *addresses ^ ((*addresses ^ *floats) & -uint64_t{place.is_float});
    memcpy(to, &word, kWordBytes);
    addresses += place.is_address;
    floats += place.is_float;
    return to + (place.is_address + place.is_float) * kWordBytes;
  }
  __attribute__((always_inline)) char* Copy(size_t bytes, char* to) {
    memcpy(to, rest, kPiece);
    if (bytes > kPiece) [[unlikely]]
      memcpy(to + kPiece, rest + kPiece, bytes - kPiece);
    rest += bytes;
    return to + bytes;
  }
};

class Values {
 public:
  bool Decode(const ColumnReader& blob, Block* out) {
    return shapes_.Decode(blob) && blob.GetNumbers(kArgsShape, &args_) && blob.GetNumbers(kResultShape, &results_) &&
           Measure(blob, out) && DecodeRest(blob) && (Join(out), true);
  }

 private:
  bool Measure(const ColumnReader& blob, Block* out);
  bool DecodeRest(const ColumnReader& blob);
  void Join(Block* out) const;

  Shapes shapes_;
  std::vector<uint32_t> args_, results_;  // shapes
  uint64_t args_bytes_, results_bytes_, count_[kWordKinds];
  std::vector<uint64_t> words_[kWordKinds];
  std::string sizes_, rest_;
};

// Where the values will be, and how many words they have.
bool Values::Measure(const ColumnReader& blob, Block* out) {
  const uint32_t n = blob.rows();
  if (!blob.Get(kSizes, uint64_t{n} * 2 * 5, &sizes_)) return false;
  VarintReader sizes(sizes_);
  uint64_t words = 0, floats = 0, args = 0, results = 0;
  auto size_of = [&](uint32_t index) {
    const Shape& shape = shapes_.all[index];
    // One more than there may be is as good as more, and cannot wrap round in a sum.
    const uint64_t size = index != 0 ? shape.size : std::min<uint64_t>(sizes.Next(), kMaxWordsBytes + 1);
    words += shape.count;
    floats += shape.floats;
    return size;
  };
  out->args_end.resize(n);
  out->result_at.resize(n);
  out->result_size.resize(n);
  for (uint32_t i = 0; i < n; ++i) {
    if (args_[i] >= shapes_.all.size() || results_[i] >= shapes_.all.size()) return false;
    args += size_of(args_[i]);
    const uint64_t result = size_of(results_[i]);
    if (!sizes.ok || args + results + result > kMaxWordsBytes) return false;
    out->args_end[i] = static_cast<uint32_t>(args);
    out->result_at[i] = static_cast<uint32_t>(results);
    out->result_size[i] = static_cast<uint32_t>(result);
    results += result;
  }
  args_bytes_ = args;
  results_bytes_ = results;
  count_[kAddress] = words - floats;
  count_[kFloat] = floats;
  return sizes.AtEnd();
}

bool Values::DecodeRest(const ColumnReader& blob) {
  uint64_t bytes = args_bytes_ + results_bytes_;
  for (WordKind kind : {kAddress, kFloat}) {
    if (!DecodeWords(blob, kind, count_[kind], &words_[kind])) return false;
    bytes -= count_[kind] * kWordBytes;
  }
  if (!blob.Get(kRest, bytes, &rest_) || rest_.size() != bytes) return false;
  rest_.append(kPiece, '\0');
  return true;
}

void Values::Join(Block* out) const {
  out->args.resize(args_bytes_ + kPiece);
  out->results.resize(results_bytes_ + kPiece);
  Joiner joiner = {rest_.data(), words_[kAddress].data(), words_[kFloat].data()};
  const WordPlace* const places = shapes_.places.data();
  char *args = out->args.data(), *results = out->results.data();
  uint32_t end = 0;
  for (uint32_t i = 0; i < out->size(); ++i) {
    const Shape &of_args = shapes_.all[args_[i]], &of_result = shapes_.all[results_[i]];
    const uint32_t size = out->args_end[i] - end;
    end += size;
    args = joiner.Join<Shape::kStraightArgs>(of_args, places + of_args.first, size, args);
    results = joiner.Join<Shape::kStraightResult>(of_result, places + of_result.first, out->result_size[i], results);
  }
  out->args.resize(args_bytes_);
  out->results.resize(results_bytes_);
}

}  // namespace

bool DecodeWithWords(const ColumnReader& blob, Block* out) {
  thread_local Values values;
  return values.Decode(blob, out);
}

}  // namespace pytrace::store
