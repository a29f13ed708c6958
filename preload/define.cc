// A function met for the first time: is it wanted, what is it called, what are its arguments. Out of the hot path, once
// for each code object.
#include <string.h>

#include "preload/call_path.h"
#include "preload/cold_record.h"

namespace pytrace {

namespace tag = record::tag;
using py::At;
using py::CodeWord;
using py::Object;
using py::Ssize;
using record::Encoder;
using record::kBytes;
using record::kVarint;
using record::Tag;

namespace {

struct Text {
  const char* data = "";
  Ssize size = 0;
  bool Is(const char* s) const { return static_cast<size_t>(size) == strlen(s) && memcmp(data, s, size) == 0; }
};

// The UTF-8 of a name or file. Lone surrogates have none: then "?".
Text Utf8(const Object* str) {
  Ssize size;
  const char* data = py::NativeText(process.api, str, &size);
  if (data == nullptr) return size < 0 ? Text{"?", 1} : Text();
  return {data, size};
}

Text BaseName(Text path) {
  for (Ssize i = path.size; i > 0; --i) {
    if (path.data[i - 1] == '/') return {path.data + i, path.size - i};
  }
  return path;
}

// One entry of TRACE_MODULES: a folder (it has a slash) or a package.
bool EntryMatches(const char* entry, size_t n, Text module, Text file) {
  if (memchr(entry, '/', n) != nullptr) {
    while (n > 1 && entry[n - 1] == '/') --n;
    if (static_cast<size_t>(file.size) < n || memcmp(file.data, entry, n) != 0) return false;
    return static_cast<size_t>(file.size) == n || file.data[n] == '/';
  }
  if (static_cast<size_t>(module.size) < n || memcmp(module.data, entry, n) != 0) return false;
  return static_cast<size_t>(module.size) == n || module.data[n] == '.';
}

bool Wanted(Text module, Text file) {
  const char* list = process.config.modules;
  if (list == nullptr) return true;
  while (*list) {
    const char* end = strchrnul(list, ':');
    if (end != list && EntryMatches(list, end - list, module, file)) return true;
    list = *end ? end + 1 : end;
  }
  return false;
}

// The body of a module or class: it has no slots. In 2.7 a function with an `exec` in it is not "optimised" either;
// there a body has no arguments just as its counts say.
template <class L>
bool IsScope(uint32_t flags) {
  return L::kMajor == 3 && !(flags & py::kCoOptimized);
}

template <class L>
struct Signature {
  uint32_t count = 0;  // arguments in all
  uint32_t positional, keyword_only;
  bool star, star_star;
  const Object* names;  // tuple

