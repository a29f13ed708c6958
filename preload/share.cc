#include "preload/share.h"

#include <string.h>

#include "preload/call_path.h"

namespace pytrace {
namespace {

using py::At;
using py::Object;
using py::Ssize;

// An array with the words of others, too, is none of ours to take off: untraced it would be there as well.
template <class L>
void TakeOff(Object* code) {
  auto* extra = At<py::CodeExtra*>(code, L::kCodeExtra);
  for (Ssize i = 0; extra != nullptr && i < extra->size; ++i) {
    if (i != process.code_extra_index && extra->words[i] != 0) return;
  }
  At<void*>(code, L::kCodeExtra) = nullptr;
  process.api.MemFree(extra);
}

template <class L>
void Look(Object* value, int depth) {
  const py::Api& api = process.api;
  if (value == nullptr) return;
  Object* type = py::TypeOf(value);
  if (type == api.function_type) {
    TakeOff<L>(api.FunctionGetCode(value));
  } else if (type == api.code_type) {
    TakeOff<L>(value);
  } else if (type == api.tuple_type && depth > 0) {
    for (Ssize i = 0, n = At<Ssize>(value, py::kVarSize); i < n; ++i)
      Look<L>((&At<Object*>(value, L::kTupleItems))[i], depth - 1);
  } else if (type == api.dict_type && depth > 0) {
    Object *key, *item;
    for (Ssize position = 0; api.DictNext(value, &position, &key, &item);) Look<L>(item, depth - 1);
  }
}

}  // namespace

template <class L>
void TakeWordsOff(const Object* code, const void* frame) {
  uint32_t flags = At<uint32_t>(code, L::kCodeFlags);
  uint32_t count = At<uint32_t>(code, L::kCodeArgcount) + At<uint32_t>(code, L::kCodeKwonly) +
                   ((flags & py::kCoVarargs) != 0) + ((flags & py::kCoVarkeywords) != 0);
  for (uint32_t i = 0; (flags & py::kCoOptimized) && i < count; ++i)
    Look<L>(L::Slot((&At<Object*>(frame, L::kFrameLocals))[i]), 1);
}

#define INSTANTIATE(L) template void TakeWordsOff<py::L>(const Object*, const void*);
PYTRACE_FOR_EACH_LAYOUT(INSTANTIATE)

}  // namespace pytrace
