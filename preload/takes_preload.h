// Whether a program is none the worse for a preloaded library of ours. To find one that is not is the business of who
// starts it: then it is too late.
#ifndef PYTRACE_PRELOAD_TAKES_PRELOAD_H_
#define PYTRACE_PRELOAD_TAKES_PRELOAD_H_

namespace pytrace {

// False for an ELF file
//   - of another machine or word size: its loader complains of ours on stderr;
//   - with musl's loader, which gives up when a preloaded library needs what musl has not;
//   - linked with AddressSanitizer's runtime, which ends the program unless it is the first library of all.
// A script is asked for its interpreter. What cannot be read takes it. Async-signal-safe, 2 KiB of stack, keeps errno.
bool TakesPreload(int fd);
bool TakesPreload(const char* path);
// The same for a command as execvp would find it.
bool CommandTakesPreload(const char* file);

}  // namespace pytrace

#endif  // PYTRACE_PRELOAD_TAKES_PRELOAD_H_
