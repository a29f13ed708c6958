// The name of the asyncio task that runs. Only C code of _asyncio is called: what it keeps of the tasks, and the
// get_name of its own Task. A program may have put its own in their place: a task class that has another get_name,
// tasks in pure Python (3.6 has no others that tell), a current_task that is a Python function. Those have no name
// here.
#include <string.h>

#include "preload/call_path.h"
#include "preload/cold_record.h"

namespace pytrace {
namespace {

using py::Api;
using py::Object;
using py::Ssize;

// What the module has under that name, borrowed. Not by PyObject_GetAttr: a module can have a __getattr__, and sets an
// error for what it has not.
Object* Member(const Api& api, Object* module, const char* name) {
  return api.DictGetItemString(api.ModuleGetDict(module), name);
}

// A new reference, nullptr where there is no such C function of the module's own.
Object* CallOwn(const Api& api, Object* module, const char* name) {
  Object* function = Member(api, module, name);
  if (function == nullptr || py::TypeOf(function) != api.c_function_type || api.CFunctionGetSelf(function) != module)
    return nullptr;
  return api.ObjectCallFunction(function, nullptr);
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
  Object* tasks = Member(api, asyncio, "_current_tasks");
  if (tasks == nullptr) return CallOwn(api, asyncio, "current_task");
  if (py::TypeOf(tasks) != api.dict_type) return nullptr;
  Object* loop = CallOwn(api, asyncio, "_get_running_loop");
  Object* task = TaskOfLoop(api, tasks, loop);
  if (loop != nullptr) api.DecRef(loop);
  return task;
}

// A new reference to a str, or nullptr.
Object* NameOf(const Api& api, Object* get_name, Object* task) {
  if (api.TypeLookup(py::TypeOf(task), process.get_name_key) != get_name) return nullptr;
  Object* name = api.ObjectCallFunction(get_name, task, nullptr);
  if (name != nullptr && py::TypeOf(name) == api.unicode_type) return name;
  if (name != nullptr) api.DecRef(name);
  return nullptr;
}

// Task.get_name of _asyncio, borrowed; nullptr before 3.8 and where it is not C code.
Object* GetName(const Api& api, Object* asyncio) {
  Object* type = Member(api, asyncio, "Task");
  if (type == nullptr || py::TypeOf(type) != py::TypeOf(api.long_type)) return nullptr;  // no class of `type`
  Object* get_name = api.TypeLookup(type, process.get_name_key);
  return get_name != nullptr && py::TypeOf(get_name) == api.method_descriptor_type ? get_name : nullptr;
}

void WriteTask(ThreadState& t, uintptr_t frame, const char* name, Ssize size) {
  if (!ColdRecord::RoomFor(t, size, What::kOther)) return;
  ColdRecord task(t, record::tag::kTask);
  task.Text(record::Tag(1, record::kBytes), name, size);
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
  if (asyncio != nullptr && py::TypeOf(asyncio) != api.module_type) asyncio = nullptr;
  Object* get_name = asyncio != nullptr ? GetName(api, asyncio) : nullptr;
  Object* task = get_name != nullptr ? CurrentTask(api, asyncio) : nullptr;
  if (task != nullptr) {
    Object* name = task != api.none ? NameOf(api, get_name, task) : nullptr;
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
