// Frame -> typed values. Reads objects as bytes, with the GIL held and without taking references: nothing of the
// program's code runs, nothing is allocated.
//
// A template over the version's layout and over its sink (record::ValueEncoder, in a test anything with the same
// methods), so that values are written straight into the chunk and this folder still knows nothing of records.
#ifndef PYTRACE_PYSHIM_CAPTURE_H_
#define PYTRACE_PYSHIM_CAPTURE_H_

#include "pyshim/layout.h"
#include "pyshim/type_table.h"

namespace pytrace::py {

// What of a value is kept; docs/values.md is the user's side of it.
struct Limits {
  uint32_t string = 120;            // characters or bytes
  uint32_t items = 8;               // of a container
  uint32_t depth = 2;               // containers within containers
  uint32_t digits = 40;             // of an int, in base 2^30
  uint32_t arguments = UINT32_MAX;  // lowered for a record that fits no chunk however small its values are
};

// Types met for the first time: their definitions have to be written before the record that refers to them.
struct NewTypes {
  static constexpr uint32_t kMax = 32;
  struct {
    Object* type;
    uint32_t id;
  } entries[kMax];
  uint32_t count = 0;
  bool overflow = false;
};

// Tags of the sink's containers (Value's fields in record.proto), handed through.
struct ContainerTags {
  uint8_t tuple, list, set, frozenset, dict;
};

template <class L, class Sink, ContainerTags kTags>
class Capture {
 public:
  Capture(Interpreter& interpreter, const Limits& limits, NewTypes* new_types, Sink& sink)
      : interpreter_(interpreter), limits_(limits), new_types_(new_types), sink_(sink) {}

  // `o` may be nullptr: an argument slot without a value.
  __attribute__((always_inline)) void Value(Object* o, uint32_t level = 0) {
    if (__builtin_expect(o != nullptr && sink_.room() >= Sink::kScalarRoom, 1)) {
      uint8_t* p = Scalar(sink_.at, sink_.value_tag(), o, interpreter_, limits_.string);
      if (p != nullptr) {
        sink_.at = p;
        return;
      }
    }
    Other(o, level);
  }
  // The same of what Scalar has refused, or had no room for.
  void NoScalar(Object* o) { Other(o, 0); }

  // The values that most are - small ints, None, bools, floats, short ASCII text, objects and classes that are known -
  // written at `p`, where there must be room for Sink::kScalarRoom bytes. `text`: Limits::string. Returns the end, or
  // nullptr: it is another kind and nothing was written. (The parameters stand as those of the sink's functions do, so
  // that they stay in their registers.)
  static __attribute__((noinline)) uint8_t* Scalar(uint8_t* p, uint8_t value_tag, Object* o,
                                                   const Interpreter& interpreter, uint32_t text) {
    const Api& api = interpreter.api;
    Object* type = TypeOf(o);
    if constexpr (L::kMajor == 2) {
      if (type == api.int_type) return Sink::PutInt(p, value_tag, At<long>(o, kIntValue27));
      if (type == api.instance_type) return nullptr;
    } else if (type == api.long_type) {
      int64_t v;
      return SmallInt(o, &v) ? Sink::PutInt(p, value_tag, v) : nullptr;
    }
    // The commonest kinds by their types, which cannot die; the table would say the same.
    if constexpr (L::kMajor != 2) {
      if (type == api.unicode_type) return ShortText(p, value_tag, o, text);
    }
    if (o == api.none) return Sink::PutNone(p, value_tag);
    const TypeEntry* entry = interpreter.types.Find(type);
    if (__builtin_expect(entry == nullptr, 0)) return nullptr;
    if (entry->head != 0) return Sink::PutObject(p, value_tag, entry->head, AddressOf(o));
    if (entry->kind == Kind::kBool) return Sink::PutBool(p, value_tag, o == api.true_object);
    if (entry->kind == Kind::kFloat) return Sink::PutFloat(p, value_tag, At<double>(o, kFloatValue));
    if (entry->kind == Kind::kClass) return Class(p, value_tag, o, interpreter);
    return L::kMajor != 2 && entry->kind == Kind::kStr ? ShortText(p, value_tag, o, text) : nullptr;
  }

