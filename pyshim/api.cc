#include "pyshim/api.h"

#include <cstring>

#include "pyshim/layout_cp27.h"
#include "pyshim/libc.h"

namespace pytrace::py {
namespace {

struct Symbol {
  const char* name;
  const char* or_else;  // the name in other versions
  size_t offset;        // in Api
  bool optional;
};

#define NEED(field, name) \
  { name, nullptr, offsetof(Api, field), false }
#define NEED2(field, name, other) \
  { name, other, offsetof(Api, field), false }
#define WANT(field, name) \
  { name, nullptr, offsetof(Api, field), true }

constexpr Symbol kCommon[] = {
    NEED(long_type, "PyLong_Type"),
    NEED(float_type, "PyFloat_Type"),
    NEED(bool_type, "PyBool_Type"),
    NEED(unicode_type, "PyUnicode_Type"),
    NEED(tuple_type, "PyTuple_Type"),
    NEED(list_type, "PyList_Type"),
    NEED(dict_type, "PyDict_Type"),
    NEED(set_type, "PySet_Type"),
    NEED(frozenset_type, "PyFrozenSet_Type"),
    NEED(complex_type, "PyComplex_Type"),
    NEED(cell_type, "PyCell_Type"),
    NEED(code_type, "PyCode_Type"),
    NEED(function_type, "PyFunction_Type"),
    NEED(static_method_type, "PyStaticMethod_Type"),
    NEED(class_method_type, "PyClassMethod_Type"),
    NEED(none, "_Py_NoneStruct"),
    NEED(true_object, "_Py_TrueStruct"),
    NEED(inittab, "PyImport_Inittab"),
    NEED(GetVersion, "Py_GetVersion"),
    NEED(ErrFetch, "PyErr_Fetch"),
    NEED(ErrRestore, "PyErr_Restore"),
    NEED(DictGetItem, "PyDict_GetItem"),
    NEED(DictGetItemString, "PyDict_GetItemString"),
    NEED(DictNext, "PyDict_Next"),
    NEED(DictSetItemString, "PyDict_SetItemString"),
    NEED(DictNew, "PyDict_New"),
    NEED(DictClear, "PyDict_Clear"),
    NEED(CompileString, "Py_CompileString"),
    NEED(EvalCode, "PyEval_EvalCode"),
    NEED(EvalGetBuiltins, "PyEval_GetBuiltins"),
    NEED2(CFunctionNew, "PyCFunction_NewEx", "PyCFunction_New"),
    NEED(ImportGetModuleDict, "PyImport_GetModuleDict"),
    NEED(SysGetObject, "PySys_GetObject"),
    NEED(ObjectGetAttrString, "PyObject_GetAttrString"),
    NEED(ObjectCallMethod, "PyObject_CallMethod"),
    NEED(ObjectCallFunction, "PyObject_CallFunctionObjArgs"),
    NEED(LongAsLong, "PyLong_AsLong"),
    NEED(FunctionGetCode, "PyFunction_GetCode"),
    NEED(TypeLookup, "_PyType_Lookup"),
    NEED(ObjectGenericGetAttr, "PyObject_GenericGetAttr"),
    NEED(ArgParse, "PyArg_ParseTupleAndKeywords"),
    NEED(IncRef, "Py_IncRef"),
    NEED(DecRef, "Py_DecRef"),
    NEED(ErrClear, "PyErr_Clear"),
    NEED(GcUntrack, "PyObject_GC_UnTrack"),
};

constexpr Symbol kPython3[] = {
    NEED(bytes_type, "PyBytes_Type"),
    NEED(module_def_type, "PyModuleDef_Type"),
    NEED(module_type, "PyModule_Type"),
    NEED(c_function_type, "PyCFunction_Type"),
    NEED(method_descriptor_type, "PyMethodDescr_Type"),
    NEED(false_object, "_Py_FalseStruct"),
    NEED2(ThreadStateGet, "PyThreadState_GetUnchecked", "_PyThreadState_UncheckedGet"),
    NEED(UnicodeInternFromString, "PyUnicode_InternFromString"),
    NEED(UnicodeFromString, "PyUnicode_FromString"),
    NEED(UnicodeAsUtf8AndSize, "PyUnicode_AsUTF8AndSize"),
    NEED(ModuleDefInit, "PyModuleDef_Init"),
    NEED(ModuleGetDict, "PyModule_GetDict"),
    NEED(CFunctionGetSelf, "PyCFunction_GetSelf"),
    NEED2(RequestCodeExtraIndex, "PyUnstable_Eval_RequestCodeExtraIndex", "_PyEval_RequestCodeExtraIndex"),
    NEED2(CodeSetExtra, "PyUnstable_Code_SetExtra", "_PyCode_SetExtra"),
    NEED(MemFree, "PyMem_Free"),
    WANT(InterpreterGet, "PyInterpreterState_Get"),
    WANT(InterpreterGetDict, "PyInterpreterState_GetDict"),
    WANT(SetEvalFrameFunc, "_PyInterpreterState_SetEvalFrameFunc"),
    WANT(eval_frame_default, "_PyEval_EvalFrameDefault"),
};

constexpr Symbol kPython2[] = {
    NEED(bytes_type, "PyString_Type"),
    NEED(false_object, "_Py_ZeroStruct"),
    NEED(ThreadStateGet, "PyThreadState_Get"),
    NEED(UnicodeInternFromString, "PyString_InternFromString"),
    NEED(UnicodeFromString, "PyString_FromString"),
    NEED(int_type, "PyInt_Type"),
    NEED(class_type, "PyClass_Type"),
    NEED(instance_type, "PyInstance_Type"),
    NEED(EvalSetProfile, "PyEval_SetProfile"),
    NEED(InterpreterThreadHead, "PyInterpreterState_ThreadHead"),
    NEED(ThreadStateNew, "PyThreadState_New"),
    NEED(ThreadStatePrealloc, "_PyThreadState_Prealloc"),
    NEED(ThreadStateInit, "_PyThreadState_Init"),
    NEED(SetNext, "_PySet_Next"),
    NEED(InitModule4, "Py_InitModule4_64"),
    NEED(ErrSetObject, "PyErr_SetObject"),
    NEED(ThreadIdent, "PyThread_get_thread_ident"),
    NEED(GilStateEnsure, "PyGILState_Ensure"),
    NEED(GilStateThisThread, "PyGILState_GetThisThreadState"),
    NEED(EvalRestoreThread, "PyEval_RestoreThread"),
    NEED(InterpreterHead, "PyInterpreterState_Head"),
    NEED(InterpreterNext, "PyInterpreterState_Next"),
    NEED(current_thread_state, "_PyThreadState_Current"),
};

// False with the first that is missing; the others are found all the same.
template <size_t kCount>
bool Load(void* handle, const Symbol (&symbols)[kCount], Api* api, const char** missing) {
  bool all = true;
  for (const Symbol& symbol : symbols) {
    void* found = FindSymbol(handle, symbol.name);
    if (found == nullptr && symbol.or_else != nullptr) found = FindSymbol(handle, symbol.or_else);
    if (found == nullptr && !symbol.optional && all) {
      *missing = symbol.name;
      all = false;
    }
    memcpy(reinterpret_cast<char*>(api) + symbol.offset, &found, sizeof(found));
  }
  return all;
}

}  // namespace

bool LoadApi(void* handle, Api* api, const char** missing) {
  if (!Load(handle, kCommon, api, missing)) return false;
  // Include/modsupport.h: so that no module of another build is loaded.
  api->trace_refs = FindSymbol(handle, "PyModule_Create2TraceRefs") != nullptr ||
                    FindSymbol(handle, "Py_InitModule4TraceRefs_64") != nullptr;
  api->python2 = FindSymbol(handle, "PyString_Type") != nullptr;
  if (!api->python2) return Load(handle, kPython3, api, missing);
  // The width of its unicode is part of the names of its functions.
  api->unicode_unit = FindSymbol(handle, "PyUnicodeUCS2_AsUTF8String") != nullptr ? 2 : 4;
  return Load(handle, kPython2, api, missing);
}

bool IsUtf8(const char* text, Ssize size) {
  for (Ssize i = 0; i < size;) {
    unsigned char c = text[i++];
    int trail = c < 0x80 ? 0 : c >= 0xc2 && c < 0xe0 ? 1 : c >= 0xe0 && c < 0xf0 ? 2 : c >= 0xf0 && c < 0xf5 ? 3 : -1;
    if (trail < 0 || trail > size - i) return false;
    for (; trail > 0; --trail) {
      if ((text[i++] & 0xc0) != 0x80) return false;
    }
  }
  return true;
}

const char* NativeText(const Api& api, const Object* text, Ssize* size) {
  *size = 0;
  if (text == nullptr || TypeOf(text) != (api.python2 ? api.bytes_type : api.unicode_type)) return nullptr;
  if (api.python2) {
    const char* data = &At<char>(text, kStringData27);
    *size = At<Ssize>(text, kVarSize);
    if (IsUtf8(data, *size)) return data;
  } else {
    if (const char* data = api.UnicodeAsUtf8AndSize(const_cast<Object*>(text), size)) return data;
    api.ErrClear();  // lone surrogates
  }
  *size = -1;
  return nullptr;
}

}  // namespace pytrace::py
