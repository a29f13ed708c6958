// `pytrace export`: a recording, or the calls of it that match a filter, for tools that know nothing of pytrace.
#ifndef PYTRACE_READER_EXPORT_H_
#define PYTRACE_READER_EXPORT_H_

namespace pytrace::reader {

// argv[0] is "export". Returns the exit status: 2 after an error, told in one line on stderr.
int ExportCommand(int argc, char** argv);

}  // namespace pytrace::reader

#endif  // PYTRACE_READER_EXPORT_H_
