#include "reader/tui/durations.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace pytrace::reader::tui {
namespace {

size_t ClassOf(int64_t ns) {
  uint64_t value = static_cast<uint64_t>(std::max<int64_t>(1, ns));
  int power = std::bit_width(value) - 1;
  uint64_t eighth = power >= 3 ? (value >> (power - 3)) & 7 : (value << (3 - power)) & 7;
  return static_cast<size_t>(power) * 8 + eighth;
}

// The middle of a class.
int64_t DurationOf(size_t number) {
  return static_cast<int64_t>(
      std::ldexp(1.0 + (static_cast<double>(number % 8) + 0.5) / 8, static_cast<int>(number / 8)));
}

}  // namespace

void Durations::Add(int64_t ns) {
  ++classes_[ClassOf(ns)];
  ++calls_;
  longest_ns_ = std::max(longest_ns_, ns);
}

int64_t Durations::Quantile(double part) const {
  int64_t wanted = static_cast<int64_t>(std::ceil(part * static_cast<double>(calls_))), seen = 0;
  for (size_t i = 0; i < classes_.size(); ++i) {
    seen += classes_[i];
    if (seen >= wanted && seen > 0) return std::min(DurationOf(i), longest_ns_);
  }
  return 0;
}

int64_t Durations::Below(int64_t ns) const {
  int64_t below = 0;
  for (size_t i = 0; i < ClassOf(ns); ++i) below += classes_[i];
  return below;
}

std::string Durations::Histogram(bool ascii) const {
  static constexpr const char* kLevels[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  static constexpr char kAsciiLevels[] = " .:-=+*#@";
  constexpr size_t kColumns = 16;
  size_t first = 0, last = classes_.size() - 1;
  while (first < last && classes_[first] == 0) ++first;
  while (last > first && classes_[last] == 0) --last;
  std::array<int64_t, kColumns> columns = {};
  for (size_t i = first; i <= last; ++i) columns[(i - first) * kColumns / (last - first + 1)] += classes_[i];
  int64_t most = std::max<int64_t>(1, *std::max_element(columns.begin(), columns.end()));
  std::string text;
  for (int64_t column : columns) {
    size_t level = static_cast<size_t>((8 * column + most - 1) / most);
    text += ascii ? std::string(1, kAsciiLevels[level]) : kLevels[level];
  }
  return text;
}

}  // namespace pytrace::reader::tui
