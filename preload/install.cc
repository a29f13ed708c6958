#include "preload/install.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <utility>

#include "preload/call_path.h"
#include "preload/control.h"
#include "preload/process.h"
#include "preload/self_test.h"
#include "preload/thread_state.h"
#include "pyshim/detect.h"
#include "pyshim/hook_eval_frame.h"
#include "pyshim/hook_monitoring.h"
#include "pyshim/hook_profile.h"
#include "pyshim/inlined_getitem.h"
#include "pyshim/module/module.h"

namespace pytrace {
namespace {

using py::Api;
using py::InittabEntry;
using py::ModuleDef;
using py::ModuleSlot;
using py::Object;

// Which hook an interpreter of this version gets.
struct Family {
  int major, minor;
  const char* mode;
  const char* (*check)(const Api&);    // nullptr or the layout fact that differs
  const char* (*install)(const Api&);  // nullptr or what went wrong
  void (*remove)(const Api&);          // after a failed self-test
  bool (*here)(const Api&);            // this interpreter has the hook
  uint64_t (*load_word)(const Object* code);
  bool (*store_word)(Object* code, uint64_t word);
  const char* (*restriction)() = nullptr;  // what does not work here, or ""
};

template <class L>
constexpr Family EvalFrame() {
  using Hook = py::EvalFrameHook<L, CallPath<L>>;
  // 3.6 and 3.7 have no dictionary of the interpreter for a mark, 3.8 no function that tells the interpreter.
  return {L::kMajor,
          L::kMinor,
          "eval_frame",
          &py::CheckLayout<L>,
          &Hook::Install,
          &Hook::Remove,
          L::kHookHasThreadState ? &py::AlreadyHere : &Hook::IsSet,
          &CallPath<L>::Word,
          &CallPath<L>::StoreWord};
}
// 3.11, of which some would not ask the hook about every call.
const char* missing_calls = nullptr;
constexpr Family EvalFrame311() {
  Family family = EvalFrame<py::Cp311>();
  family.install = [](const Api& api) {
    if (missing_calls == nullptr) missing_calls = py::StopInlinedGetItem(api);  // for all interpreters of the process
    return py::EvalFrameHook<py::Cp311, CallPath<py::Cp311>>::Install(api);
  };
  family.restriction = [] { return missing_calls; };
  return family;
}
template <class L>
constexpr Family Monitoring() {
  using Hook = py::MonitoringHook<L, CallPath<L>>;
  return {L::kMajor,     L::kMinor,    "monitoring",       &py::CheckLayout<L>,    &Hook::Install,
          &Hook::Remove, &Hook::IsSet, &CallPath<L>::Word, &CallPath<L>::StoreWord};
}

template <class L>
constexpr Family Profile() {
  using Hook = py::ProfileHook<L, CallPath<L>>;
  return {L::kMajor,     L::kMinor,    "profile",          &py::CheckLayout<L>,     &Hook::Install,
          &Hook::Remove, &Hook::IsSet, &CallPath<L>::Word, &CallPath<L>::StoreWord, &Hook::Restriction};
}

constexpr Family kFamilies[] = {
    Profile<py::Cp27>(),     EvalFrame<py::Cp36>(),   EvalFrame<py::Cp37>(),   EvalFrame<py::Cp38>(),
    EvalFrame<py::Cp39>(),   EvalFrame<py::Cp310>(),  EvalFrame311(),          Monitoring<py::Cp312>(),
    Monitoring<py::Cp313>(), Monitoring<py::Cp314>(), Monitoring<py::Cp315>(),
};

const Family* family;  // what the first interpreter got, nullptr: none
bool first_install = true;

// The process runs untraced: one segment without rings tells the database why. Who started it with `pytrace` hears it
// at the end of the run, once for all processes.
void StepAside(const char* why) {
  if (process.config.first_of_run) Complain(process.python, why);
  process.mode = "none";
  process.mode_reason = why;
  OpenSegment();
  process.off.store(true, std::memory_order_relaxed);
}

// `what` failed, and why; nullptr stays.
const char* Reason(const char* what, const char* why) {
  static char reason[160];
  if (why == nullptr) return nullptr;
  snprintf(reason, sizeof(reason), "%s: %s", what, why);
  return reason;
}

const Family* ChooseFamily(const py::Version& version, const char** why) {
  for (const Family& f : kFamilies) {
    if (f.major != version.major || f.minor != version.minor) continue;
    *why = Reason("the layout differs", f.check(process.api));
    return *why == nullptr ? &f : nullptr;
  }
  *why = "this version of Python is not known";
  return nullptr;
}

void InstallFirst(const Api& api) {
  const char* why = nullptr;
  family = ChooseFamily(py::ReadVersion(api), &why);
  if (family == nullptr) return StepAside(why);
  process.name_key = api.UnicodeInternFromString("__name__");
  process.get_name_key = api.UnicodeInternFromString("get_name");
  process.thread_name_key = api.UnicodeInternFromString(api.python2 ? "_Thread__name" : "_name");
  process.code_extra_index = api.python2 ? 0 : api.RequestCodeExtraIndex(nullptr);
  if (process.name_key == nullptr || process.thread_name_key == nullptr || process.code_extra_index < 0) {
    family = nullptr;
    return StepAside("the interpreter gave no room for our marks");
  }
  why = family->install(api);
  if (why == nullptr && (why = Reason("the self-test failed", SelfTest(api, family->major, family->minor))) != nullptr)
    family->remove(api);
  if (why != nullptr) {
    family = nullptr;
    return StepAside(why);
  }
  process.types.WatchDeaths(api);
  process.mode = family->mode;
  if (family->restriction != nullptr) process.mode_reason = family->restriction();
  process.load_word = family->load_word;
  process.store_word = family->store_word;
  OpenSegment();
}

// Under the GIL of an interpreter that starts. Comes several times for each; the first counts.
void Install() {
  Object *type, *value, *traceback;
  const Api& api = process.api;
  api.ErrFetch(&type, &value, &traceback);
  if (first_install) {
    first_install = false;
    InstallFirst(api);
  } else if (family != nullptr && !family->here(api)) {
    // A subinterpreter: its code objects have extra slots of their own.
    if (api.RequestCodeExtraIndex(nullptr) == process.code_extra_index) family->install(api);
  }
  if (family != nullptr && family->here == &py::AlreadyHere) py::MarkHere(api);
  api.ErrClear();
  api.ErrRestore(type, value, traceback);
}

// The builtin modules whose init we wrap: the first ones that any 3.x imports, and 2.7 (zipimport, and _codecs where we
// come too late for that). Init functions run in the main interpreter (3.13: always there), exec slots in the
// interpreter that imports.
constexpr const char* kWrapped[] = {"_thread", "_warnings", "_io",     "marshal",
                                    "posix",   "_codecs",   "_signal", "zipimport"};
constexpr int kWrappedCount = sizeof(kWrapped) / sizeof(kWrapped[0]);
Object* (*original_init[kWrappedCount])();
ModuleDef* patched_def[kWrappedCount];

constexpr int kPyModExec = 2;  // Py_mod_exec, Include/moduleobject.h

int ExecSlot(Object*) {
  Install();
  return 0;
}

// Appends our exec slot to the definition; it lives as long as the interpreter, so once is enough.
void PatchSlots(ModuleDef* def) {
  size_t n = 0;
  while (def->slots != nullptr && def->slots[n].slot != 0) ++n;
  ModuleSlot* slots = static_cast<ModuleSlot*>(calloc(n + 2, sizeof(ModuleSlot)));
  if (slots == nullptr) return;
  if (n != 0) memcpy(slots, def->slots, n * sizeof(ModuleSlot));
  slots[n] = {kPyModExec, reinterpret_cast<void*>(&ExecSlot)};
  def->slots = slots;
}

template <int kIndex>
Object* WrappedInit() {
  Object* result = original_init[kIndex]();
  if (process.api.python2) {  // returns nothing; an import that fails is seen by the error that is set
    Install();
    return nullptr;
  }
  if (result == nullptr) return nullptr;
  if (py::TypeOf(result) != process.api.module_def_type) {
    Install();  // a finished module: we are in the interpreter that asked
  } else if (patched_def[kIndex] == nullptr) {
    patched_def[kIndex] = reinterpret_cast<ModuleDef*>(result);
    PatchSlots(patched_def[kIndex]);
  }
  return result;
}

// Of an interpreter that is not recorded: only its first import says so, since many a program has libpython in it and
// never starts it.
const char* aside_because;

template <int kIndex>
Object* AsideInit() {
  const char* why = aside_because;
  aside_because = nullptr;
  if (why != nullptr) StepAside(why);
  return original_init[kIndex]();
}

template <int... kIndex>
void WrapAll(InittabEntry* table, std::integer_sequence<int, kIndex...>) {
  Object* (*const recorded[])() = {&WrappedInit<kIndex>...};
  Object* (*const aside[])() = {&AsideInit<kIndex>...};
  Object* (*const* const wrappers)() = aside_because != nullptr ? aside : recorded;
  for (InittabEntry* entry = table; entry->name != nullptr; ++entry) {
    for (int i = 0; i < kWrappedCount; ++i) {
      if (strcmp(entry->name, kWrapped[i]) != 0 || entry->init == nullptr) continue;
      original_init[i] = entry->init;
      entry->init = wrappers[i];
    }
  }
}

// A longer copy of the table, with the module `pytrace` at its end.
void AddModule(InittabEntry** inittab) {
  size_t n = 0;
  while ((*inittab)[n].name != nullptr) ++n;
  InittabEntry* table = static_cast<InittabEntry*>(calloc(n + 2, sizeof(InittabEntry)));
  if (table == nullptr) return;
  memcpy(table, *inittab, n * sizeof(InittabEntry));
  table[n] = {"pytrace", &py::InitModule};
  *inittab = table;
}

}  // namespace

void FoundInterpreter(void* handle) {
  Api& api = process.api;
  const char* missing = nullptr;
  bool complete = py::LoadApi(handle, &api, &missing);
  if (api.GetVersion == nullptr || api.inittab == nullptr) return;  // some other program with a symbol of that name
  py::Version version = py::ReadVersion(api);
  strcpy(process.python, version.text);
  if (version.free_threaded) {
    aside_because = "free-threaded builds are not known";
  } else if (api.trace_refs) {
    aside_because = "debug builds with Py_TRACE_REFS are not known";
  } else if (!complete) {
    aside_because = Reason("a symbol is missing", missing);
  }
  if (!InitThreads()) return;
  process.use_tsc = TscIsInvariant();
  process.values = process.config.values;
  process.limits = process.config.limits;
  InitControl();
  bool known = aside_because == nullptr;
  WrapAll(*api.inittab, std::make_integer_sequence<int, kWrappedCount>());
  if (known) AddModule(api.inittab);
}

}  // namespace pytrace
