#include "preload/child_environment.h"

#include <string.h>

namespace pytrace {
namespace {

constexpr size_t kPreload = 0, kDatabase = 1;  // in kInherited

bool IsVariable(const char* entry, const char* name) {
  size_t n = strlen(name);
  return strncmp(entry, name, n) == 0 && entry[n] == '=';
}

}  // namespace

ChildEnvironment::ChildEnvironment(const Config* config, char* const* envp, bool takes) : envp_(envp), takes_(takes) {
  if (config == nullptr || !config->enabled || config->library[0] == 0) return;
  for (; envp != nullptr && envp[count_] != nullptr; ++count_) {
    const char* entry = envp[count_];
    if (strcmp(entry, "PYTRACE=0") == 0) return;  // the program says no
    if (IsVariable(entry, "LD_PRELOAD")) theirs_ = entry + strlen("LD_PRELOAD=");
  }
  if (!takes && (theirs_ == nullptr || strstr(theirs_, config->library) == nullptr)) return;
  config_ = config;
  if (theirs_ != nullptr) preload_bytes_ = strlen("LD_PRELOAD=") + strlen(config->library) + 1 + strlen(theirs_) + 1;
}

// Writes `LD_PRELOAD=` and the libraries of `value` but ours. False: there are none.
bool ChildEnvironment::WithoutUs(const char* value, char* out) const {
  char* list = stpcpy(out, "LD_PRELOAD=");
  char* end = list;
  for (;;) {
    size_t n = strcspn(value, ": ");
    if (n != 0 && (n != strlen(config_->library) || strncmp(value, config_->library, n) != 0)) {
      if (end != list) *end++ = ':';
      memcpy(end, value, n);
      end += n;
    }
    if (value[n] == 0) break;
    value += n + 1;
  }
  *end = 0;
  return end != list;
}

// Their entries stay as they are, except LD_PRELOAD, which gets us at its end when it lacks us (some libraries insist
// on being the first), and a PYTRACE_DB that is not absolute: it was resolved when the first process began, and must
// not be again in another folder. What is missing of ours is added.
char* const* ChildEnvironment::Build(char** out, char* preload) const {
  bool present[kInheritedCount] = {};
  size_t n = 0;
  for (size_t i = 0; i < count_; ++i) {
    char* entry = envp_[i];
    for (size_t k = 0; k < kInheritedCount; ++k) {
      if (present[k] || !IsVariable(entry, kInherited[k])) continue;
      present[k] = true;
      const char* value = entry + strlen(kInherited[k]) + 1;
      if (k == kPreload && !takes_) {
        entry = WithoutUs(value, preload) ? preload : nullptr;
      } else if (k == kPreload && strstr(value, config_->library) == nullptr) {
        stpcpy(stpcpy(stpcpy(stpcpy(preload, "LD_PRELOAD="), value), *value ? ":" : ""), config_->library);
        entry = preload;
      } else if (k == kDatabase && *value != '/') {
        entry = const_cast<char*>(config_->inherited[kDatabase]);
      }
      break;
    }
    if (entry != nullptr) out[n++] = entry;
  }
  for (size_t k = takes_ ? 0 : kInheritedCount; k < kInheritedCount; ++k) {
    if (!present[k] && config_->inherited[k] != nullptr) out[n++] = const_cast<char*>(config_->inherited[k]);
  }
  out[n] = nullptr;
  return out;
}

}  // namespace pytrace
