// The container of a block's BLOBs: named parts, each compressed on its own, behind a directory, so that a reader takes
// what it knows and needs and skips the rest. docs/store-schema.md has the bytes.
#ifndef PYTRACE_DUMPER_STORE_COLUMNS_H_
#define PYTRACE_DUMPER_STORE_COLUMNS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pytrace::store {

inline constexpr uint8_t kColumnsVersion = 1;
inline constexpr uint8_t kWordsVersion = 2;          // of value_columns without their words
inline constexpr uint64_t kMaxHeapBytes = 1u << 30;  // SQLite's own limit for a BLOB

void PutVarint(uint64_t value, std::string* out);

// A cursor over varints. After a failed read `ok` is false and all further reads give 0.
struct VarintReader {
  explicit VarintReader(std::string_view bytes)
      : at(reinterpret_cast<const uint8_t*>(bytes.data())), end(at + bytes.size()) {}
  uint64_t Next() {
    if (at != end && *at < 0x80) return *at++;
    return NextLong();
  }
  uint64_t NextLong();
  bool AtEnd() const { return at == end; }

  const uint8_t* at;
  const uint8_t* end;
  bool ok = true;
};

inline uint64_t ZigZag(int64_t value) { return static_cast<uint64_t>(value) << 1 ^ static_cast<uint64_t>(value >> 63); }
inline int64_t UnZigZag(uint64_t value) { return static_cast<int64_t>(value >> 1) ^ -static_cast<int64_t>(value & 1); }

// Writes one BLOB: Begin, Add..., Finish. Keeps its memory from BLOB to BLOB.
class ColumnWriter {
 public:
  ColumnWriter();
  ~ColumnWriter();
  void Begin(uint32_t rows, uint8_t version = kColumnsVersion);
  // Parts without bytes are left out.
  void Add(uint32_t part, std::string_view raw);
  // The same for bytes that are noise: not even tried to compress.
  void AddRaw(uint32_t part, std::string_view raw);
  // A column of rows() numbers, or of `count`, most of them small: one or two planes of bytes and what does not fit in
  // them. Takes the parts from `part` to `part` + 2. T: uint32_t, uint64_t.
  template <class T>
  void AddNumbers(uint32_t part, const T* values) {
    AddNumbers(part, values, rows_);
  }
  template <class T>
  void AddNumbers(uint32_t part, const T* values, uint32_t count);
  void Finish(std::string* out);

 private:
  struct Entry {
    uint32_t part;
    uint8_t codec;
    uint32_t raw_size, size;
  };
  uint8_t version_ = kColumnsVersion;
  uint32_t rows_ = 0;
  std::vector<Entry> directory_;
  std::string payload_, compressed_, low_, high_, rest_;
  struct Compressor;
  Compressor* const compressor_;
};

// Reads one BLOB, which must outlive the reader. Any bytes are safe to open.
class ColumnReader {
 public:
  // False: no BLOB of a version from the first to `newest`, or one of more than `max_rows`.
  bool Open(std::string_view blob, uint32_t max_rows, uint8_t newest = kColumnsVersion);
  uint32_t rows() const { return rows_; }
  uint8_t version() const { return version_; }
  // The part's bytes, none when it is not there. False: damaged, or more than `max_size` bytes.
  bool Get(uint32_t part, uint64_t max_size, std::string* raw) const;
  // `values` gets rows() numbers, or `count`. T: uint8_t, uint32_t, int64_t, uint64_t; larger numbers lose their upper
  // bits.
  template <class T>
  bool GetNumbers(uint32_t part, std::vector<T>* values) const {
    return GetNumbers(part, rows_, values);
  }
  template <class T>
  bool GetNumbers(uint32_t part, uint32_t count, std::vector<T>* values) const;

 private:
  struct Entry {
    uint32_t part;
    uint8_t codec;
    uint64_t raw_size;
    std::string_view bytes;
  };
  uint32_t rows_ = 0;
  uint8_t version_ = 0;
  std::vector<Entry> directory_;
  mutable std::string low_, high_, rest_;  // of the column that is being read
};

}  // namespace pytrace::store

#endif  // PYTRACE_DUMPER_STORE_COLUMNS_H_
