// Whether a recording has stopped because its database could not be written, and why.
#ifndef PYTRACE_READER_STOPPED_H_
#define PYTRACE_READER_STOPPED_H_

#include <string>

#include "dumper/store/database.h"

namespace pytrace::reader {

// What a dumper that cannot write the database at `path` has left in its run-time directory for others to say; empty:
// nothing.
std::string DumperError(const std::string& rundir, const std::string& path);

// Why the recording at `path` has stopped; empty: it has not. The database has the reason where there was room for it,
// the run-time directory as long as records wait there. `database`: nullptr when it cannot be opened.
std::string WhyStopped(const store::Database* database, const std::string& path);

// WhyStopped on the standard error.
void SayWhyStopped(const store::Database* database, const std::string& path);

}  // namespace pytrace::reader

#endif  // PYTRACE_READER_STOPPED_H_
