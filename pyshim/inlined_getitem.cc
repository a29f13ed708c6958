// How: the instruction is specialised only for functions with a version number, and they get one from a counter of the
// interpreter's at the first attempt. At zero the counter has run over and no function gets one
// (_PyFunction_GetVersionForCurrentState, Objects/funcobject.c). It is `static`, so it is found by what it does:
// functions get numbers, and the one word of the interpreter's data that is the next number each time is the counter.
// Nothing else needs it: calls, which have version numbers, too, are not specialised under an eval-frame function.
#include "pyshim/inlined_getitem.h"

#include <link.h>
#include <string.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstdint>

#include "pyshim/detect.h"
#include "pyshim/run_source.h"

namespace pytrace::py {
namespace {

constexpr int kFunctionVersion = 128;  // PyFunctionObject.func_version, Include/cpython/funcobject.h of 3.11

// Calls are specialised, too, as long as no eval-frame function is set. No class: it would be garbage for a collection.
constexpr char kSource[] =
    "def function(): pass\n"
    "for n in range(20): function()\n";

// The number that a new function gets; 0: none.
uint32_t NewVersion(const Api& api) {
  uint32_t version = 0;
  RunSource(api, kSource, [&](Object* globals) {
    const Object* function = api.DictGetItemString(globals, "function");
    if (function != nullptr) version = At<uint32_t>(function, kFunctionVersion);
  });
  return version;
}

// The writable data of the file that has `inside`.
struct Data {
  uintptr_t inside;
  uint32_t *begin = nullptr, *end = nullptr;
};

int FindData(dl_phdr_info* info, size_t, void* found) {
  Data* data = static_cast<Data*>(found);
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& part = info->dlpi_phdr[i];
    uintptr_t begin = info->dlpi_addr + part.p_vaddr;
    if (part.p_type != PT_LOAD || !(part.p_flags & PF_W) || data->inside - begin >= part.p_filesz) continue;
    data->begin = reinterpret_cast<uint32_t*>((begin + 3) & ~uintptr_t{3});
    data->end = reinterpret_cast<uint32_t*>((begin + part.p_filesz) & ~uintptr_t{3});
    return 1;
  }
  return 0;
}

// nullptr: not found for certain.
uint32_t* FindCounter(const Api& api) {
  Data data{reinterpret_cast<uintptr_t>(api.function_type)};
  dl_iterate_phdr(&FindData, &data);
  uint32_t next = NewVersion(api) + 1;
  size_t bytes = (data.end - data.begin) * sizeof(uint32_t*);
  if (data.begin == data.end || next == 1) return nullptr;
  // Small numbers are in thousands of places.
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return nullptr;
  auto** places = static_cast<uint32_t**>(memory);
  uint32_t** end = places;
  for (uint32_t* word = data.begin; word < data.end; ++word) {
    if (*word == next) *end++ = word;
  }
  for (int round = 0; round < 2; ++round) {
    next = NewVersion(api) + 1;
    end = std::remove_if(places, end, [next](uint32_t* place) { return *place != next; });
  }
  uint32_t* counter = end - places == 1 ? places[0] : nullptr;
  munmap(memory, bytes);
  return counter;
}

}  // namespace

const char* StopInlinedGetItem(const Api& api) {
  Version version = ReadVersion(api);
  const char* micro = version.text + strlen("3.11.");
  bool inlines = strncmp(version.text, "3.11.", 5) == 0 && *micro <= '3' && !(micro[1] >= '0' && micro[1] <= '9');
  if (!inlines) return "";
  uint32_t* counter = FindCounter(api);
  if (counter == nullptr) return "calls of __getitem__ by container[key] are missing";
  *counter = 0;
  return "";
}

}  // namespace pytrace::py
