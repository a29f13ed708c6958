#include "reader/program.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/unit/check.h"

namespace pytrace::reader {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

// A folder as the current one, with `bin` as the only PATH: python3, tool (a plain program), pip (a Python script).
class Scene {
 public:
  Scene() : before_(fs::current_path()), path_(getenv("PATH") ? getenv("PATH") : "") {
    char folder[] = "/tmp/program_testXXXXXX";
    root_ = mkdtemp(folder);
    fs::current_path(root_);
    fs::create_directory("bin");
    setenv("PATH", (root_ + "/bin").c_str(), 1);
    File("bin/python3", "#!/bin/sh\n", 0755);
    File("bin/tool", "\177ELF", 0755);
    File("bin/pip", "#!/opt/venv/bin/python\n", 0755);
  }
  ~Scene() {
    setenv("PATH", path_.c_str(), 1);
    fs::current_path(before_);
    fs::remove_all(root_);
  }
  void File(const std::string& name, const std::string& content, int mode = 0644) {
    std::ofstream(name) << content;
    chmod(name.c_str(), mode);
  }
  std::string Bin(const std::string& name) { return root_ + "/bin/" + name; }

  int Resolve(Words words, const std::string& python = "") {
    program = {};
    error.clear();
    return ResolveProgram(words, python, &program, &error);
  }
  bool ByPython(const Words& arguments) {
    return program.path == Bin("python3") && program.argv[0] == "python3" &&
           Words(program.argv.begin() + 1, program.argv.end()) == arguments;
  }

  Program program;
  std::string error;

 private:
  fs::path before_;
  std::string path_, root_;
};

TEST(ScriptModuleAndCodeGoToTheInterpreter) {
  Scene s;
  s.File("foo.py", "");
  CHECK_EQ(s.Resolve({"foo.py", "--bar"}), 0);
  CHECK(s.ByPython({"foo.py", "--bar"}));
  for (const Words& words : {Words{"-m", "pip", "list"}, Words{"-c", "1"}, Words{"-"}}) {
    CHECK_EQ(s.Resolve(words), 0);
    CHECK(s.ByPython(words));
  }
}

TEST(ExecutableScriptNamedPyStillGoesToTheInterpreterOfPath) {
  Scene s;
  s.File("foo.py", "#!/opt/other/python\n", 0755);
  CHECK_EQ(s.Resolve({"./foo.py"}), 0);
  CHECK(s.ByPython({"./foo.py"}));
}

TEST(NameIsACommandOfPathEvenIfAFileHasIt) {
  Scene s;
  s.File("tool", "#!/usr/bin/python3\n");
  CHECK_EQ(s.Resolve({"tool", "x"}), 0);
  CHECK_EQ(s.program.path, s.Bin("tool"));
  CHECK(s.program.argv == Words({"tool", "x"}));
}

TEST(ScriptOfPathKeepsItsInterpreterUnlessOneIsGiven) {
  Scene s;
  CHECK_EQ(s.Resolve({"pip", "list"}), 0);
  CHECK_EQ(s.program.path, s.Bin("pip"));
  CHECK_EQ(s.Resolve({"pip", "list"}, "python3"), 0);
  CHECK(s.ByPython({s.Bin("pip"), "list"}));
}

TEST(PythonScriptsAreKnownByContent) {
  Scene s;
  s.File("app", "#!/usr/bin/env -S python3 -u\n");
  s.File("app.pyz", "PK\3\4zip", 0755);
  fs::create_directory("pkg");
  s.File("pkg/__main__.py", "");
  for (const char* word : {"./app", "app", "./app.pyz", "pkg", "pkg/"}) {
    CHECK_EQ(s.Resolve({word, "x"}), 0);
    CHECK(s.ByPython({word, "x"}));
  }
}

TEST(ExecutableFileRunsItself) {
  Scene s;
  s.File("run", "#!/opt/venv/bin/python3\n", 0755);
  CHECK_EQ(s.Resolve({"./run"}), 0);
  CHECK_EQ(s.program.path, "./run");
  CHECK_EQ(s.Resolve({"./run"}, s.Bin("python3")), 0);
  CHECK_EQ(s.program.path, s.Bin("python3"));
}

TEST(WhatIsNotThere) {
  Scene s;
  s.File("notes", "text");
  CHECK_EQ(s.Resolve({"foo.py"}), kNoSuchProgram);
  CHECK_EQ(s.error, "no such program: foo.py");
  CHECK_EQ(s.Resolve({"nothing"}), kNoSuchProgram);
  CHECK_EQ(s.Resolve({"no/thing"}), kNoSuchProgram);
  CHECK_EQ(s.Resolve({""}), kNoSuchProgram);
  CHECK_EQ(s.Resolve({"notes"}), kNoSuchProgram);
  CHECK(s.error.find("./notes") != std::string::npos);
  CHECK_EQ(s.Resolve({"foo.py"}, "python9"), kNoSuchProgram);
}

TEST(WhatCannotBeExecuted) {
  Scene s;
  s.File("notes", "text");
  s.File("foo.py", "");
  fs::create_directory("plain");
  CHECK_EQ(s.Resolve({"./notes"}), kNotExecutable);
  CHECK_EQ(s.Resolve({"./plain"}), kNotExecutable);
  CHECK_EQ(s.Resolve({"foo.py"}, "./notes"), kNotExecutable);
}

TEST(WithoutPython3ThePlainPythonOfPath) {
  Scene s;
  s.File("foo.py", "");
  fs::rename("bin/python3", "bin/python");
  CHECK_EQ(s.Resolve({"foo.py"}), 0);
  CHECK_EQ(s.program.argv[0], "python");
  fs::remove("bin/python");
  CHECK_EQ(s.Resolve({"foo.py"}), kNoSuchProgram);
}

TEST(PipesAreNotRead) {
  Scene s;
  mkfifo("pipe", 0600);
  CHECK(!LooksLikeDatabase("pipe"));
  CHECK_EQ(s.Resolve({"./pipe"}), kNotExecutable);
}

}  // namespace
}  // namespace pytrace::reader
