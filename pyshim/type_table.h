// Every type met in a value: its id and how its instances are captured. Looked up once a value, so a lookup is a hash
// and, nearly always, one compare and one cache line.
//
// A class can die and another take its address, even with the same address for its name. So we see each class die: the
// deallocator of `type` itself, which that of every metaclass ends in, is wrapped (WatchDeaths). The name pointer
// (tp_name) is compared as well, for a class that is given another name while it lives. Old-style classes of 2.7 are
// given up by the hook.
//
// A class may be a value before it has its name: a decorator gets it, __module__ and __qualname__ are set when it is
// there (NamedTuple, numpy). So a class as a value has an entry of its own, and that of its instances is named by the
// first of them.
#ifndef PYTRACE_PYSHIM_TYPE_TABLE_H_
#define PYTRACE_PYSHIM_TYPE_TABLE_H_

#include <atomic>
#include <cstdint>
#include <initializer_list>

#include "pyshim/api.h"

namespace pytrace::py {

enum class Kind : uint8_t {
  kObject,
  kNone,
  kBool,
  kInt,
  kLong,  // of 2.7
  kFloat,
  kComplex,
  kStr,
  kBytes,
  kTuple,
  kList,
  kSet,
  kFrozenset,
  kDict,
  kException,
  kClass,
  kAsyncWrapped,
};

// Written by Add under its lock, the name last but for a new entry's type (both release): who finds both sees the rest.
struct alignas(32) TypeEntry {
  std::atomic<const Object*> type;  // or AsValue(type)
  std::atomic<const char*> name;    // tp_name when it was entered; nullptr: given up, counts as not there
  uint64_t head;                    // of kObject: the sink's, what it writes of every object of this type; 0: none
  uint32_t id;
  Kind kind;
};

class TypeTable {
 public:
  // The entry of the type's instances; nullptr: not there yet.
  TypeEntry* Find(const Object* type) const { return FindKey(type, type); }
  // The entry of the class itself.
  TypeEntry* FindAsValue(const Object* type) const { return FindKey(AsValue(type), type); }

  // Enters a type under the next id, or again when it was given up or another class lives there now. `head`: the
  // sink's, for an id. nullptr: no memory, or a type without a name: C code never made it ready, it may have no more.
  TypeEntry* Add(const Api& api, const Object* type, bool as_value, uint64_t (*head)(uint32_t id));
  // From now on entries of classes go when these die. Under the GIL, once, when the first interpreter is there.
  void WatchDeaths(const Api& api);
  // Its definition could not be written: the next value of it tries again.
  void GiveUp(const Object* type) {
    for (TypeEntry* entry : {Find(type), FindAsValue(type)}) {
      if (entry != nullptr) entry->name.store(nullptr, std::memory_order_relaxed);
    }
  }
  // After fork, in the child: ids are the process's, so everything is defined anew. Kinds stay right, ids start at 1.
  void Forget();

 private:
  struct alignas(TypeEntry) Slots {
    uint32_t mask, used;
    TypeEntry* entries() const { return reinterpret_cast<TypeEntry*>(const_cast<Slots*>(this) + 1); }
  };
  static const Object* AsValue(const Object* type) {
    return reinterpret_cast<const Object*>(reinterpret_cast<uintptr_t>(type) | 1);
  }
  // `key`: `type` or AsValue(type).
  TypeEntry* FindKey(const Object* key, const Object* type) const {
    const Slots* slots = slots_.load(std::memory_order_acquire);
    for (uint32_t i = Hash(key) & slots->mask;; i = (i + 1) & slots->mask) {
      TypeEntry* entry = &slots->entries()[i];
      const Object* found = entry->type.load(std::memory_order_acquire);
      if (__builtin_expect(found == key, 1))
        return entry->name.load(std::memory_order_acquire) == At<const char*>(type, kTypeName) ? entry : nullptr;
      if (found == nullptr) return nullptr;
    }
  }
  // The upper half of a product depends on all bits of the key: the two keys of a type lie far apart. (When they had
  // one hash, each instance of a class that had been a value before, as `cls` is, took a second probe.)
  static uint32_t Hash(const Object* key) {
    return static_cast<uint32_t>(reinterpret_cast<uintptr_t>(key) * uint64_t{0x9e3779b97f4a7c15} >> 32);
  }
  static Slots* NewSlots(uint32_t count);
  bool Grow();
  void Died(const Object* type);
  static void Dealloc(Object* type);

  // One slot that stays empty: before the first type a lookup needs no other test.
  static inline struct {
    Slots slots;
    TypeEntry none;
  } empty_;

  std::atomic<Slots*> slots_{&empty_.slots};
  std::atomic<uint32_t> adding_{0};  // spin lock: interpreters with a GIL of their own share the table
  uint32_t last_id_ = 0;

  static inline TypeTable* watching_ = nullptr;
  static inline void (*dealloc_)(Object*) = nullptr;  // of `type`, as it was
};

// What of the interpreter the capture of values needs: its own objects, and the types that were met.
struct Interpreter {
  TypeTable types;
  Api api = {};
};

// Writes the name as Python prints it, `module.qualname` or the bare name of a builtin, cut to `size`; returns its
// length. Reads dictionaries of the type only.
size_t TypeName(const Api& api, Object* type, char* out, size_t size);

}  // namespace pytrace::py

#endif  // PYTRACE_PYSHIM_TYPE_TABLE_H_
