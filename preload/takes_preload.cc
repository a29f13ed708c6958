#include "preload/takes_preload.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

namespace pytrace {
namespace {

constexpr int kMaxScripts = 4;    // scripts whose interpreters are scripts; the kernel follows as many
constexpr int kMaxHeaders = 32;   // program headers
constexpr int kMaxEntries = 128;  // of the dynamic section
constexpr size_t kMaxPath = 1024;

#if defined(__x86_64__)
constexpr uint16_t kMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr uint16_t kMachine = EM_AARCH64;
#endif

size_t ReadAt(int fd, uint64_t offset, void* out, size_t size) {
  ssize_t n = pread(fd, out, size, static_cast<off_t>(offset));
  return n > 0 ? static_cast<size_t>(n) : 0;
}

// The text at `offset`, cut to fit.
template <size_t kSize>
void ReadText(int fd, uint64_t offset, char (&out)[kSize]) {
  out[ReadAt(fd, offset, out, kSize - 1)] = 0;
}

bool StartsWith(const char* text, const char* start) { return strncmp(text, start, strlen(start)) == 0; }

// The libraries that the dynamic section at `dynamic` asks for.
bool NeedsSanitizer(int fd, const Elf64_Phdr* headers, size_t count, const Elf64_Phdr& dynamic) {
  Elf64_Dyn entries[16];
  uint64_t strings = 0;
  for (int pass = 0; pass < 2; ++pass) {  // first where the names are, then the names
    for (uint64_t at = 0; at < dynamic.p_filesz && at < kMaxEntries * sizeof(Elf64_Dyn); at += sizeof(entries)) {
      size_t n = ReadAt(fd, dynamic.p_offset + at, entries, sizeof(entries)) / sizeof(Elf64_Dyn);
      for (size_t i = 0; i < n && entries[i].d_tag != DT_NULL; ++i) {
        if (pass == 0 && entries[i].d_tag == DT_STRTAB) strings = entries[i].d_un.d_ptr;
        if (pass == 0 || entries[i].d_tag != DT_NEEDED) continue;
        char name[24];
        ReadText(fd, strings + entries[i].d_un.d_val, name);
        if (StartsWith(name, "libasan.so") || StartsWith(name, "libclang_rt.asan")) return true;
      }
    }
    if (pass == 1) break;
    const Elf64_Phdr* segment = headers;
    while (segment < headers + count && !(segment->p_type == PT_LOAD && strings >= segment->p_vaddr &&
                                          strings - segment->p_vaddr < segment->p_filesz))
      ++segment;
    if (segment == headers + count) return false;
    strings = strings - segment->p_vaddr + segment->p_offset;
  }
  return false;
}

bool ElfTakesPreload(int fd, const Elf64_Ehdr& elf) {
  if (elf.e_ident[EI_CLASS] != ELFCLASS64 || elf.e_machine != kMachine) return false;
  Elf64_Phdr headers[kMaxHeaders];
  size_t count = elf.e_phnum < kMaxHeaders ? elf.e_phnum : kMaxHeaders;
  if (elf.e_phentsize != sizeof(Elf64_Phdr)) return true;
  count = ReadAt(fd, elf.e_phoff, headers, count * sizeof(Elf64_Phdr)) / sizeof(Elf64_Phdr);
  bool loader = false;
  for (const Elf64_Phdr* header = headers; header < headers + count; ++header) {
    if (header->p_type != PT_INTERP) continue;
    char path[64];
    ReadText(fd, header->p_offset, path);
    if (strstr(path, "/ld-musl-") != nullptr) return false;
    loader = true;
  }
  if (!loader) return true;  // static: nobody looks at LD_PRELOAD, but its children may
  for (const Elf64_Phdr* header = headers; header < headers + count; ++header) {
    if (header->p_type == PT_DYNAMIC && NeedsSanitizer(fd, headers, count, *header)) return false;
  }
  return true;
}

// The interpreter in the first line of a script, over the line itself; nullptr: there is none.
char* Interpreter(char* line) {
  char* begin = line + 2;
  begin += strspn(begin, " \t");
  begin[strcspn(begin, " \t\n")] = 0;
  return *begin != 0 ? begin : nullptr;
}

bool Takes(int fd, int depth);

bool TakesFile(const char* path, int depth) {
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return true;
  bool takes = Takes(fd, depth);
  close(fd);
  return takes;
}

bool Takes(int fd, int depth) {
  union {
    Elf64_Ehdr elf;
    char line[257];
  } first;
  size_t n = ReadAt(fd, 0, first.line, sizeof(first.line) - 1);
  first.line[n] = 0;
  if (n >= sizeof(Elf64_Ehdr) && memcmp(first.line, ELFMAG, SELFMAG) == 0) return ElfTakesPreload(fd, first.elf);
  if (n < 4 || first.line[0] != '#' || first.line[1] != '!' || depth == kMaxScripts) return true;
  const char* interpreter = Interpreter(first.line);
  return interpreter == nullptr || TakesFile(interpreter, depth + 1);
}

}  // namespace

bool TakesPreload(int fd) {
  int error = errno;
  bool takes = Takes(fd, 0);
  errno = error;
  return takes;
}

bool TakesPreload(const char* path) {
  int error = errno;
  bool takes = TakesFile(path, 0);
  errno = error;
  return takes;
}

bool CommandTakesPreload(const char* file) {
  if (strchr(file, '/') != nullptr) return TakesPreload(file);
  const char* folder = getenv("PATH");
  if (folder == nullptr) folder = "/bin:/usr/bin";
  int error = errno;
  for (;;) {
    size_t length = strcspn(folder, ":");
    char path[kMaxPath];
    if (length + strlen(file) + 2 <= sizeof(path)) {
      memcpy(path, folder, length);
      if (length != 0) path[length++] = '/';  // no name is the working folder
      strcpy(path + length, file);
      if (access(path, X_OK) == 0) {
        errno = error;
        return TakesPreload(path);
      }
    }
    folder += strcspn(folder, ":");
    if (*folder++ == 0) break;
  }
  errno = error;
  return true;
}

}  // namespace pytrace
