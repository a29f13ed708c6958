// The name of the asyncio task that runs. Only C code of _asyncio is called: what it keeps of the tasks, and the
// get_name of its own Task. A task class of the program that has another get_name, and tasks in pure Python, have no
// name here.
#include <string.h>

#include "preload/call_path.h"
#include "preload/cold_record.h"

namespace pytrace {
namespace {

using py::Api;
using py::Object;
using py::Ssize;

// A new reference, nullptr without an error.
Object* Attribute(const Api& api, Object* of, const char* name) {
  Object* value = api.ObjectGetAttrString(of, name);
  if (value == nullptr) api.ErrClear();
  return value;
}

// By identity: a loop's own __hash__ and __eq__ are not to run.
Object* TaskOfLoop(const Api& api, Object* tasks, Object* loop) {
  Ssize position = 0, n = 0;
  Object *key, *value, *task = nullptr, *only = nullptr;
  for (; api.DictNext(tasks, &position, &key, &value); ++n) {
    only = value;
    if (key == loop) task = value;
  }
  if (task == nullptr && n == 1 && loop == nullptr) task = only;
  if (task != nullptr) api.IncRef(task);
  return task;
}

// 3.7 to 3.13: _asyncio._current_tasks is {loop: task}. Later the thread state knows, and current_task() tells (3.12
// and 3.13 have it too, but it hashes the loop).
Object* CurrentTask(const Api& api, Object* asyncio) {
  Object* tasks = Attribute(api, asyncio, "_current_tasks");
  Object* get = Attribute(api, asyncio, tasks != nullptr ? "_get_running_loop" : "current_task");
  Object* task = get != nullptr ? api.ObjectCallFunction(get, nullptr) : nullptr;
  if (get != nullptr) api.DecRef(get);
  if (tasks == nullptr) return task;
  Object* loop = task;
  task = py::TypeOf(tasks) == api.dict_type ? TaskOfLoop(api, tasks, loop) : nullptr;
  if (loop != nullptr) api.DecRef(loop);
  api.DecRef(tasks);
  return task;
}

// A new reference to a str, or nullptr.
Object* NameOf(const Api& api, Object* asyncio, Object* task) {
  Object* type = Attribute(api, asyncio, "Task");
  Object* own = type != nullptr ? api.TypeLookup(type, process.get_name_key) : nullptr;
  if (type != nullptr) api.DecRef(type);
  if (own == nullptr || api.TypeLookup(py::TypeOf(task), process.get_name_key) != own) return nullptr;
  Object* name = api.ObjectCallFunction(own, task, nullptr);
  if (name != nullptr && py::TypeOf(name) == api.unicode_type) return name;
  if (name != nullptr) api.DecRef(name);
  return nullptr;
}

void WriteTask(ThreadState& t, uintptr_t frame, const char* name, Ssize size) {
  constexpr Ssize kLargest = ring::kUnitBytes * ring::kLargeUnits / 2;
  bool cut = size > kLargest;
  if (cut) size = kLargest;
  if (static_cast<Ssize>(t.writer.end - t.writer.at) < size + ring::kRoom &&
      !MakeRoom(t, static_cast<uint32_t>(size), What::kOther))
    return;
  ColdRecord task(t, record::tag::kTask);
  task.out.Bytes(record::Tag(1, record::kBytes), name, size);
  if (cut && !task.out.full) memcpy(task.out.at - 3, "...", 3);
  task.Time();
  task.out.Uint(record::Tag(3, record::kVarint), frame >> 3);
  task.Publish();
}

}  // namespace

void NameTask(ThreadState& t, uintptr_t frame) {
  const Api& api = process.api;
  Object* modules = api.ImportGetModuleDict();
  if (modules == nullptr || py::TypeOf(modules) != api.dict_type || process.get_name_key == nullptr) return;
  Object *error_type, *error_value, *error_traceback;
  api.ErrFetch(&error_type, &error_value, &error_traceback);
  Object* asyncio = api.DictGetItemString(modules, "_asyncio");
  Object* task = asyncio != nullptr ? CurrentTask(api, asyncio) : nullptr;
  if (task != nullptr) {
    Object* name = task != api.none ? NameOf(api, asyncio, task) : nullptr;
    Ssize size = 0;
    const char* text = name != nullptr ? api.UnicodeAsUtf8AndSize(name, &size) : nullptr;
    if (text != nullptr) WriteTask(t, frame, text, size);
    if (name != nullptr) api.DecRef(name);
    api.DecRef(task);
  }
  api.ErrClear();
  api.ErrRestore(error_type, error_value, error_traceback);
}

}  // namespace pytrace
