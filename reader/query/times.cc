#include "reader/query/times.h"

#include <time.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>

namespace pytrace::query {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// A cursor over the text; each step says whether what it wants was there.
struct Scanner {
  std::string_view text;
  size_t at = 0;

  bool End() const { return at == text.size(); }
  bool Take(char c) {
    if (End() || text[at] != c) return false;
    ++at;
    return true;
  }
  bool Number(int max_digits, int* out) {
    size_t start = at;
    *out = 0;
    while (!End() && IsDigit(text[at]) && at - start < static_cast<size_t>(max_digits))
      *out = *out * 10 + (text[at++] - '0');
    return at > start;
  }
  // .5 -> 500'000'000, precision 100'000'000. Digits beyond nanoseconds are read and dropped.
  bool Fraction(int64_t* ns, int64_t* precision) {
    int64_t unit = kSecond;
    size_t start = at;
    *ns = 0;
    while (!End() && IsDigit(text[at])) {
      unit /= 10;
      *ns += unit * (text[at++] - '0');
      if (unit > 0) *precision = unit;
    }
    return at > start;
  }
};

bool ParseClock(Scanner* in, tm* day, int64_t* fraction, int64_t* precision) {
  *precision = 60 * kSecond;
  if (!in->Number(2, &day->tm_hour) || !in->Take(':') || !in->Number(2, &day->tm_min)) return false;
  if (day->tm_hour > 24 || day->tm_min > 59) return false;
  if (!in->Take(':')) return true;
  *precision = kSecond;
  if (!in->Number(2, &day->tm_sec) || day->tm_sec > 60) return false;
  if (in->Take('.')) return in->Fraction(fraction, precision);
  return true;
}

bool ParseDate(Scanner* in, tm* day) {
  int year = 0, month = 0;
  if (!in->Number(4, &year)) return false;
  char separator = in->End() ? '\0' : in->text[in->at];
  if (separator != '/' && separator != '-') return false;
  if (!in->Take(separator) || !in->Number(2, &month) || !in->Take(separator) || !in->Number(2, &day->tm_mday))
    return false;
  if (year < 1970 || month < 1 || month > 12 || day->tm_mday < 1 || day->tm_mday > 31) return false;
  day->tm_year = year - 1900;
  day->tm_mon = month - 1;
  return true;
}

// The zone behind the time: *utc stays false where there is none.
bool ParseZone(Scanner* in, bool* utc, int* offset) {
  if (in->Take('Z')) {
    *utc = true;
    return true;
  }
  bool east = in->Take('+');
  if (!east && !in->Take('-')) return true;
  int hours = 0, minutes = 0;
  if (!in->Number(2, &hours)) return false;
  in->Take(':');
  if (!in->End() && !in->Number(2, &minutes)) return false;
  *utc = true;
  *offset = (hours * 60 + minutes) * 60 * (east ? 1 : -1);
  return true;
}

bool ParseRelative(std::string_view text, int64_t first_ns, int64_t last_ns, TimeLiteral* out) {
  std::string copy(text.substr(1));
  char* end = nullptr;
  double amount = strtod(copy.c_str(), &end);
  std::string_view unit = end;
  int64_t scale = unit.empty() ? kSecond : UnitNs(unit);
  if (end == copy.c_str() || !IsDigit(copy[0]) || scale == 0) return false;
  double ns = amount * static_cast<double>(scale);
  if (!(ns < 4e18)) return false;  // what it is added to may be as much
  int64_t distance = std::llround(ns);
  out->ns = text[0] == '+' ? first_ns + distance : last_ns - distance;
  return true;
}

}  // namespace

int64_t UnitNs(std::string_view unit) {
  if (unit == "ns") return 1;
  if (unit == "us" || unit == "µs" || unit == "μs") return 1000;
  if (unit == "ms") return 1'000'000;
  if (unit == "s") return kSecond;
  if (unit == "m" || unit == "min") return 60 * kSecond;
  if (unit == "h") return 3600 * kSecond;
  return 0;
}

bool ParseTime(std::string_view text, int64_t first_ns, int64_t last_ns, TimeLiteral* out) {
  *out = {};
  if (text.size() > 1 && (text[0] == '+' || text[0] == '-')) return ParseRelative(text, first_ns, last_ns, out);
  time_t start = static_cast<time_t>(first_ns / kSecond);
  tm day{};
  localtime_r(&start, &day);
  day.tm_hour = day.tm_min = day.tm_sec = 0;
  int64_t fraction = 0;
  bool utc = false;
  int offset = 0;
  Scanner in{text};
  size_t colon = text.find(':'), separator = text.find_first_of("/-");
  if (separator < colon) {
    if (!ParseDate(&in, &day)) return false;
    out->precision_ns = 24 * 3600 * kSecond;
    if (in.Take(' ') || in.Take('T')) {
      if (!ParseClock(&in, &day, &fraction, &out->precision_ns)) return false;
    }
  } else if (!ParseClock(&in, &day, &fraction, &out->precision_ns)) {
    return false;
  }
  if (!ParseZone(&in, &utc, &offset) || !in.End()) return false;
  day.tm_isdst = -1;
  time_t seconds = utc ? timegm(&day) - offset : mktime(&day);
  constexpr int64_t kFar = 9'000'000'000;  // seconds; later ones do not fit as nanoseconds
  out->ns = std::clamp<int64_t>(seconds, -kFar, kFar) * kSecond + fraction;
  return true;
}

}  // namespace pytrace::query
