#include "pyshim/type_table.h"

#include <string.h>
#include <sys/mman.h>

#include "pyshim/layout_cp27.h"
#include "pyshim/spin_lock.h"

namespace pytrace::py {
namespace {

constexpr uint32_t kFirstSlots = 1024, kLarge = 1u << 16;

// A class of 2.7 that is no type: its instances are all of type `instance`.
bool IsOldStyle(const Api& api, const Object* type) { return api.python2 && TypeOf(type) == api.class_type; }

Kind KindOf(const Api& api, const Object* type) {
  const struct {
    const Object* type;
    Kind kind;
  } exact[] = {
      {TypeOf(api.none), Kind::kNone}, {api.bool_type, Kind::kBool},           {api.int_type, Kind::kInt},
      {api.float_type, Kind::kFloat},  {api.complex_type, Kind::kComplex},     {api.unicode_type, Kind::kStr},
      {api.bytes_type, Kind::kBytes},  {api.tuple_type, Kind::kTuple},         {api.list_type, Kind::kList},
      {api.set_type, Kind::kSet},      {api.frozenset_type, Kind::kFrozenset}, {api.dict_type, Kind::kDict},
  };
  for (const auto& e : exact) {
    if (e.type == type) return e.kind;
  }
  if (type == api.long_type) return api.python2 ? Kind::kLong : Kind::kInt;
  if (api.python2 && type == api.class_type) return Kind::kClass;
  if (IsOldStyle(api, type)) return Kind::kObject;
  uint64_t flags = At<uint64_t>(type, kTypeFlags);
  if (flags & kTypeSubclass) return Kind::kClass;
  if (flags & kExceptionSubclass) return Kind::kException;
  // Objects/genobject.c: what an async generator yields travels in this wrapper.
  if (strcmp(At<const char*>(type, kTypeName), "async_generator_wrapped_value") == 0) return Kind::kAsyncWrapped;
  return Kind::kObject;
}

// PyGetSetDef, Include/descrobject.h.
struct GetSetDef {
  const char* name;
  Object* (*get)(Object*, void*);
  void* set;
  const char* doc;
  void* closure;
};

// The __qualname__ of a heap type, a new reference: by the getter that `type` itself has for it, in every 3.x, so that
// no metaclass is asked.
Object* Qualname(const Api& api, Object* type) {
  const GetSetDef* found = At<const GetSetDef*>(TypeOf(api.long_type), kTypeGetSet);
  for (; found != nullptr && found->name != nullptr; ++found) {
    if (strcmp(found->name, "__qualname__") == 0) return found->get(type, found->closure);
  }
  return nullptr;
}

}  // namespace

TypeTable::Slots* TypeTable::NewSlots(uint32_t count) {
  size_t bytes = sizeof(Slots) + count * sizeof(TypeEntry);
  void* map = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (map == MAP_FAILED) return nullptr;
  Slots* slots = static_cast<Slots*>(map);
  slots->mask = count - 1;
  return slots;
}

// The old slots stay mapped: another thread may be reading them. All of them together are smaller than the new ones.
bool TypeTable::Grow() {
  Slots* old = slots_.load(std::memory_order_relaxed);
  Slots* bigger = NewSlots(old->mask == 0 ? kFirstSlots : (old->mask + 1) * 2);
  if (bigger == nullptr) return false;
  for (uint32_t n = 0; n <= old->mask; ++n) {
    const TypeEntry& from = old->entries()[n];
    const Object* type = from.type.load(std::memory_order_relaxed);
    const char* name = from.name.load(std::memory_order_relaxed);
    if (type == nullptr || name == nullptr) continue;
    uint32_t i = Hash(type) & bigger->mask;
    while (bigger->entries()[i].type.load(std::memory_order_relaxed) != nullptr) i = (i + 1) & bigger->mask;
    TypeEntry& to = bigger->entries()[i];
    to.name.store(name, std::memory_order_relaxed);
    to.head = from.head;
    to.id = from.id;
    to.kind = from.kind;
    to.type.store(type, std::memory_order_relaxed);
    bigger->used++;
  }
  slots_.store(bigger, std::memory_order_release);
  return true;
}

TypeEntry* TypeTable::Add(const Api& api, const Object* type, bool as_value, uint64_t (*head)(uint32_t id)) {
  const Object* key = as_value ? AsValue(type) : type;
  const char* name = At<const char*>(type, kTypeName);
  if (name == nullptr) return nullptr;
  SpinLock lock(adding_);
  Slots* slots = slots_.load(std::memory_order_relaxed);
  // A quarter is used at most: 1.2 probes for what is there, 1.4 for what is not. Of a large one half, for its memory.
  if (uint64_t{slots->used} * (slots->mask < kLarge ? 4 : 2) >= slots->mask) {
    if (!Grow()) return nullptr;
    slots = slots_.load(std::memory_order_relaxed);
  }
  uint32_t i = Hash(key) & slots->mask;
  const Object* found;
  while ((found = slots->entries()[i].type.load(std::memory_order_relaxed)) != nullptr && found != key)
    i = (i + 1) & slots->mask;
  TypeEntry* entry = &slots->entries()[i];
  if (found == nullptr) slots->used++;
  entry->id = ++last_id_;
  entry->kind = KindOf(api, type);
  entry->head = entry->kind == Kind::kObject ? head(entry->id) : 0;
  entry->name.store(name, std::memory_order_release);
  entry->type.store(key, std::memory_order_release);
  return entry;
}

void TypeTable::Died(const Object* type) {
  SpinLock lock(adding_);
  Slots* slots = slots_.load(std::memory_order_relaxed);
  for (const Object* key : {type, AsValue(type)}) {
    for (uint32_t i = Hash(key);; ++i) {
      TypeEntry& entry = slots->entries()[i & slots->mask];
      const Object* found = entry.type.load(std::memory_order_relaxed);
      if (found == key) entry.name.store(nullptr, std::memory_order_relaxed);
      if (found == key || found == nullptr) break;
    }
  }
}

void TypeTable::Dealloc(Object* type) {
  watching_->Died(type);
  dealloc_(type);
}

void TypeTable::WatchDeaths(const Api& api) {
  if (watching_ != nullptr) return;
  void*& slot = At<void*>(TypeOf(api.long_type), kTypeDealloc);
  dealloc_ = reinterpret_cast<void (*)(Object*)>(slot);
  watching_ = this;
  slot = reinterpret_cast<void*>(&Dealloc);
}

void TypeTable::Forget() {
  slots_.store(&empty_.slots, std::memory_order_relaxed);
  adding_.store(0, std::memory_order_relaxed);
  last_id_ = 0;
}

size_t TypeName(const Api& api, Object* type, char* out, size_t size) {
  const char* name = At<const char*>(type, kTypeName);
  size_t length = 0;
  auto put = [&](const char* text, size_t n) {
    if (n > size - length) n = size - length;
    memcpy(out + length, text, n);
    length += n;
  };
  bool old_style = IsOldStyle(api, type);
  if (!old_style && !(At<uint64_t>(type, kTypeFlags) & kHeapType)) {
    // Static: tp_name has the module, or it is a builtin.
    for (const char* builtin : {"builtins.", "exceptions."}) {
      if (strncmp(name, builtin, strlen(builtin)) == 0) name += strlen(builtin);
    }
    put(name, strlen(name));
    return length;
  }
  Object *error_type, *error_value, *error_traceback;
  api.ErrFetch(&error_type, &error_value, &error_traceback);
  Object* dict = At<Object*>(type, old_style ? kClassDict27 : kTypeDict);
  // Up to 3.12 the classes that ctypes makes keep theirs in a subclass of dict.
  bool is_dict = dict != nullptr && (At<uint64_t>(TypeOf(dict), kTypeFlags) & kDictSubclass);
  Object* module = is_dict ? api.DictGetItemString(dict, "__module__") : nullptr;
  Ssize n = 0;
  const char* text = NativeText(api, module, &n);
  if (text != nullptr && strcmp(text, api.python2 ? "__builtin__" : "builtins") != 0) {
    put(text, n);
    put(".", 1);
  }
  Object* qualname = old_style ? nullptr : Qualname(api, type);
  text = NativeText(api, old_style ? At<Object*>(type, kClassName27) : qualname, &n);
  if (text != nullptr)
    put(text, n);
  else if (old_style || !IsUtf8(name, strlen(name)))
    put("?", 1);
  else
    put(name, strlen(name));
  if (qualname != nullptr) api.DecRef(qualname);
  api.ErrClear();
  api.ErrRestore(error_type, error_value, error_traceback);
  return length;
}

}  // namespace pytrace::py
