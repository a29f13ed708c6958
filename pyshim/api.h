// The functions and objects of the interpreter that we use, found by name at run time. What a version does not have
// stays null.
//
// All calls here need the GIL. None of them runs the program's Python code when used as the comments say.
#ifndef PYTRACE_PYSHIM_API_H_
#define PYTRACE_PYSHIM_API_H_

#include "pyshim/object.h"

namespace pytrace::py {

// PyMethodDef (2.7 has the same) and PyModuleDef as in every 3.x GIL build (Include/methodobject.h,
// Include/moduleobject.h).
struct MethodDef {
  const char* name;
  void* function;
  int flags;
  const char* doc;
};
struct ModuleSlot {
  int slot;
  void* value;
};
struct ModuleDef {
  Ssize refcount;
  Object* type;
  void *m_init, *m_index, *m_copy;
  const char *name, *doc;
  Ssize size;
  MethodDef* methods;
  ModuleSlot* slots;
  void *traverse, *clear, *free;
};
static_assert(offsetof(ModuleDef, slots) == 72);

struct InittabEntry {
  const char* name;
  Object* (*init)();
};

struct Api {
  // Objects
  Object *long_type, *float_type, *bool_type, *unicode_type, *bytes_type, *tuple_type, *list_type, *dict_type,
      *set_type, *frozenset_type, *complex_type;
  Object *cell_type, *code_type, *function_type, *module_def_type, *static_method_type, *class_method_type;
  Object *module_type, *c_function_type, *method_descriptor_type;  // 3 only
  Object *none, *true_object, *false_object;
  InittabEntry** inittab;

  // Always there
  const char* (*GetVersion)();
  void* (*ThreadStateGet)();
  void (*ErrFetch)(Object** type, Object** value, Object** traceback);
  void (*ErrRestore)(Object* type, Object* value, Object* traceback);
  Object* (*DictGetItem)(Object* dict, Object* key);            // borrowed, suppresses errors
  Object* (*DictGetItemString)(Object* dict, const char* key);  // borrowed; makes and drops a str
  int (*DictNext)(Object* dict, Ssize* position, Object** key, Object** value);
  int (*DictSetItemString)(Object* dict, const char* key, Object* value);
  Object* (*DictNew)();
  void (*DictClear)(Object* dict);
  Object* (*UnicodeInternFromString)(const char*);
  Object* (*UnicodeFromString)(const char*);
  const char* (*UnicodeAsUtf8AndSize)(Object* str, Ssize* size);
  Object* (*CompileString)(const char* source, const char* file, int start);
  Object* (*EvalCode)(Object* code, Object* globals, Object* locals);
  Object* (*EvalGetBuiltins)();
  Object* (*CFunctionNew)(MethodDef* def, Object* self, Object* module);
  Object* (*ImportGetModuleDict)();
  Object* (*SysGetObject)(const char* name);  // borrowed
  Object* (*ObjectGetAttrString)(Object*, const char*);
  Object* (*ObjectCallMethod)(Object*, const char* name, const char* format, ...);
  Object* (*ObjectCallFunction)(Object* callable, ...);  // PyObject_CallFunctionObjArgs: the last argument is nullptr
  long (*LongAsLong)(Object*);
  Object* (*FunctionGetCode)(Object* function);  // borrowed
  Object* (*ModuleDefInit)(ModuleDef*);
  Object* (*ModuleGetDict)(Object* module);                       // borrowed
  Object* (*CFunctionGetSelf)(Object* function);                  // borrowed; of a module's function the module
  Object* (*TypeLookup)(Object* type, Object* name);              // _PyType_Lookup: borrowed, sets no error
  Object* (*ObjectGenericGetAttr)(Object* object, Object* name);  // new reference
  int (*ArgParse)(Object* args, Object* keywords, const char* format, char** names, ...);
  void (*IncRef)(Object*);
  void (*DecRef)(Object*);
  void (*ErrClear)();
  void (*GcUntrack)(Object*);

  // Code objects' private slot: _PyEval_RequestCodeExtraIndex / PyUnstable_Eval_RequestCodeExtraIndex (3.12+)
  Ssize (*RequestCodeExtraIndex)(void (*free)(void*));
  int (*CodeSetExtra)(Object* code, Ssize index, void* extra);
  void (*MemFree)(void*);  // PyMem_Free, the slot's allocator

  // 3.9 to 3.15
  void* (*InterpreterGet)();
  Object* (*InterpreterGetDict)(void* interpreter);  // borrowed; a dictionary for C code only
  void (*SetEvalFrameFunc)(void* interpreter, void* function);
  // Exported by 3.6 to 3.15
  void* eval_frame_default;

  // A debug build whose objects have two pointers more at their head: nothing here fits them.
  bool trace_refs;

  // 2.7: where it has another function or type for the same purpose, that stands above. `bytes_type` is its str, whose
  // texts the functions of UnicodeFromString's kind make; UnicodeAsUtf8AndSize is missing: use NativeText.
  bool python2;
  int unicode_unit;  // bytes of a Py_UNICODE
  Object *int_type, *class_type, *instance_type;
  void (*EvalSetProfile)(void* function, Object* object);
  void* (*InterpreterThreadHead)(void* interpreter);
  void* (*ThreadStateNew)(void* interpreter);
  void* (*ThreadStatePrealloc)(void* interpreter);
  void (*ThreadStateInit)(void* tstate);
  int (*SetNext)(Object* set, Ssize* position, Object** key);
  Object* (*InitModule4)(const char* name, MethodDef* methods, const char* doc, Object* self, int api_version);
  void (*ErrSetObject)(Object* type, Object* value);
  long (*ThreadIdent)();
  int (*GilStateEnsure)();
  void* (*GilStateThisThread)();
  void (*EvalRestoreThread)(void* tstate);
  void* (*InterpreterHead)();
  void* (*InterpreterNext)(void* interpreter);
  void** current_thread_state;
};

// Looks everything up in `handle` (RTLD_DEFAULT, or what dlopen gave). False with the name of the first that is
// missing; what tells the version and where modules begin is there even then, if the interpreter has it.
bool LoadApi(void* handle, Api* api, const char** missing);

// Lead and trail bytes fit each other; more is for whoever reads.
bool IsUtf8(const char* text, Ssize size);
// The UTF-8 of a name or file: a str keeps it in the object; in 2.7 a str has bytes, mostly of UTF-8. nullptr with a
// size of 0: it is no such text; -1: it is no UTF-8. No error is set.
const char* NativeText(const Api& api, const Object* text, Ssize* size);

}  // namespace pytrace::py

#endif  // PYTRACE_PYSHIM_API_H_
