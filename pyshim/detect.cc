#include "pyshim/detect.h"

#include <stdlib.h>
#include <string.h>

#include "pyshim/layout.h"

namespace pytrace::py {
namespace {

// PyMemberDef, Include/structmember.h: the same in every version.
struct MemberDef {
  const char* name;
  int type;
  Ssize offset;
  int flags;
  const char* doc;
};
static_assert(sizeof(MemberDef) == 40 && offsetof(MemberDef, offset) == 16);

// The offset of a field of the code object, as its type tells it; -1: it does not.
Ssize MemberOffset(const Object* type, const char* name) {
  const MemberDef* member = At<const MemberDef*>(type, kTypeMembers);
  for (; member != nullptr && member->name != nullptr; ++member) {
    if (strcmp(member->name, name) == 0) return member->offset;
  }
  return -1;
}

}  // namespace

Version ReadVersion(const Api& api) {
  Version version;
  const char* text = api.GetVersion();  // "3.13.0 experimental free-threading build (main, ...) [GCC ...]"
  size_t n = strcspn(text, " ");
  if (n >= sizeof(version.text)) n = sizeof(version.text) - 1;
  memcpy(version.text, text, n);
  version.text[n] = 0;
  char* dot;
  version.major = static_cast<int>(strtol(version.text, &dot, 10));
  if (*dot == '.') version.minor = static_cast<int>(strtol(dot + 1, nullptr, 10));
  version.free_threaded = strstr(text, "free-threading build") != nullptr;
  return version;
}

template <class L>
const char* CheckLayout(const Api& api) {
  const Object* code = api.code_type;
  if (At<Ssize>(code, kTypeBasicsize) != L::kCodeBasicsize) return "code objects have another size";
  const struct {
    const char* name;
    Ssize offset;
  } members[] = {
      {"co_flags", L::kCodeFlags},           {"co_argcount", L::kCodeArgcount}, {"co_kwonlyargcount", L::kCodeKwonly},
      {"co_firstlineno", L::kCodeFirstLine}, {"co_name", L::kCodeName},         {"co_qualname", L::kCodeQualname},
      {"co_filename", L::kCodeFile},
  };
  for (const auto& member : members) {
    if (member.offset < 0) continue;  // 2.7 has no keyword-only arguments
    if (member.offset == L::kCodeName && strcmp(member.name, "co_name") != 0) continue;  // no co_qualname before 3.11
    if (MemberOffset(code, member.name) != member.offset) return member.name;
  }
  return nullptr;
}

#define INSTANTIATE(L) template const char* CheckLayout<L>(const Api&);
PYTRACE_FOR_EACH_LAYOUT(INSTANTIATE)

}  // namespace pytrace::py