  Signature(const Object* code, uint32_t flags) {
    positional = At<uint32_t>(code, L::kCodeArgcount);
    keyword_only = L::kMajor == 2 ? 0 : At<uint32_t>(code, L::kCodeKwonly);
    star = flags & py::kCoVarargs;
    star_star = flags & py::kCoVarkeywords;
    names = At<const Object*>(code, L::kCodeLocalNames);
    count = positional + keyword_only + star + star_star;
    // Bodies of modules and classes have no arguments; neither may the slots be fewer than we are told.
    if (IsScope<L>(flags) || At<Ssize>(names, py::kVarSize) < static_cast<Ssize>(count)) count = 0;
  }
  const Object* Name(uint32_t slot) const { return (&At<const Object*>(names, L::kTupleItems))[slot]; }
  // `all`: out is full where a name has no room; else the names stop there, and the arguments after it have none.
  void WriteNames(Encoder& out, bool all) const {
    constexpr size_t kRest = 100;  // more than what follows the names
    bool more = true;
    auto put = [&](uint32_t slot) {
      Text name = Utf8(Name(slot));
      more = more && (all || out.room() > static_cast<size_t>(name.size) + kRest);
      if (more) out.Bytes(Tag(9, kBytes), name.data, name.size);
    };
    if (count == 0) return;
    for (uint32_t i = 0; i < positional; ++i) put(i);
    if (star) put(positional + keyword_only);
    for (uint32_t i = 0; i < keyword_only; ++i) put(positional + i);
    if (star_star) put(positional + keyword_only + star);
    if (star) out.Uint(Tag(10, kVarint), positional + 1);
    if (star_star) out.Uint(Tag(11, kVarint), count);
  }
};

template <class L>
bool EncodeFunction(ThreadState& t, uint32_t id, const Object* code, Text module, bool main,
                    const Signature<L>& signature, bool whole) {
  constexpr size_t kMostText = ColdRecord::kLongestText / 4;  // of the four that there are, when all must fit
  uint32_t flags = At<uint32_t>(code, L::kCodeFlags);
  ColdRecord function(t, tag::kFunction);
  Encoder& out = function.out;
  auto text = [&](uint32_t field, const Text& value) {
    function.Text(Tag(field, kBytes), value.data, value.size, whole ? SIZE_MAX : kMostText);
  };
  out.Uint(Tag(1, kVarint), id);
  function.Time();
  text(3, module);
  text(4, Utf8(At<const Object*>(code, L::kCodeName)));
  text(5, Utf8(At<const Object*>(code, L::kCodeQualname)));
  text(6, Utf8(At<const Object*>(code, L::kCodeFile)));
  out.Uint(Tag(7, kVarint), At<uint32_t>(code, L::kCodeFirstLine));
  out.Uint(Tag(8, kVarint), flags);
  signature.WriteNames(out, whole);
  if (main) out.Uint(Tag(12, kVarint), 1);
  if (!(flags & py::kCoOptimized)) out.Uint(Tag(13, kVarint), 1);
  return function.Publish();
}

// Here, else at the beginning of a large chunk, else with its texts cut and as many names of arguments as such a chunk
// holds: one that is begun already may have half the room, and these names are the only ones that there will be.
// Without room it is the call that is lost.
template <class L>
bool WriteFunction(ThreadState& t, uint32_t id, const Object* code, Text module, bool main,
                   const Signature<L>& signature) {
  for (int attempt = 0; attempt < 3; ++attempt) {
    constexpr uint32_t kWhole = ring::kUnitBytes * ring::kLargeUnits - sizeof(ring::ChunkHeader) - ring::kRoom;
    uint32_t room = attempt == 0 ? ring::kRoom : kWhole;
    if ((attempt != 0 || !t.writer.HasRoom()) && !MakeRoom(t, room, What::kEnter)) return false;
    if (EncodeFunction<L>(t, id, code, module, main, signature, attempt < 2)) return true;
  }
  return false;
}

}  // namespace

template <class L>
uint64_t DefineFunction(ThreadState& t, Object* code, const void* frame) {
  const py::Api& api = process.api;
  Object *error_type, *error_value, *error_traceback;
  api.ErrFetch(&error_type, &error_value, &error_traceback);

  uint64_t old = py::LoadCodeWord<L>(code, process.code_extra_index);
  uint32_t flags = At<uint32_t>(code, L::kCodeFlags);
  const Object* globals = At<const Object*>(frame, L::kFrameGlobals);
  Text module, file = Utf8(At<const Object*>(code, L::kCodeFile)), name = Utf8(At<const Object*>(code, L::kCodeName));
  if (globals != nullptr && py::TypeOf(globals) == api.dict_type)
    module = Utf8(api.DictGetItem(const_cast<Object*>(globals), process.name_key));
  if (!process.strands && BringsGreenlets(module.data, module.size)) BeginStrands();
  bool is_main = module.Is("__main__");
  if (is_main) {  // code made at run time (exec, dataclasses) belongs to the script in whose globals it runs
    Text script = Utf8(api.DictGetItemString(const_cast<Object*>(globals), "__file__"));
    module = BaseName(script.size != 0 ? script : file);
  }

  uint64_t word = process.epoch_bits | (old & CodeWord::kNoTrace);
  if constexpr (requires { L::kSharesBareCode; }) {
    if (HandsOver(module.data, module.size)) word |= CodeWord::kSpecial | CodeWord::kShares;
  }
  if (!Wanted(module, file)) {
    word |= CodeWord::kFiltered;
  } else if (!(word & CodeWord::kNoTrace)) {
    Signature<L> signature(code, flags);
    uint32_t id = process.last_function.fetch_add(1, std::memory_order_relaxed) + 1;
    bool main_body = is_main && !process.main_seen && name.Is("<module>");
    if (!WriteFunction<L>(t, id, code, module, main_body, signature)) {
      word = 0;
    } else {
      if (main_body) process.main_seen = true;
      word |= static_cast<uint64_t>(id) << CodeWord::kIdShift;
      if (process.values && signature.count != 0) {  // without values a function is as good as one without arguments
        // So many never fit into a record: it says that there were more than it has.
        uint32_t count = signature.count < 0xffff ? signature.count : 0xffff;
        word |= static_cast<uint64_t>(count) << CodeWord::kArgsShift;
        if (py::HasCellArguments<L>(code, signature.count)) word |= CodeWord::kCells;
        if (signature.star && signature.keyword_only > 0) word |= CodeWord::kReorder;
      }
      if (L::kHookTellsCreation && (flags & py::kCoAnyGenerator)) word |= CodeWord::kGenerator;
      if (flags & py::kCoTask) word |= CodeWord::kSpecial;
      if (module.Is("threading") && name.Is(process.api.python2 ? "__bootstrap" : "_bootstrap") && signature.count > 0)
        word |= CodeWord::kSpecial;
    }
  }
  if (word != 0) CallPath<L>::StoreWord(code, word);
  api.ErrClear();
  api.ErrRestore(error_type, error_value, error_traceback);
  return word;
}

#define INSTANTIATE(L) template uint64_t DefineFunction<py::L>(ThreadState&, Object*, const void*);
PYTRACE_FOR_EACH_LAYOUT(INSTANTIATE)

}  // namespace pytrace
