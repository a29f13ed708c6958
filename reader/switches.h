// What is switched on the screen by - and a letter, by :set, by `set` in the configuration and by some options: one row
// each, with the values it takes.
#ifndef PYTRACE_READER_SWITCHES_H_
#define PYTRACE_READER_SWITCHES_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pytrace::reader {

struct Switch {
  const char* name;  // also of the action in tui/bindings.cc that goes from value to value
  std::vector<std::string_view> values;
};

// A switch and one of its values.
using Switched = std::pair<std::string, std::string>;

const std::vector<Switch>& AllSwitches();
const Switch* FindSwitch(std::string_view name);
// Whether the switch has the value; on and off also as 1 and 0, brought into the form of the table.
bool TakesValue(const Switch& one, std::string* value);
// `abs, rel, delta, mark or iso`.
std::string ValuesText(const Switch& one);

}  // namespace pytrace::reader

#endif  // PYTRACE_READER_SWITCHES_H_
