// What the words after the options are: a database to read, or a program to run, and then with which file and
// arguments.
#ifndef PYTRACE_READER_PROGRAM_H_
#define PYTRACE_READER_PROGRAM_H_

#include <string>
#include <vector>

namespace pytrace::reader {

// A file that starts like a SQLite database, or a name that ends in .sqlite (there or not: the reader says what is
// missing).
bool LooksLikeDatabase(const std::string& word);

struct Program {
  std::string path;               // the file to execute
  std::vector<std::string> argv;  // as it will see it; argv[0] is the name that a shell would give it
};

// How a program could not be found, as a shell says it.
inline constexpr int kNoSuchProgram = 127;
inline constexpr int kNotExecutable = 126;

// Resolves the words of LaunchOptions:
//   -m MODULE ..., -c CODE ..., SCRIPT.py ..., - ...   run by the interpreter: `python`, or python3, or python of PATH
//   NAME ...                                           a command of PATH, as a shell finds it; else a Python script of
//   that name here FOLDER/NAME ...                                    an executable file; else a Python script
//   (shebang, zip file, folder with __main__.py)
// An executable script with a Python shebang keeps its own interpreter (a virtual environment's `bin/pip` needs it),
// unless `python` is given. 0, or kNoSuchProgram or kNotExecutable with the line to print in *error.
int ResolveProgram(const std::vector<std::string>& words, const std::string& python, Program* out, std::string* error);

}  // namespace pytrace::reader

#endif  // PYTRACE_READER_PROGRAM_H_
