#include "pyshim/learn_exceptions.h"

#include <initializer_list>

#include "pyshim/layout_cp27.h"

namespace pytrace::py {
namespace {

// Raised by C code and by Python code, at once and from further below, and thrown into a generator.
constexpr char kSource[] =
    "error, name = KeyError('learned'), 'name'\n"
    "def leaf(): raises()\n"
    "def through(n):\n"
    "    rest = [n, (n, n)]\n"
    "    if n: through(n - 1)\n"
    "    leaf()\n"
    "def plain(): raise error\n"
    "def plain_through(a, b=2): return len([plain() for i in [a, b]])\n"
    "def generator():\n"
    "    yield 1\n"
    "    yield 2\n"
    "def throws():\n"
    "    g = generator()\n"
    "    next(g)\n"
    "    g.throw(error)\n"
    "def fresh(): generator().throw(error)\n"
    "def resumes(): return list(generator())\n";

// What OnEvent and Raises know of the code that runs.
struct Running {
  const Api* api;
  FetchedException *thrown, *raised;
  Object *type, *value;  // of its exception
  int throw_at;          // which run of the generator is one by throw(), from 1; 0: none
  int runs;
};
Running running;

enum What { kCall = 0, kReturn = 3 };
constexpr int kNoArguments = 4;  // METH_NOARGS

int OnEvent(Object*, void* frame, int what, Object* arg) {
  CalledFrom from = PYTRACE_CALLED_FROM;
  if (what == kReturn && arg == nullptr) running.raised->Learn(from, running.type, running.value);
  if (what != kCall) return 0;
  uint32_t flags = At<uint32_t>(At<Object*>(frame, Cp27::kFrameCode), Cp27::kCodeFlags);
  bool throws = flags & kCoGenerator && ++running.runs == running.throw_at;
  running.thrown->Learn(from, throws ? running.type : nullptr, throws ? running.value : nullptr);
  return 0;
}

Object* Raises(Object*, Object*) {
  running.api->ErrSetObject(running.type, running.value);
  return nullptr;
}

void Run(Object* globals, const char* call, Object* type, Object* value, int throw_at) {
  const Api& api = *running.api;
  Object* code = api.CompileString(call, "<pytrace>", 257);  // Py_file_input
  if (code == nullptr) return api.ErrClear();
  running.type = type;
  running.value = value;
  running.throw_at = throw_at;
  running.runs = 0;
  api.EvalSetProfile(reinterpret_cast<void*>(&OnEvent), nullptr);
  Object* result = api.EvalCode(code, globals, globals);
  api.EvalSetProfile(nullptr, nullptr);
  if (result != nullptr) api.DecRef(result);
  api.ErrClear();
  api.DecRef(code);
}

}  // namespace

void LearnExceptions(const Api& api, FetchedException* thrown, FetchedException* raised) {
  running = {&api, thrown, raised, nullptr, nullptr, 0, 0};
  static MethodDef raises = {"raises", reinterpret_cast<void*>(&Raises), kNoArguments, nullptr};
  Object* globals = api.DictNew();
  Object* function = api.CFunctionNew(&raises, nullptr, nullptr);
  if (globals != nullptr && function != nullptr) {
    api.DictSetItemString(globals, "__builtins__", api.EvalGetBuiltins());
    api.DictSetItemString(globals, "raises", function);
    Run(globals, kSource, nullptr, nullptr, 0);
    Object* error = api.DictGetItemString(globals, "error");
    Object* name = api.DictGetItemString(globals, "name");
    Object* type = error != nullptr ? TypeOf(error) : nullptr;
    if (type != nullptr && name != nullptr) {
      for (const char* call : {"leaf()", "through(3)", "through(0)"}) {
        Run(globals, call, type, error, 0);
        Run(globals, call, type, name, 0);     // a value that is no exception yet
        Run(globals, call, type, nullptr, 0);  // none
      }
      Run(globals, "plain()", type, error, 0);
      Run(globals, "plain_through(1)", type, error, 0);
      Run(globals, "throws()", type, error, 2);
      Run(globals, "fresh()", type, error, 1);
      Run(globals, "resumes()", type, error, 0);
      thrown->Learned();
      raised->Learned();
    }
  }
  if (function != nullptr) api.DecRef(function);
  if (globals != nullptr) {
    api.DictClear(globals);  // its functions refer to it
    api.DecRef(globals);
  }
  api.ErrClear();
}

}  // namespace pytrace::py