  // An exception that is not normalised yet (before 3.12): its class and whatever C code gave as value.
  void RawException(Object* type, Object* value) {
    if (value != nullptr && (At<uint64_t>(TypeOf(value), kTypeFlags) & kExceptionSubclass)) return Value(value);
    if constexpr (L::kMajor == 2) {
      if (value != nullptr && TypeOf(value) == interpreter_.api.instance_type) return Value(value);
    }
    TypeEntry* entry = interpreter_.types.Find(type);
    if (entry == nullptr) entry = AddType(type);
    if (entry == nullptr) return sink_.Omitted();
    auto c = sink_.OpenException(entry->id, 0);
    if (value != nullptr && TypeOf(value) == interpreter_.api.tuple_type) {
      Value(value, 0);
    } else {
      auto args = sink_.OpenItems(kTags.tuple);
      if (value != nullptr && value != interpreter_.api.none) Value(value, 1);
      sink_.CloseItems(args, false, 0);
    }
    sink_.CloseException(c);
  }

 private:
  static uint64_t AddressOf(const Object* o) { return reinterpret_cast<uintptr_t>(o); }

  __attribute__((noinline)) TypeEntry* AddType(Object* type, bool as_value = false) {
    if (new_types_->count == NewTypes::kMax) {
      new_types_->overflow = true;
      return nullptr;
    }
    TypeEntry* entry = interpreter_.types.Add(interpreter_.api, type, as_value, &Sink::ObjectHead);
    if (entry != nullptr) new_types_->entries[new_types_->count++] = {type, entry->id};
    return entry;
  }

  // Digits (base 2^30) and sign. 3.12+: lv_tag: low two bits 0 positive, 1 zero, 2 negative; the number of digits above
  // bit 3. Before: ob_size.
  static uint64_t Digits(Object* o, bool* negative) {
    if constexpr (L::kLongTag) {
      uint64_t tag = At<uint64_t>(o, kVarSize);
      *negative = (tag & 3) == 2;
      return tag >> 3;
    }
    Ssize size = At<Ssize>(o, kVarSize);
    *negative = size < 0;
    return *negative ? -size : size;
  }

  // ASCII that is not to be cut; else nullptr. The state word: see Str.
  static uint8_t* ShortText(uint8_t* p, uint8_t value_tag, Object* o, uint32_t limit) {
    size_t length = At<size_t>(o, kStrLength);
    bool plain = (At<uint32_t>(o, kStrState) & 0x60) == 0x60;
    return plain && length < Sink::kShortText && length <= limit
               ? Sink::PutText(p, value_tag, &At<char>(o, L::kStrAscii), length)
               : nullptr;
  }

  // Out of line, so that Scalar need not keep anything across a call.
  static __attribute__((noinline)) uint8_t* Class(uint8_t* p, uint8_t value_tag, Object* o,
                                                  const Interpreter& interpreter) {
    const TypeEntry* self = IsClass(interpreter.api, o) ? interpreter.types.FindAsValue(o) : nullptr;
    return self != nullptr ? Sink::PutClass(p, value_tag, self->id) : nullptr;
  }

  static bool SmallInt(Object* o, int64_t* out) {
    bool negative;
    uint64_t count = Digits(o, &negative);
    const uint32_t* digits = &At<uint32_t>(o, kLongDigits);
    if (__builtin_expect(count > 2, 0)) return false;
    int64_t v = count == 0 ? 0 : digits[0];
    if (count == 2) v |= static_cast<int64_t>(digits[1]) << 30;
    *out = negative ? -v : v;
    return true;
  }

  void Int(Object* o) {
    if constexpr (L::kMajor == 2) return sink_.Int(At<long>(o, kIntValue27));
    bool negative;
    uint64_t count = Digits(o, &negative);
    const uint32_t* digits = &At<uint32_t>(o, kLongDigits);
    int64_t v;
    if (SmallInt(o, &v)) return sink_.Int(v);
    if (count == 3 && digits[2] < 8) {  // below 2^63
      v = static_cast<int64_t>(digits[0]) | static_cast<int64_t>(digits[1]) << 30 |
          static_cast<int64_t>(digits[2]) << 60;
      return sink_.Int(negative ? -v : v);
    }
    uint64_t kept = count < limits_.digits ? count : limits_.digits;
    sink_.BigInt(negative, digits + (count - kept), kept, count - kept);
  }

