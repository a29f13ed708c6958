#include "reader/tui/save_job.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "reader/amounts.h"
#include "reader/printable.h"

namespace pytrace::reader::tui {

std::unique_ptr<SaveJob> SaveJob::Begin(Window* window, const std::string& path, bool force, std::string* error) {
  Format format = FormatOfName(path);
  if (format == Format::kAuto) {
    *error = "the name says the format: it ends in .txt .csv .tsv .jsonl .json (Perfetto) or .html";
    return nullptr;
  }
  // Values of a program may be secret: nobody else reads what is made here.
  int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | (force ? O_TRUNC : O_EXCL), 0600);
  FILE* file = fd < 0 ? nullptr : fdopen(fd, "w");
  if (file == nullptr) {
    bool exists = errno == EEXIST;
    *error = exists ? Printable(path) + " exists; s !NAME writes over it"
                    : "cannot write " + Printable(path) + ": " + strerror(errno);
    return nullptr;
  }
  return std::unique_ptr<SaveJob>(new SaveJob(window, file, path, format));
}

SaveJob::SaveJob(Window* window, FILE* file, std::string path, Format format)
    : window_(window), file_(file), path_(std::move(path)), writer_(format, window->database()->catalog()) {
  writer_.Begin(&buffer_);
}

SaveJob::~SaveJob() {
  if (file_ != nullptr) fclose(file_);
}

bool SaveJob::Write(bool all) {
  constexpr size_t kEnough = 1 << 16;
  if (!all && buffer_.size() < kEnough) return true;
  bool written = fwrite(buffer_.data(), 1, buffer_.size(), file_) == buffer_.size() && (!all || fflush(file_) == 0);
  if (!written) error_ = errno;
  buffer_.clear();
  return written;
}

bool SaveJob::Work(Deadline deadline) {
  writer_.Forget();  // the catalogue may have been read anew since the last slice
  while (!stopped_ && error_ == 0 && next_ < window_->pages()) {
    if (std::chrono::steady_clock::now() >= deadline) return true;
    std::shared_ptr<const Page> page = window_->Get(next_++);
    for (size_t i = 0; page != nullptr && i < page->entries.size(); ++i) {
      writer_.Add(window_->At(*page, i), &buffer_);
      ++events_;
      if (!Write(false)) break;
    }
  }
  if (error_ == 0) {
    writer_.End(&buffer_);
    Write(true);
  }
  return false;
}

int SaveJob::percent() const { return static_cast<int>(100 * next_ / std::max<size_t>(1, window_->pages())); }

std::string SaveJob::Result(bool* failed) const {
  *failed = error_ != 0;
  if (error_ != 0) return "cannot write " + Printable(path_) + ": " + strerror(error_);
  std::string text = Grouped(events_) + (events_ == 1 ? " event" : " events") + " in " + Printable(path_);
  return stopped_ ? "stopped; the first " + text : text;
}

}  // namespace pytrace::reader::tui
