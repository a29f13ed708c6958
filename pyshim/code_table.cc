#include "pyshim/code_table.h"

#include <sys/mman.h>

namespace pytrace::py {

constexpr size_t kFirstSlots = 4096;

// Where `code` is, or where it would go.
CodeTable::Slot* CodeTable::Place(const Object* code) {
  size_t i = Hash(code) & mask_;
  while (slots_[i].code != nullptr && slots_[i].code != code) i = (i + 1) & mask_;
  return &slots_[i];
}

bool CodeTable::Grow() {
  size_t old_count = slots_ == nullptr ? 0 : mask_ + 1, count = old_count == 0 ? kFirstSlots : old_count * 2;
  void* map = mmap(nullptr, count * sizeof(Slot), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (map == MAP_FAILED) return false;
  Slot* old = slots_;
  slots_ = static_cast<Slot*>(map);
  mask_ = count - 1;
  for (size_t i = 0; i < old_count; ++i) {
    if (old[i].code != nullptr) *Place(old[i].code) = old[i];
  }
  if (old != nullptr) munmap(old, old_count * sizeof(Slot));
  return true;
}

bool CodeTable::Set(const Object* code, uint64_t word) {
  if ((slots_ == nullptr || used_ * 2 > mask_) && !Grow()) return false;
  Slot* slot = Place(code);
  used_ += slot->code == nullptr;
  *slot = {code, word};
  return true;
}

// Moves up what stands behind the gap and was only there because its place was taken, so that a search still may end at
// the first empty slot.
void CodeTable::Forget(const Object* code) {
  if (slots_ == nullptr) return;
  Slot* found = Place(code);
  if (found->code == nullptr) return;
  --used_;
  size_t gap = found - slots_;
  for (size_t i = (gap + 1) & mask_; slots_[i].code != nullptr; i = (i + 1) & mask_) {
    size_t wanted = Hash(slots_[i].code) & mask_;
    if (((i - wanted) & mask_) < ((i - gap) & mask_)) continue;  // its own place lies behind the gap
    slots_[gap] = slots_[i];
    gap = i;
  }
  slots_[gap] = {nullptr, 0};
}

}  // namespace pytrace::py
