#include "reader/tui/filter_text.h"

#include <algorithm>
#include <cctype>

#include "reader/query/suggest.h"

namespace pytrace::reader::tui {

std::string FilterFor(const store::Function& function) {
  return "func is " + query::QuotedLiteral(function.func) + " and module is " + query::QuotedLiteral(function.module);
}

std::string FilterFor(const store::Thread& thread, const store::Process& process) {
  return "tid == " + std::to_string(thread.tid) + " and pid == " + std::to_string(process.pid);
}

std::string FilterFor(const ArgumentText& argument) {
  constexpr size_t kLongest = 200;
  if (argument.type == "..." || argument.value.size() > kLongest || argument.value.ends_with("...")) return "";
  auto fits = [](char c) { return isalnum(static_cast<unsigned char>(c)) || c == '_'; };
  const std::string& name = argument.name;
  bool plain =
      !name.empty() && !isdigit(static_cast<unsigned char>(name[0])) && std::all_of(name.begin(), name.end(), fits);
  std::string field = name == "return value" ? "ret"
                      : name == "exception"  ? "exc"
                      : plain                ? "arg." + name
                                             : "arg[" + query::QuotedLiteral(name) + "]";
  // A str is also compared without its quotes, which reads better.
  std::string_view value = argument.value;
  bool bare = argument.type == "str" && value.size() >= 2 && value.find('\\') == std::string_view::npos;
  return field + " is " + query::QuotedLiteral(bare ? value.substr(1, value.size() - 2) : value);
}

}  // namespace pytrace::reader::tui
