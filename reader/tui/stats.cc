#include "reader/tui/stats.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>

namespace pytrace::reader::tui {
namespace {

// As near to the start of the process as C++ gets.
const std::chrono::steady_clock::time_point process_start = std::chrono::steady_clock::now();

double Quantile(const std::vector<double>& sorted, double part) {
  if (sorted.empty()) return 0;
  return sorted[std::min(sorted.size() - 1, static_cast<size_t>(part * static_cast<double>(sorted.size())))];
}

}  // namespace

Stats::Stats() {
  const char* path = getenv("PYTRACE_READER_STATS");
  if (path != nullptr) path_ = path;
}

double Stats::Since(Clock::time_point then) {
  return std::chrono::duration<double, std::milli>(Clock::now() - then).count();
}

// Keys that came before the one that is drawn are drawn with it.
void Stats::Key() {
  if (!wanted() || key_waits_) return;
  key_waits_ = true;
  key_ = Clock::now();
}

void Stats::Frame() {
  if (!wanted()) return;
  if (frames_++ == 0) first_frame_ms_ = Since(process_start);
  if (key_waits_) key_to_frame_.push_back(Since(key_));
  key_waits_ = false;
}

void Stats::SliceBegins() {
  if (wanted()) slice_ = Clock::now();
}

void Stats::SliceEnds(bool more) {
  if (!wanted()) return;
  double took = Since(slice_);
  longest_slice_ms_ = std::max(longest_slice_ms_, took);
  job_ms_ += took;
  if (more) return;
  longest_job_ms_ = std::max(longest_job_ms_, job_ms_);
  ++jobs_;
  job_ms_ = 0;
}

bool Stats::Write(int64_t calls, std::string* error) const {
  if (!wanted()) return true;
  FILE* file = fopen(path_.c_str(), "we");
  if (file == nullptr) {
    *error = "PYTRACE_READER_STATS: cannot write " + path_ + ": " + strerror(errno);
    return false;
  }
  std::vector<double> sorted = key_to_frame_;
  std::sort(sorted.begin(), sorted.end());
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  double rate = longest_job_ms_ <= 0 ? 0 : 1000 * static_cast<double>(calls) / longest_job_ms_;
  fprintf(file, "first_frame_ms %.3f\nframes %lld\nkeys %zu\n", first_frame_ms_, static_cast<long long>(frames_),
          sorted.size());
  fprintf(file, "key_to_frame_ms_p50 %.3f\nkey_to_frame_ms_p99 %.3f\nkey_to_frame_ms_max %.3f\n", Quantile(sorted, 0.5),
          Quantile(sorted, 0.99), sorted.empty() ? 0 : sorted.back());
  fprintf(file, "jobs %lld\nlongest_job_ms %.3f\nlongest_job_calls_per_s %.0f\nlongest_slice_ms %.3f\n",
          static_cast<long long>(jobs_), longest_job_ms_, rate, longest_slice_ms_);
  fprintf(file, "resident_kb %ld\n", usage.ru_maxrss);
  return fclose(file) == 0;
}

}  // namespace pytrace::reader::tui
