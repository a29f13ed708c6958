#include "preload/call_path.h"

#include <string.h>
#include <sys/mman.h>

#include "preload/cold_record.h"

namespace pytrace {

namespace tag = record::tag;
using py::Object;
using record::kBytes;
using record::kVarint;
using record::Tag;

namespace {

constexpr size_t kFirstStack = 1024;  // entries; 24 KiB, touched as they are used
constexpr size_t kLongestTypeName = 1024;

// `what`: the record that names the type, which is lost where this one is.
bool WriteType(ThreadState& t, Object* type, uint32_t id, What what) {
  char name[kLongestTypeName + 1];
  size_t length = py::TypeName(process.api, type, name, sizeof(name));
  if (!ColdRecord::RoomFor(t, length, what)) return false;
  ColdRecord record(t, tag::kType);
  record.out.Uint(Tag(1, kVarint), id);
  record.Time();
  record.Text(Tag(3, kBytes), name, length, kLongestTypeName);
  return record.Publish();
}

}  // namespace

bool DefineTypes(ThreadState& t, const py::NewTypes& types, What what) {
  bool ok = true;
  for (uint32_t i = 0; i < types.count; ++i) {
    ok = ok && WriteType(t, types.entries[i].type, types.entries[i].id, what);
    if (!ok) process.types.GiveUp(types.entries[i].type);
  }
  return ok;
}

void ShrinkLimits(py::Limits* limits) {
  // All values are as small as they get: there are too many arguments. The first thousand fit, whatever they are.
  if (limits->string == 0 && limits->items == 0) limits->arguments = limits->arguments > 1000 ? 1000 : 0;
  if (limits->string > 16)
    limits->string /= 4;
  else
    limits->string = 0;
  if (limits->items > 2)
    limits->items /= 4;
  else
    limits->items = 0;
  if (limits->digits > 4) limits->digits /= 4;
  if (limits->items == 0) limits->depth = 0;
}

bool GrowStack(ThreadState& t) {
  using Open = ThreadState::Open;
  size_t used = t.stack == nullptr ? 0 : t.top + 1 - t.stack;
  size_t count = t.stack == nullptr ? kFirstStack : (t.stack_end - t.stack) * 2;
  void* map = mmap(nullptr, count * sizeof(Open), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (map == MAP_FAILED) return false;
  Open* stack = static_cast<Open*>(map);
  if (t.stack != nullptr) {
    memcpy(stack, t.stack, used * sizeof(Open));
    munmap(t.stack, (t.stack_end - t.stack) * sizeof(Open));
  } else {
    stack[0] = {nullptr, 0, 0};
    used = 1;
  }
  t.stack = stack;
  t.stack_end = stack + count;
  t.top = stack + used - 1;
  return true;
}

bool DropAboveFrame(ThreadState& t, const void* frame) {
  if (t.stack == nullptr) return false;
  ThreadState::Open* open = t.top;
  while (open > t.stack && open->frame != frame) --open;
  if (open == t.stack) return false;
  t.top = open;
  return true;
}

void WriteGap(ThreadState& t) {
  if (!t.writer.HasRoom() && !MakeRoom(t, ring::kRoom, What::kOther)) return;
  ColdRecord loss(t, tag::kLoss);
  loss.out.Uint(Tag(1, kVarint), 4);  // DEEP
  loss.Time();
  loss.out.Uint(Tag(6, kVarint), t.writer.calls + 1);
  loss.Publish();
}

void NameThread(ThreadState& t, Object* self) {
  const py::Api& api = process.api;
  if (self == nullptr || process.thread_name_key == nullptr) return;
  // A `_name` in the class could be a property of the program; without one the lookup ends in the instance's
  // dictionary.
  if (api.TypeLookup(py::TypeOf(self), process.thread_name_key) != nullptr) return;
  Object *error_type, *error_value, *error_traceback;
  api.ErrFetch(&error_type, &error_value, &error_traceback);
  Object* name = api.ObjectGenericGetAttr(self, process.thread_name_key);
  py::Ssize length;
  const char* text = py::NativeText(api, name, &length);
  if (text != nullptr && ColdRecord::RoomFor(t, length, What::kOther)) {
    ColdRecord thread(t, tag::kThread);
    thread.out.Uint(Tag(1, kVarint), t.ring->tid);
    thread.Time();
    thread.Text(Tag(3, kBytes), text, length);
    thread.Publish();
  }
  if (name != nullptr) api.DecRef(name);
  api.ErrClear();
  api.ErrRestore(error_type, error_value, error_traceback);
}

}  // namespace pytrace
