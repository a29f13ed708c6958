// What a comparison said of values that it has seen: most values of a recording occur again and again, and their text
// costs more than finding them here.
#ifndef PYTRACE_READER_QUERY_VALUE_MEMO_H_
#define PYTRACE_READER_QUERY_VALUE_MEMO_H_

#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

namespace pytrace::query {

class ValueMemo {
 public:
  static constexpr size_t kMaxBytes = 25;
  struct Slot {
    uint32_t process;  // types are numbered by process
    uint8_t size;
    bool known = false;
    bool answer;
    char bytes[kMaxBytes];
  };

  // Objects have addresses: they occur once, and would only push others out.
  bool Fits(std::string_view value) const {
    constexpr char kObjectTag = 12 << 3 | 2;
    return value.size() <= kMaxBytes && !value.empty() && value[0] != kObjectTag;
  }

  // The slot of the value; `known` says whether it holds this one.
  Slot* Find(uint32_t process, std::string_view value) {
    if (slots_.empty()) slots_.resize(kSlots);
    Slot* slot = &slots_[Hash(process, value) % kSlots];
    if (slot->process != process || slot->size != value.size() ||
        std::memcmp(slot->bytes, value.data(), value.size()) != 0)
      slot->known = false;
    return slot;
  }
  void Set(Slot* slot, uint32_t process, std::string_view value, bool answer) {
    slot->process = process;
    slot->size = static_cast<uint8_t>(value.size());
    slot->known = true;
    slot->answer = answer;
    std::memcpy(slot->bytes, value.data(), value.size());
  }

 private:
  static constexpr size_t kSlots = 4096;

  static uint64_t Hash(uint32_t process, std::string_view value) {
    uint64_t hash = process ^ value.size();
    while (!value.empty()) {
      uint64_t word = 0;
      size_t n = value.size() < 8 ? value.size() : 8;
      std::memcpy(&word, value.data(), n);
      hash = (hash ^ word) * 0x9e3779b97f4a7c15;
      hash ^= hash >> 32;
      value.remove_prefix(n);
    }
    return hash;
  }

  static_assert(sizeof(Slot) == 32);

  std::vector<Slot> slots_;  // direct-mapped: a value takes the place of another one
};

}  // namespace pytrace::query

#endif  // PYTRACE_READER_QUERY_VALUE_MEMO_H_
