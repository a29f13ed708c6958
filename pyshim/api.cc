#include "pyshim/api.h"

#include <cstring>

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

constexpr Symbol kSymbols[] = {
    NEED(long_type, "PyLong_Type"),
    NEED(float_type, "PyFloat_Type"),
    NEED(bool_type, "PyBool_Type"),
    NEED(unicode_type, "PyUnicode_Type"),
    NEED(bytes_type, "PyBytes_Type"),
    NEED(tuple_type, "PyTuple_Type"),
    NEED(list_type, "PyList_Type"),
    NEED(dict_type, "PyDict_Type"),
    NEED(set_type, "PySet_Type"),
    NEED(frozenset_type, "PyFrozenSet_Type"),
    NEED(complex_type, "PyComplex_Type"),
    NEED(cell_type, "PyCell_Type"),
    NEED(code_type, "PyCode_Type"),
    NEED(function_type, "PyFunction_Type"),
    NEED(module_def_type, "PyModuleDef_Type"),
    NEED(static_method_type, "PyStaticMethod_Type"),
    NEED(class_method_type, "PyClassMethod_Type"),
    NEED(none, "_Py_NoneStruct"),
    NEED(true_object, "_Py_TrueStruct"),
    NEED(false_object, "_Py_FalseStruct"),
    NEED(inittab, "PyImport_Inittab"),
    NEED(GetVersion, "Py_GetVersion"),
    NEED2(ThreadStateGet, "PyThreadState_GetUnchecked", "_PyThreadState_UncheckedGet"),
    NEED(ErrFetch, "PyErr_Fetch"),
    NEED(ErrRestore, "PyErr_Restore"),
    NEED(DictGetItem, "PyDict_GetItem"),
    NEED(DictGetItemString, "PyDict_GetItemString"),
    NEED(DictNext, "PyDict_Next"),
    NEED(DictSetItemString, "PyDict_SetItemString"),
    NEED(DictNew, "PyDict_New"),
    NEED(UnicodeInternFromString, "PyUnicode_InternFromString"),
    NEED(UnicodeFromString, "PyUnicode_FromString"),
    NEED(UnicodeAsUtf8AndSize, "PyUnicode_AsUTF8AndSize"),
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
    NEED(ModuleDefInit, "PyModuleDef_Init"),
    NEED(TypeLookup, "_PyType_Lookup"),
    NEED(ObjectGenericGetAttr, "PyObject_GenericGetAttr"),
    NEED(ArgParse, "PyArg_ParseTupleAndKeywords"),
    NEED(IncRef, "Py_IncRef"),
    NEED(DecRef, "Py_DecRef"),
    NEED(ErrClear, "PyErr_Clear"),
    NEED(GcUntrack, "PyObject_GC_UnTrack"),
    NEED2(RequestCodeExtraIndex, "PyUnstable_Eval_RequestCodeExtraIndex", "_PyEval_RequestCodeExtraIndex"),
    NEED2(CodeSetExtra, "PyUnstable_Code_SetExtra", "_PyCode_SetExtra"),
    NEED(MemFree, "PyMem_Free"),
    WANT(InterpreterGet, "PyInterpreterState_Get"),
    WANT(InterpreterGetDict, "PyInterpreterState_GetDict"),
    WANT(SetEvalFrameFunc, "_PyInterpreterState_SetEvalFrameFunc"),
    WANT(eval_frame_default, "_PyEval_EvalFrameDefault"),
};

}  // namespace

bool LoadApi(void* handle, Api* api, const char** missing) {
  for (const Symbol& symbol : kSymbols) {
    void* found = FindSymbol(handle, symbol.name);
    if (found == nullptr && symbol.or_else != nullptr) found = FindSymbol(handle, symbol.or_else);
    if (found == nullptr && !symbol.optional) {
      *missing = symbol.name;
      return false;
    }
    memcpy(reinterpret_cast<char*>(api) + symbol.offset, &found, sizeof(found));
  }
  return true;
}

}  // namespace pytrace::py
