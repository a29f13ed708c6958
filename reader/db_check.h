// The database that a run records into, looked at before the program starts: afterwards a mistake would cost the run.
#ifndef PYTRACE_READER_DB_CHECK_H_
#define PYTRACE_READER_DB_CHECK_H_

#include <cstdint>
#include <string>

namespace pytrace::reader {

// The absolute path that all processes of the run will use: its folder has no symlinks left, so that every way to name
// the database leads to the same run-time directory. false: *error says why nothing can be recorded there (no such
// folder, no right to write, a file that is not pytrace's, a newer pytrace's, somebody else's, a symlink).
bool ResolveDatabase(const std::string& given, std::string* path, std::string* error);

// --new: removes the database with its journal, and what ended programs have left in the run-time directory for it.
// false: somebody records into it.
bool StartAfresh(const std::string& path, const std::string& rundir, std::string* error);

// runs.id of the run with this token; 0: the database does not know it (or is not there).
int64_t FindRun(const std::string& path, const std::string& token);

// Why interpreters of that run were left alone, one line for all of them; empty: none was.
std::string LeftAlone(const std::string& path, int64_t run);

}  // namespace pytrace::reader

#endif  // PYTRACE_READER_DB_CHECK_H_
