#include "dumper/store/columns.h"

#include <zstd.h>

#include <cstring>
#include <memory>

namespace pytrace::store {
namespace {

// Codecs of a part.
constexpr uint8_t kRaw = 0;
constexpr uint8_t kZstd = 1;
constexpr uint8_t kSame = 2;  // one byte that all are

constexpr int kLevel = 1;
// Shorter matches are mostly chance in planes of numbers, and values repeat in longer ones: fewer are found sooner, and
// come out smaller.
constexpr int kMinMatch = 7;
constexpr uint32_t kMaxParts = 256;  // a directory with more is damaged

uint64_t MaxVarints(uint64_t count) { return count * 10; }

// The plain loops below are most of what encoding costs beside zstd. Compiled twice, the better one is taken when the
// program starts: by code that runs before a sanitizer's runtime is ready.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)
#define PYTRACE_VECTOR_CLONES __attribute__((target_clones("avx2", "default")))
#else
#define PYTRACE_VECTOR_CLONES
#endif

struct Planes {
  bool all_zero;
  uint32_t over_one, over_two;  // how many numbers do not fit in one byte, in two; the largest of each is the escape
};

template <class T>
__attribute__((always_inline)) inline Planes SplitInto(const T* values, uint32_t n, char* low, char* high) {
  uint32_t over_one = 0, over_two = 0;
  T any = 0;
  for (uint32_t i = 0; i < n; ++i) {
    T value = values[i];
    any |= value;
    over_one += value >= 0xff;
    over_two += value >= 0xffff;
    uint32_t two = static_cast<uint32_t>(value >= 0xffff ? 0xffff : value);
    low[i] = static_cast<char>(two);
    high[i] = static_cast<char>(two >> 8);
  }
  return {any == 0, over_one, over_two};
}

PYTRACE_VECTOR_CLONES Planes Split(const uint32_t* values, uint32_t n, char* low, char* high) {
  return SplitInto(values, n, low, high);
}
PYTRACE_VECTOR_CLONES Planes Split(const uint64_t* values, uint32_t n, char* low, char* high) {
  return SplitInto(values, n, low, high);
}

}  // namespace

void PutVarint(uint64_t value, std::string* out) {
  while (value >= 0x80) {
    out->push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  out->push_back(static_cast<char>(value));
}

uint64_t VarintReader::NextLong() {
  uint64_t value = 0;
  for (int shift = 0; at != end && shift < 64; shift += 7) {
    uint8_t byte = *at++;
    value |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  ok = false;
  at = end;
  return 0;
}

struct ColumnWriter::Compressor {
  Compressor() {
    ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, kLevel);
    ZSTD_CCtx_setParameter(context, ZSTD_c_minMatch, kMinMatch);
  }
  ZSTD_CCtx* const context = ZSTD_createCCtx();
  ~Compressor() { ZSTD_freeCCtx(context); }
};

ColumnWriter::ColumnWriter() : compressor_(new Compressor) {}
ColumnWriter::~ColumnWriter() { delete compressor_; }

void ColumnWriter::Begin(uint32_t rows, uint8_t version) {
  version_ = version;
  rows_ = rows;
  directory_.clear();
  payload_.clear();
}

void ColumnWriter::Add(uint32_t part, std::string_view raw) {
  if (raw.empty()) return;
  uint32_t raw_size = static_cast<uint32_t>(raw.size());
  if (memcmp(raw.data(), raw.data() + 1, raw.size() - 1) == 0) {
    payload_.push_back(raw[0]);
    directory_.push_back({part, kSame, raw_size, 1});
    return;
  }
  size_t bound = ZSTD_compressBound(raw.size());
  if (compressed_.size() < bound) compressed_.resize(bound);
  size_t size = ZSTD_compress2(compressor_->context, compressed_.data(), bound, raw.data(), raw.size());
  bool raw_is_smaller = ZSTD_isError(size) || size >= raw.size();
  if (raw_is_smaller) size = raw.size();
  payload_.append(raw_is_smaller ? raw.data() : compressed_.data(), size);
  directory_.push_back({part, raw_is_smaller ? kRaw : kZstd, raw_size, static_cast<uint32_t>(size)});
}

void ColumnWriter::AddRaw(uint32_t part, std::string_view raw) {
  if (raw.empty()) return;
  const uint32_t size = static_cast<uint32_t>(raw.size());
  payload_.append(raw);
  directory_.push_back({part, kRaw, size, size});
}

template <class T>
void ColumnWriter::AddNumbers(uint32_t part, const T* values, uint32_t n) {
  low_.resize(n);
  high_.resize(n);
  const Planes planes = Split(values, n, low_.data(), high_.data());
  if (planes.all_zero) return;
  const bool wide = planes.over_one * 8 > n;
  const T escape = wide ? 0xffff : 0xff;
  rest_.clear();
  if ((wide ? planes.over_two : planes.over_one) > 0) {
    for (uint32_t i = 0; i < n; ++i) {
      if (values[i] < escape) continue;
      low_[i] = static_cast<char>(0xff);
      PutVarint(values[i] - escape, &rest_);
    }
  }
  Add(part, low_);
  if (wide) Add(part + 1, high_);
  Add(part + 2, rest_);
}

template void ColumnWriter::AddNumbers(uint32_t, const uint32_t*, uint32_t);
template void ColumnWriter::AddNumbers(uint32_t, const uint64_t*, uint32_t);

void ColumnWriter::Finish(std::string* out) {
  out->clear();
  out->reserve(payload_.size() + directory_.size() * 12 + 16);
  out->push_back(static_cast<char>(version_));
  PutVarint(rows_, out);
  PutVarint(directory_.size(), out);
  for (const Entry& entry : directory_) {
    PutVarint(entry.part, out);
    out->push_back(static_cast<char>(entry.codec));
    PutVarint(entry.raw_size, out);
    PutVarint(entry.size, out);
  }
  out->append(payload_);
}

bool ColumnReader::Open(std::string_view blob, uint32_t max_rows, uint8_t newest) {
  directory_.clear();
  if (blob.empty()) return false;
  version_ = static_cast<uint8_t>(blob[0]);
  if (version_ < kColumnsVersion || version_ > newest) return false;
  VarintReader in(blob.substr(1));
  uint64_t rows = in.Next(), count = in.Next();
  if (!in.ok || rows > max_rows || count > kMaxParts) return false;
  rows_ = static_cast<uint32_t>(rows);
  std::vector<uint64_t> sizes;
  for (uint64_t i = 0; i < count; ++i) {
    Entry entry = {};
    entry.part = static_cast<uint32_t>(in.Next());
    entry.codec = static_cast<uint8_t>(in.Next());
    entry.raw_size = in.Next();
    sizes.push_back(in.Next());
    directory_.push_back(entry);
  }
  if (!in.ok) return false;
  std::string_view payload(reinterpret_cast<const char*>(in.at), in.end - in.at);
  for (size_t i = 0; i < directory_.size(); ++i) {
    if (sizes[i] > payload.size()) return false;
    directory_[i].bytes = payload.substr(0, sizes[i]);
    payload.remove_prefix(sizes[i]);
  }
  return true;
}

bool ColumnReader::Get(uint32_t part, uint64_t max_size, std::string* raw) const {
  raw->clear();
  for (const Entry& entry : directory_) {
    if (entry.part != part) continue;
    if (entry.raw_size > max_size) return false;
    if (entry.codec == kRaw) {
      raw->assign(entry.bytes);
      return entry.bytes.size() == entry.raw_size;
    }
    if (entry.codec == kSame) {
      if (entry.bytes.size() != 1) return false;
      raw->assign(entry.raw_size, entry.bytes[0]);
      return true;
    }
    if (entry.codec != kZstd) return false;
    // The frame says its size, too: a lie about a gigabyte costs nothing.
    if (ZSTD_getFrameContentSize(entry.bytes.data(), entry.bytes.size()) != entry.raw_size) return false;
    thread_local std::unique_ptr<ZSTD_DCtx, size_t (*)(ZSTD_DCtx*)> context(ZSTD_createDCtx(), ZSTD_freeDCtx);
    raw->resize(entry.raw_size);
    return ZSTD_decompressDCtx(context.get(), raw->data(), raw->size(), entry.bytes.data(), entry.bytes.size()) ==
           entry.raw_size;
  }
  return true;
}

template <class T>
bool ColumnReader::GetNumbers(uint32_t part, uint32_t n, std::vector<T>* values) const {
  if (!Get(part, n, &low_) || !Get(part + 1, n, &high_) || !Get(part + 2, MaxVarints(n), &rest_)) return false;
  if (low_.empty()) {
    values->assign(n, 0);
    return high_.empty() && rest_.empty();
  }
  if (low_.size() != n || (!high_.empty() && high_.size() != n)) return false;
  values->resize(n);
  T* out = values->data();
  const uint8_t* lows = reinterpret_cast<const uint8_t*>(low_.data());
  const uint8_t* highs = reinterpret_cast<const uint8_t*>(high_.data());
  if (high_.empty()) {
    for (uint32_t i = 0; i < n; ++i) out[i] = lows[i];
  } else {
    for (uint32_t i = 0; i < n; ++i) out[i] = static_cast<T>(lows[i] | highs[i] << 8);
  }
  if (rest_.empty()) return true;
  VarintReader in(rest_);
  for (uint32_t i = 0; i < n; ++i) {
    bool escaped = lows[i] == 0xff && (high_.empty() || highs[i] == 0xff);
    if (escaped) out[i] = static_cast<T>(out[i] + in.Next());
  }
  return in.ok && in.AtEnd();
}

template bool ColumnReader::GetNumbers(uint32_t, uint32_t, std::vector<uint8_t>*) const;
template bool ColumnReader::GetNumbers(uint32_t, uint32_t, std::vector<uint32_t>*) const;
template bool ColumnReader::GetNumbers(uint32_t, uint32_t, std::vector<int64_t>*) const;
template bool ColumnReader::GetNumbers(uint32_t, uint32_t, std::vector<uint64_t>*) const;

}  // namespace pytrace::store
