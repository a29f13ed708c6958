// The run-time directory as the dumper uses it: segments come, are removed, and at last the directory goes.
#ifndef PYTRACE_DUMPER_RUNDIR_H_
#define PYTRACE_DUMPER_RUNDIR_H_

#include <string>
#include <string_view>
#include <vector>

namespace pytrace::dumper {

class Rundir {
 public:
  // Watches from here on: a segment is in the first Scan, or News() says that it has come.
  explicit Rundir(std::string path);
  ~Rundir();
  Rundir(const Rundir&) = delete;
  Rundir& operator=(const Rundir&) = delete;

  int fd() const { return inotify_; }  // readable when something has come; -1: it cannot be watched, scan now and then
  // Something has come since the last time, or cannot be excluded. Never blocks.
  bool News();
  // Names of segments. `no_resources`: none was found for lack of memory or descriptors.
  std::vector<std::string> Scan(bool* no_resources = nullptr) const;

  std::string PathOf(std::string_view name) const { return path_ + "/" + std::string(name); }
  void Remove(std::string_view name) const;

  // One line for the launcher, why nothing is recorded; an empty one takes it away. false: it could not be done.
  bool WriteError(std::string_view line) const;
  // What processes left that died while they made a segment.
  void RemoveLeftovers() const;
  void RemoveControlAndLock() const;
  void RemoveDirectory() const;

 private:
  std::string path_;
  int inotify_ = -1;
};

}  // namespace pytrace::dumper

#endif  // PYTRACE_DUMPER_RUNDIR_H_
