#include "preload/config.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "preload/ticks.h"
#include "pyshim/libc.h"

namespace pytrace {
namespace {

// "64M" -> bytes. False: no number, or an unknown unit.
bool ParseSize(const char* text, uint64_t* out) {
  char* end;
  errno = 0;
  unsigned long long n = strtoull(text, &end, 10);
  if (end == text || errno != 0 || *text == '-') return false;
  int shift = 0;
  switch (*end | 0x20) {
    case 'k':
      shift = 10;
      break;
    case 'm':
      shift = 20;
      break;
    case 'g':
      shift = 30;
      break;
    default:
      if (*end != 0) return false;
  }
  if (*end != 0 && end[1] != 0 && (strcmp(end + 1, "B") != 0 && strcmp(end + 1, "iB") != 0)) return false;
  if (n >> (63 - shift) != 0) return false;
  *out = static_cast<uint64_t>(n) << shift;
  return true;
}

// "string=400,items=20,depth=3"
bool ParseLimits(const char* text, py::Limits* limits) {
  while (*text) {
    const char* equals = strchr(text, '=');
    if (equals == nullptr) return false;
    size_t name = equals - text;
    char* end;
    unsigned long n = strtoul(equals + 1, &end, 10);
    if (end == equals + 1 || (*end != 0 && *end != ',') || n > 1u << 30) return false;
    uint32_t* field = strncmp(text, "string", name) == 0 && name == 6  ? &limits->string
                      : strncmp(text, "items", name) == 0 && name == 5 ? &limits->items
                      : strncmp(text, "depth", name) == 0 && name == 5 ? &limits->depth
                                                                       : nullptr;
    if (field == nullptr) return false;
    *field = static_cast<uint32_t>(n);
    text = *end == ',' ? end + 1 : end;
  }
  return true;
}

void ReadValues(const char* const* envp, Config* c) {
  if (const char* mode = FindVariable(envp, "PYTRACE_VALUES")) {
    if (strcmp(mode, "none") == 0)
      c->values = false;
    else if (strcmp(mode, "deep") == 0)
      c->limits = {4096, 100, 6, 400};
    else if (strcmp(mode, "shallow") != 0)
      c->problem = "PYTRACE_VALUES is none, shallow or deep";
  }
  const char* limits = FindVariable(envp, "PYTRACE_LIMITS");
  if (limits != nullptr && !ParseLimits(limits, &c->limits))
    c->problem = "PYTRACE_LIMITS is like string=120,items=8,depth=2";
}

void ReadDatabase(const char* const* envp, Config* c) {
  const char* db = FindVariable(envp, "PYTRACE_DB");
  if (db == nullptr || *db == 0) db = "traces.sqlite";
  int n;
  if (*db == '/') {
    n = snprintf(c->db, sizeof(c->db), "%s", db);
  } else {
    char cwd[sizeof(c->db)];
    if (getcwd(cwd, sizeof(cwd)) == nullptr) cwd[0] = 0;
    n = snprintf(c->db, sizeof(c->db), "%s/%s", cwd, db);
  }
  if (n < 0 || static_cast<size_t>(n) >= sizeof(c->db)) c->problem = "the path in PYTRACE_DB is too long";
}

void ReadRun(const char* const* envp, Config* c) {
  const char* run = FindVariable(envp, "PYTRACE_RUN");
  if (run != nullptr && *run != 0 && strlen(run) < sizeof(c->run)) {
    strcpy(c->run, run);
    return;
  }
  // First of its run: a token of its own, unlikely to be anyone else's.
  c->first_of_run = true;
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  uint64_t mixed = (static_cast<uint64_t>(now.tv_sec) * 1000000000u + now.tv_nsec) ^
                   static_cast<uint64_t>(getpid()) << 40 ^ ReadTsc() << 13;
  snprintf(c->run, sizeof(c->run), "%016llx", static_cast<unsigned long long>(mixed * 0x9e3779b97f4a7c15u));
}

// Keeps copies: the program may overwrite its environment block.
void KeepInherited(const char* const* envp, Config* c) {
  const char* values[kInheritedCount];
  size_t bytes = 0;
  for (size_t i = 0; i < kInheritedCount; ++i) {
    values[i] = FindVariable(envp, kInherited[i]);
    if (strcmp(kInherited[i], "PYTRACE_DB") == 0) values[i] = c->db;
    if (strcmp(kInherited[i], "PYTRACE_RUN") == 0) values[i] = c->run;
    if (strcmp(kInherited[i], "LD_PRELOAD") == 0) values[i] = c->library;
    if (values[i] != nullptr) bytes += strlen(kInherited[i]) + strlen(values[i]) + 2;
  }
  static char usual[2048];
  char* to = usual;
  if (bytes > sizeof(usual)) {
    void* map = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (map == MAP_FAILED) {
      c->enabled = false;
      return;
    }
    to = static_cast<char*>(map);
  }
  for (size_t i = 0; i < kInheritedCount; ++i) {
    c->inherited[i] = nullptr;
    if (values[i] == nullptr) continue;
    c->inherited[i] = to;
    to = stpcpy(stpcpy(stpcpy(to, kInherited[i]), "="), values[i]) + 1;
  }
}

const char* Kept(const Config& c, const char* name) {
  for (size_t i = 0; i < kInheritedCount; ++i) {
    if (strcmp(kInherited[i], name) == 0 && c.inherited[i] != nullptr) return c.inherited[i] + strlen(name) + 1;
  }
  return nullptr;
}

}  // namespace

const char* FindVariable(const char* const* envp, const char* name) {
  size_t n = strlen(name);
  for (; envp != nullptr && *envp != nullptr; ++envp) {
    if (strncmp(*envp, name, n) == 0 && (*envp)[n] == '=') return *envp + n + 1;
  }
  return nullptr;
}

void ReadConfig(const char* const* envp, Config* c) {
  const char* off = FindVariable(envp, "PYTRACE");
  if (off != nullptr && strcmp(off, "0") == 0) {
    c->enabled = false;
    return;
  }
  Dl_info self;
  if (dladdr(reinterpret_cast<void*>(&ReadConfig), &self) == 0 || self.dli_fname == nullptr) {
    c->enabled = false;
    return;
  }
  // A library found by a relative path would be lost to children in other folders.
  if (self.dli_fname[0] != '/' && realpath(self.dli_fname, c->library) == nullptr) c->library[0] = 0;
  if (self.dli_fname[0] == '/') snprintf(c->library, sizeof(c->library), "%s", self.dli_fname);

  ReadDatabase(envp, c);
  ReadRun(envp, c);
  KeepInherited(envp, c);
  ReadValues(envp, c);
  if (const char* buffer = FindVariable(envp, "PYTRACE_BUFFER")) {
    if (!ParseSize(buffer, &c->buffer) || c->buffer < 256u << 10 || c->buffer > uint64_t{1} << 40)
      c->problem = "PYTRACE_BUFFER is a size from 256K to 1024G, like 64M";
  }
  if (const char* full = FindVariable(envp, "PYTRACE_ON_FULL")) {
    c->block = strcmp(full, "drop") != 0;
    if (c->block && strcmp(full, "block") != 0) c->problem = "PYTRACE_ON_FULL is block or drop";
  }
  c->modules = Kept(*c, "TRACE_MODULES");
  if (c->modules != nullptr && *c->modules == 0) c->modules = nullptr;
  c->max_traces = Kept(*c, "PYTRACE_MAX_TRACES");
  c->max_size = Kept(*c, "PYTRACE_MAX_SIZE");
  c->program = Kept(*c, "PYTRACE_PROGRAM");
}

}  // namespace pytrace
