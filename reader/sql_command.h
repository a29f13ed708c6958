// `pytrace sql`: any SQL over a recording.
#ifndef PYTRACE_READER_SQL_COMMAND_H_
#define PYTRACE_READER_SQL_COMMAND_H_

namespace pytrace::reader {

// argv[0] is "sql". Returns the exit status: 2 after an error, told in one line on stderr. Reads only, so there is
// nothing to tidy up when a signal ends it.
int SqlCommand(int argc, char** argv);

}  // namespace pytrace::reader

#endif  // PYTRACE_READER_SQL_COMMAND_H_
