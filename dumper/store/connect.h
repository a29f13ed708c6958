// Opens a recording for reading, wherever it lies and whoever writes to it.
#ifndef PYTRACE_DUMPER_STORE_CONNECT_H_
#define PYTRACE_DUMPER_STORE_CONNECT_H_

#include <string>

struct sqlite3;

namespace pytrace::store {

// The caller closes it. nullptr with one line in *error that names the file and the cure. Whether it is a recording has
// not been looked at.
sqlite3* ConnectToRead(const std::string& path, std::string* error);

}  // namespace pytrace::store

#endif  // PYTRACE_DUMPER_STORE_CONNECT_H_
