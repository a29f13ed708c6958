// A unit test harness of one file: TEST(Name) { CHECK(...); CHECK_EQ(a, b); }. Link with //tests/unit:check, which has the main().
#ifndef PYTRACE_TESTS_UNIT_CHECK_H_
#define PYTRACE_TESTS_UNIT_CHECK_H_

#include <functional>
#include <iostream>
#include <sstream>
#include <string>

namespace pytrace::test {

// Adds a test; called before main.
bool Register(const char* name, std::function<void()> body);
// Reports a failure of the running test, which goes on.
void Fail(const char* file, int line, const std::string& what);

template <class T>
std::string Show(const T& value) {
  if constexpr (requires(std::ostream& out) { out << value; }) {
    std::ostringstream out;
    out << value;
    return out.str();
  } else {
    return "?";
  }
}

}  // namespace pytrace::test

#define TEST(name)                                                                            \
  static void Test##name();                                                                   \
  static const bool test_##name = ::pytrace::test::Register(#name, Test##name);               \
  static void Test##name()

#define CHECK(condition)                                                    \
  do {                                                                      \
    if (!(condition)) ::pytrace::test::Fail(__FILE__, __LINE__, #condition); \
  } while (0)

#define CHECK_EQ(left, right)                                                                                 \
  do {                                                                                                        \
    /* Copies: an operand may be a reference into a temporary, which ends with its statement. */                \
    const auto left_value = (left);                                                                           \
    const auto right_value = (right);                                                                         \
    if (!(left_value == right_value))                                                                         \
      ::pytrace::test::Fail(__FILE__, __LINE__,                                                               \
                            std::string(#left " == " #right ": ") + ::pytrace::test::Show(left_value) + " vs " + \
                                ::pytrace::test::Show(right_value));                                          \
  } while (0)

#endif  // PYTRACE_TESTS_UNIT_CHECK_H_