  // 2.7: the digits are as above, of whatever size.
  void Long(Object* o) {
    bool negative;
    uint64_t count = Digits(o, &negative);
    uint64_t kept = count < limits_.digits ? count : limits_.digits;
    sink_.Long(negative, &At<uint32_t>(o, kLongDigits) + (count - kept), kept, count - kept);
  }
  void Unicode(Object* o) {
    size_t length = At<size_t>(o, kStrLength);
    size_t kept = length < limits_.string ? length : limits_.string;
    const void* data = At<const void*>(o, kUnicodeData27);
    if (interpreter_.api.unicode_unit == 2) return sink_.Unicode(static_cast<const uint16_t*>(data), kept, length);
    sink_.Unicode(static_cast<const uint32_t*>(data), kept, length);
  }

  // PEP 393. The state word: kind in bits 2-4, compact bit 5, ascii bit 6.
  void Str(Object* o, uint32_t type_id) {
    size_t length = At<size_t>(o, kStrLength);
    uint32_t state = At<uint32_t>(o, kStrState);
    size_t kept = length < limits_.string ? length : limits_.string;
    if (__builtin_expect((state & 0x60) == 0x60, 1)) return sink_.AsciiStr(&At<char>(o, L::kStrAscii), kept, length);
    const void* data = &At<char>(o, L::kStrCompact);
    if (!(state & 0x20)) data = At<const void*>(o, L::kStrCompact);  // not compact: a pointer to the characters
    switch (state >> 2 & 7) {
      case 1:
        return sink_.WideStr(static_cast<const uint8_t*>(data), kept, length);
      case 2:
        return sink_.WideStr(static_cast<const uint16_t*>(data), kept, length);
      case 4:
        return sink_.WideStr(static_cast<const uint32_t*>(data), kept, length);
      default:
        return sink_.Object(type_id, AddressOf(o));  // <= 3.11: legacy wchar_t string, not ready
    }
  }

  __attribute__((noinline)) void Other(Object* o, uint32_t level) {
    if (__builtin_expect(o == nullptr, 0)) return sink_.Unbound();
    Object* type = TypeOf(o);
    // The containers' types cannot die either.
    if (type == interpreter_.api.tuple_type)
      return Array(kTags.tuple, &At<Object*>(o, L::kTupleItems), At<size_t>(o, kVarSize), level);
    if (type == interpreter_.api.dict_type) return Dict(o, level);
    if (type == interpreter_.api.list_type)
      return Array(kTags.list, At<Object**>(o, kListItems), At<size_t>(o, kVarSize), level);
    if constexpr (L::kMajor == 2) {
      if (type == interpreter_.api.instance_type) type = At<Object*>(o, kInstanceClass27);
    }
    TypeEntry* entry = interpreter_.types.Find(type);
    if (entry == nullptr) entry = AddType(type);
    return entry != nullptr ? Rare(o, entry, level) : sink_.Omitted();
  }

  __attribute__((noinline)) void Rare(Object* o, TypeEntry* entry, uint32_t level) {
    switch (entry->kind) {
      case Kind::kInt:
        return Int(o);
      case Kind::kLong:
        if constexpr (L::kMajor == 2) return Long(o);
        return;
      case Kind::kStr:
        if constexpr (L::kMajor == 2)
          return Unicode(o);
        else
          return Str(o, entry->id);
      case Kind::kNone:
        return sink_.None();
      case Kind::kBool:
        return sink_.Bool(o == interpreter_.api.true_object);
      case Kind::kFloat:
        return sink_.Float(At<double>(o, kFloatValue));
      case Kind::kBytes: {
        size_t length = At<size_t>(o, kVarSize), kept = length < limits_.string ? length : limits_.string;
        if constexpr (L::kMajor == 2) return sink_.NativeStr(&At<char>(o, kStringData27), kept, length);
        return sink_.ByteString(&At<char>(o, kBytesData), kept, length);
      }
      case Kind::kComplex:
        return sink_.Complex(At<double>(o, kComplexValue), At<double>(o, kComplexValue + 8));
      case Kind::kTuple:
        return Array(kTags.tuple, &At<Object*>(o, L::kTupleItems), At<size_t>(o, kVarSize), level);
      case Kind::kList:
        return Array(kTags.list, At<Object**>(o, kListItems), At<size_t>(o, kVarSize), level);
      case Kind::kSet:
        return Set(kTags.set, o, level);
      case Kind::kFrozenset:
        return Set(kTags.frozenset, o, level);
      case Kind::kDict:
        return Dict(o, level);
      case Kind::kException:
        if (!(At<uint64_t>(TypeOf(o), kTypeFlags) & kExceptionSubclass)) return EnteredAgain(o, level);
        return Exception(o, entry, level);
      case Kind::kAsyncWrapped:
        return Value(At<Object*>(o, kAsyncWrapped), level);
      case Kind::kClass: {
        if (!IsClass(interpreter_.api, o)) return EnteredAgain(o, level);
        TypeEntry* self = interpreter_.types.FindAsValue(o);
        if (self == nullptr) self = AddType(o, true);
        return self != nullptr ? sink_.Class(self->id) : sink_.Omitted();
      }
      default:
        return sink_.Object(entry->id, AddressOf(o));
    }
  }

