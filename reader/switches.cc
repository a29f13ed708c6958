#include "reader/switches.h"

#include <algorithm>

namespace pytrace::reader {

const std::vector<Switch>& AllSwitches() {
  static const std::vector<std::string_view> on_off = {"off", "on"};
  static const std::vector<Switch> switches = {
      {"ascii", on_off},
      {"mouse", on_off},
      {"startup", on_off},
      {"wrap", on_off},
      {"numbers", on_off},
      {"timeline", on_off},
      {"since-start", on_off},
      {"columns", on_off},
      {"durations", on_off},
      {"returns", {"classic", "brief"}},
      {"time-format", {"abs", "rel", "delta", "mark", "iso"}},
      {"filter-mode", {"hide", "dim", "context"}},
      {"callers", on_off},
      {"case", {"smart", "ignore", "heed"}},
  };
  return switches;
}

const Switch* FindSwitch(std::string_view name) {
  for (const Switch& one : AllSwitches()) {
    if (name == one.name) return &one;
  }
  return nullptr;
}

bool TakesValue(const Switch& one, std::string* value) {
  if (one.values[0] == "off" && (*value == "1" || *value == "0")) *value = *value == "1" ? "on" : "off";
  return std::find(one.values.begin(), one.values.end(), *value) != one.values.end();
}

std::string ValuesText(const Switch& one) {
  std::string text;
  for (size_t i = 0; i < one.values.size(); ++i) {
    if (i > 0) text += i + 1 == one.values.size() ? " or " : ", ";
    text += one.values[i];
  }
  return text;
}

}  // namespace pytrace::reader
