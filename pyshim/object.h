// CPython objects as bytes at offsets. Freestanding; nothing of Python.h, since one library serves every version.
#ifndef PYTRACE_PYSHIM_OBJECT_H_
#define PYTRACE_PYSHIM_OBJECT_H_

#include <cstddef>
#include <cstdint>

namespace pytrace::py {

struct Object;  // PyObject: only ever a pointer
using Ssize = ptrdiff_t;

// The field of type T at `offset` in whatever `p` points at.
template <class T>
inline T& At(const void* p, int offset) {
  return *reinterpret_cast<T*>(reinterpret_cast<uintptr_t>(p) + offset);
}

// The same in every GIL build from 2.7 to 3.15 (reference: Include/object.h; checked by the self-test).
inline constexpr int kObType = 8;
inline constexpr int kVarSize = 16;
inline constexpr int kTypeName = 24;       // const char* tp_name
inline constexpr int kTypeBasicsize = 32;  // Py_ssize_t tp_basicsize
inline constexpr int kTypeDealloc = 48;
inline constexpr int kTypeVectorcallOffset = 56;  // Py_ssize_t tp_vectorcall_offset, 3.8+
inline constexpr int kTypeFlags = 168;
inline constexpr int kTypeMembers = 240, kTypeGetSet = 248;
inline constexpr int kTypeDict = 264;
inline constexpr int kCellRef = 16;
inline constexpr int kBuiltinVectorcall = 48;  // PyCFunctionObject.vectorcall, 3.8+
inline constexpr int kListItems = 24;          // PyObject** ob_item
inline constexpr int kLongDigits = 24;         // uint32_t each
inline constexpr int kFloatValue = 16;
inline constexpr int kComplexValue = 16;  // two doubles
inline constexpr int kBytesData = 32;
inline constexpr int kExceptionArgs = 24;
inline constexpr int kSetUsed = 24, kSetMask = 32, kSetTable = 40;  // entries of {PyObject* key; Py_hash_t hash}
inline constexpr int kDictUsed = 16;
inline constexpr int kStrLength = 16, kStrState = 32;
inline constexpr int kMethodFunction = 16;  // classmethod and staticmethod objects: the callable
inline constexpr int kAsyncWrapped = 16;    // async_generator_wrapped_value: the value

inline constexpr uint64_t kHeapType = 1u << 9;
inline constexpr uint64_t kTypeSubclass = 1ul << 31;  // instances are classes
inline constexpr uint64_t kStrSubclass = 1ul << 28;
inline constexpr uint64_t kDictSubclass = 1ul << 29;       // instances are dicts
inline constexpr uint64_t kExceptionSubclass = 1ul << 30;  // instances are exceptions

// co_flags (Include/code.h)
inline constexpr uint32_t kCoOptimized = 1, kCoNewlocals = 2, kCoVarargs = 4, kCoVarkeywords = 8;
inline constexpr uint32_t kCoGenerator = 0x20, kCoCoroutine = 0x80, kCoAsyncGenerator = 0x200;
// What asyncio takes for a coroutine: also generators that say so, types.coroutine().
inline constexpr uint32_t kCoTask = kCoCoroutine | 0x100;
inline constexpr uint32_t kCoAnyGenerator = kCoGenerator | kCoCoroutine | kCoAsyncGenerator;

inline Object* TypeOf(const Object* o) { return At<Object*>(o, kObType); }

}  // namespace pytrace::py

#endif  // PYTRACE_PYSHIM_OBJECT_H_
