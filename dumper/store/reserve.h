// Some space on a database's disk that is held back and let go when the disk is full: for the note that it was, and for
// the first reader, who needs a few pages, too.
#ifndef PYTRACE_DUMPER_STORE_RESERVE_H_
#define PYTRACE_DUMPER_STORE_RESERVE_H_

#include <string>

namespace pytrace::store {

class Reserve {
 public:
  Reserve() = default;
  ~Reserve() { Release(); }
  Reserve(const Reserve&) = delete;
  Reserve& operator=(const Reserve&) = delete;

  // Beside `path`, in a file without a name, which goes with the process. Nothing is held where the file system knows
  // no such files, or has no room.
  void Hold(const std::string& path);
  void Release();

 private:
  int fd_ = -1;
};

}  // namespace pytrace::store

#endif  // PYTRACE_DUMPER_STORE_RESERVE_H_