  static bool IsClass(const Api& api, const Object* o) {
    const Object* type = TypeOf(o);
    return At<uint64_t>(type, kTypeFlags) & kTypeSubclass || (L::kMajor == 2 && type == api.class_type);
  }
  // The entry is of a class that died unseen and left its address, and even the text of its name, to one of another
  // kind.
  void EnteredAgain(Object* o, uint32_t level) {
    Object* type = TypeOf(o);
    if constexpr (L::kMajor == 2) {
      if (type == interpreter_.api.instance_type) type = At<Object*>(o, kInstanceClass27);
    }
    TypeEntry* entry = AddType(type);
    return entry != nullptr ? Rare(o, entry, level) : sink_.Omitted();
  }

  // How many of `length` items are kept at `level`.
  size_t Kept(size_t length, uint32_t level) const {
    if (level >= limits_.depth) return 0;
    return length < limits_.items ? length : limits_.items;
  }

  void Array(uint8_t tag, Object** items, size_t length, uint32_t level) {
    auto c = sink_.OpenItems(tag);
    size_t kept = Kept(length, level);
    for (size_t i = 0; i < kept; ++i) Value(items[i], level + 1);
    sink_.CloseItems(c, kept < length, length);
  }

  void Set(uint8_t tag, Object* o, uint32_t level) {
    auto c = sink_.OpenItems(tag);
    size_t length = At<size_t>(o, kSetUsed);
    size_t kept = Kept(length, level), seen = 0;
    if constexpr (L::kMajor == 2) {  // what marks a removed entry there is known to setobject.c alone
      Ssize position = 0;
      for (Object* key; seen < kept && interpreter_.api.SetNext(o, &position, &key); ++seen) Value(key, level + 1);
      return sink_.CloseItems(c, seen < length, length);
    }
    struct Entry {
      Object* key;
      Ssize hash;
    };
    const Entry* table = At<const Entry*>(o, kSetTable);
    size_t mask = At<size_t>(o, kSetMask);
    for (size_t i = 0; i <= mask && seen < kept; ++i) {
      if (table[i].key == nullptr || table[i].hash == -1)
        continue;  // empty, or removed (Objects/setobject.c: the dummy has hash -1)
      Value(table[i].key, level + 1);
      ++seen;
    }
    sink_.CloseItems(c, seen < length, length);
  }

  void Dict(Object* o, uint32_t level) {
    auto c = sink_.OpenItems(kTags.dict);
    size_t length = At<size_t>(o, L::kMajor == 2 ? kDictUsed27 : kDictUsed);
    size_t kept = Kept(length, level), seen = 0;
    Ssize position = 0;
    Object *key, *value;
    while (seen < kept && interpreter_.api.DictNext(o, &position, &key, &value)) {
      Value(key, level + 1);
      Value(value, level + 1);
      ++seen;
    }
    sink_.CloseItems(c, seen < length, length);
  }

  // Nested exceptions (args of args) stop at the same depth as containers.
  void Exception(Object* o, TypeEntry* entry, uint32_t level) {
    Object* args = At<Object*>(o, kExceptionArgs);
    if (level > limits_.depth || args == nullptr || TypeOf(args) != interpreter_.api.tuple_type)
      return sink_.Object(entry->id, AddressOf(o));
    auto c = sink_.OpenException(entry->id, AddressOf(o));
    Array(kTags.tuple, &At<Object*>(args, L::kTupleItems), At<size_t>(args, kVarSize), level);
    sink_.CloseException(c);
  }

  Interpreter& interpreter_;
  const Limits& limits_;
  NewTypes* new_types_;
  Sink& sink_;
};

}  // namespace pytrace::py

#endif  // PYTRACE_PYSHIM_CAPTURE_H_
