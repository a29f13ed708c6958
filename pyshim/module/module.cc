#include "pyshim/module/module.h"

#include "pyshim/layout_cp27.h"

namespace pytrace::py {

ModuleHost module_host;

namespace {

constexpr int kKeywords = 1 | 2, kOneArgument = 8;  // METH_VARARGS | METH_KEYWORDS, METH_O
constexpr char kMark[] = "pytrace.hooked";

// The plain function in a decorated one: classmethod and staticmethod objects carry it. nullptr: there is none.
Object* FunctionOf(Object* o) {
  const Api& api = *module_host.api;
  if (TypeOf(o) == api.class_method_type || TypeOf(o) == api.static_method_type) o = At<Object*>(o, kMethodFunction);
  return o != nullptr && TypeOf(o) == api.function_type ? o : nullptr;
}

Object* NoTrace(Object*, Object* argument) {
  const Api& api = *module_host.api;
  if (Object* function = FunctionOf(argument)) module_host.no_trace(api.FunctionGetCode(function));
  api.IncRef(argument);
  return argument;
}

// What the object has in itself already: a str of whatever class, in 2.7 one of bytes that are UTF-8.
const char* Utf8(const Api& api, Object* text, Ssize* size) {
  if (api.python2) return NativeText(api, text, size);
  bool is_str = At<uint64_t>(TypeOf(text), kTypeFlags) & kStrSubclass;
  return is_str ? api.UnicodeAsUtf8AndSize(text, size) : nullptr;
}

// The UTF-8 of `text`, calls `use` with it. Nothing is an error: a program that logs runs traced as it does untraced.
template <class Use>
void WithUtf8(Object* text, Use use) {
  const Api& api = *module_host.api;
  Ssize size = 0;
  if (const char* utf8 = Utf8(api, text, &size)) return use(utf8, size);
  api.ErrClear();
  // Lone surrogates, unicode of 2.7. Of the exact type, so that `encode` is not the program's.
  Object* bytes = TypeOf(text) == api.unicode_type
                      ? api.ObjectCallMethod(text, "encode", "ss", "utf-8", "backslashreplace")
                      : nullptr;
  if (bytes != nullptr) {
    use(&At<char>(bytes, api.python2 ? kStringData27 : kBytesData), At<Ssize>(bytes, kVarSize));
    return api.DecRef(bytes);
  }
  api.ErrClear();
  use("?", 1);
}

Object* Log(Object*, Object* args, Object* keywords) {
  const Api& api = *module_host.api;
  static char text_name[] = "text", level_name[] = "level";
  static char* names[] = {text_name, level_name, nullptr};
  Object *text = nullptr, *level = nullptr;
  if (!api.ArgParse(args, keywords, "O|O:log", names, &text, &level)) return nullptr;
  long number = level != nullptr ? api.LongAsLong(level) : 20;
  if (number < 0) api.ErrClear();
  WithUtf8(text, [number](const char* utf8, Ssize size) { module_host.log(utf8, size, number < 0 ? 0 : number); });
  api.IncRef(api.none);
  return api.none;
}

MethodDef methods[] = {
    {"notrace", reinterpret_cast<void*>(&NoTrace), kOneArgument,
     "notrace(function) -> function: it and all that it calls is not recorded"},
    {"log", reinterpret_cast<void*>(&Log), kKeywords, "log(text, level=20): writes a record into the trace"},
    {nullptr, nullptr, 0, nullptr},
};

// Py_mod_multiple_interpreters (3.12+) would refuse older versions, so there is no slot at all: then only interpreters
// that share the main GIL may import it.
ModuleSlot slots[] = {{0, nullptr}};
ModuleDef definition = {1, nullptr, nullptr, nullptr, nullptr, "pytrace", "Control of the recording of this process.",
                        0, methods, slots,   nullptr, nullptr, nullptr};

}  // namespace

Object* InitModule() {
  const Api& api = *module_host.api;
  if (!api.python2) return api.ModuleDefInit(&definition);
  constexpr int kApiVersion = 1013;  // PYTHON_API_VERSION, Include/modsupport.h
  return api.InitModule4(definition.name, methods, definition.doc, nullptr, kApiVersion);
}

bool AlreadyHere(const Api& api) {
  if (api.InterpreterGet == nullptr || api.InterpreterGetDict == nullptr) return true;  // cannot tell: leave it alone
  Object* dict = api.InterpreterGetDict(api.InterpreterGet());
  return dict == nullptr || api.DictGetItemString(dict, kMark) != nullptr;
}

void MarkHere(const Api& api) {
  if (api.InterpreterGet == nullptr || api.InterpreterGetDict == nullptr) return;
  Object* dict = api.InterpreterGetDict(api.InterpreterGet());
  if (dict != nullptr) api.DictSetItemString(dict, kMark, api.none);
}

}  // namespace pytrace::py
