// The run-time directory of a database: where its segments, the control page and the dumper's lock are. Freestanding
// (libc only): guests use it, too.
//
//   /dev/shm/pytrace-UID/HASH/   or, where /dev/shm is missing or smaller than kMinShmBytes, DATABASE.run/
//     lock       locked (OFD lock) by the dumper for its whole life; free means: no dumper
//     control    struct Control (layout.h); made by whoever comes first
//     *.seg      one segment a process; made under a name that starts with a dot, then renamed, so a visible one is
//     whole
//
// The place follows from the database's path and the machine alone, never from the environment: all processes must
// agree on it.
#ifndef PYTRACE_RINGBUF_RUNDIR_H_
#define PYTRACE_RINGBUF_RUNDIR_H_

#include <cstddef>
#include <cstdint>

#include "ringbuf/layout.h"

namespace pytrace::ring {

inline constexpr uint64_t kMinShmBytes = 128u << 20;
inline constexpr char kLockName[] = "/lock";
inline constexpr char kControlName[] = "/control";
inline constexpr char kErrorName[] = "/error";  // the line of a dumper that could not write the database
inline constexpr char kSegmentSuffix[] = ".seg";
// With the run's token: an empty file, by a guest that had to say why it does not record. The launcher takes it away
// and says no more.
inline constexpr char kSaidPrefix[] = "/.said-";

// Writes the directory's path for the database at the absolute path `db` into out. False: it does not fit.
bool RundirPath(const char* db, char* out, size_t out_size);

// Makes the directory (and its parent), mode 0700. 0, or an errno: EPERM when what is there is a symlink, no directory,
// another user's or open to others.
int MakeRundir(const char* rundir);

// 0 when MakeRundir could make it or what is there is good, else EPERM. Makes nothing.
int CheckRundir(const char* rundir);

// The lock. Returns a descriptor (close-on-exec) that holds it, or kLockHeld, or -errno. Closing the descriptor lets go
// of it. A lock file that was unlinked while we waited for it does not count: the caller gets a lock on the file that
// has the name.
inline constexpr int kLockHeld = -100000;
int TryLock(const char* rundir);

// Whether somebody holds the lock. Only looks: a dumper that is just starting is not disturbed, and no file is made.
bool LockIsHeld(const char* rundir);

// Asks the dumper that has the lock to leave as soon as it has nothing to do, and not to wait for the next producer.
void AskToLeave(const char* rundir);

// Maps `control` if it is there. nullptr: it is not.
Control* FindControl(const char* rundir);

// Maps `control`, making it when missing. nullptr: errno says why. The mapping is never unmapped.
Control* MapControl(const char* rundir);

}  // namespace pytrace::ring

#endif  // PYTRACE_RINGBUF_RUNDIR_H_
