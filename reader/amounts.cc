#include "reader/amounts.h"

#include <cmath>
#include <cstdio>
#include <iterator>
#include <utility>

namespace pytrace::reader {

std::string Grouped(int64_t number) {
  std::string digits = std::to_string(number);
  for (size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, 1, ',');
  return digits;
}

std::string DurationText(int64_t ns, bool ascii) {
  static constexpr std::pair<const char*, double> kUnits[] = {{"ns", 1}, {"µs", 1e3}, {"ms", 1e6}, {"s", 1e9}};
  size_t unit = 0;
  while (unit + 1 < std::size(kUnits) && static_cast<double>(ns) >= kUnits[unit + 1].second * 0.9995) ++unit;
  double amount = static_cast<double>(ns) / kUnits[unit].second;
  int decimals = unit == 0 || amount >= 99.95 ? 0 : amount >= 9.995 ? 1 : 2;
  char text[48];
  snprintf(text, sizeof text, "%.*f%s", decimals, amount, ascii && unit == 1 ? "us" : kUnits[unit].first);
  return text;
}

// In floating point, as times a hundred a sum of many threads' nanoseconds is more than 64 bits hold.
int64_t Percent(int64_t part, int64_t all) {
  return all <= 0 ? 0
                  : static_cast<int64_t>(std::floor(100 * static_cast<double>(part) / static_cast<double>(all) + 0.5));
}

bool IsBelow(int64_t part, int64_t percent, int64_t all) {
  return 100 * static_cast<double>(part) < static_cast<double>(all) * static_cast<double>(percent);
}

std::string DifferenceText(int64_t ns) {
  constexpr uint64_t kMicro = 1000, kSecond = 1'000'000;
  uint64_t micros = (ns < 0 ? 0 - static_cast<uint64_t>(ns) : static_cast<uint64_t>(ns)) / kMicro;
  char text[48];
  snprintf(text, sizeof text, "%c%llu.%06llus", ns < 0 ? '-' : '+', static_cast<unsigned long long>(micros / kSecond),
           static_cast<unsigned long long>(micros % kSecond));
  return text;
}

}  // namespace pytrace::reader
