#include "reader/launch.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "preload/takes_preload.h"
#include "reader/db_check.h"
#include "reader/program.h"
#include "reader/run_program.h"
#include "reader/segments.h"
#include "reader/settings.h"
#include "reader/wait_commit.h"
#include "ringbuf/rundir.h"

extern char** environ;

namespace pytrace::reader {
namespace {

constexpr int kMistake = 2;  // exit status
// The kernel takes no longer variable than 128 KiB, and the arguments themselves need room beside this copy of them.
constexpr size_t kMaxProgramJson = 32 << 10;

// Says it, and gives the status back to return.
int Fail(int status, const std::string& line) {
  fprintf(stderr, "pytrace: %s\n", line.c_str());
  return status;
}

// Everything about one run that is settled before the program starts.
struct Plan {
  Program program;
  std::string db, rundir, run;
  std::string library, dumper;
};

// The installed files know each other by their place: bin/pytrace, lib/pytrace/*.
bool FindLibrary(Plan* plan, std::string* error) {
  char self[PATH_MAX];
  ssize_t n = readlink("/proc/self/exe", self, sizeof(self));
  if (n <= 0 || n == sizeof(self)) {
    *error = std::string("cannot find its own place: ") + strerror(errno);
    return false;
  }
  std::string bin(self, n);
  bin.resize(bin.rfind('/'));
  std::string folder = bin.substr(0, bin.rfind('/')) + "/lib/pytrace";
  plan->library = folder + "/libpytrace.so";
  plan->dumper = folder + "/pytrace-dumper";
  if (access(plan->library.c_str(), R_OK) != 0 || access(plan->dumper.c_str(), X_OK) != 0) {
    *error = "incomplete installation: " + folder + " must hold libpytrace.so and pytrace-dumper";
    return false;
  }
  if (plan->library.find_first_of(" :") == std::string::npos) return true;
  *error = "cannot work in " + folder + ": LD_PRELOAD takes no path with a blank or a colon";
  return false;
}

std::string NewRun() {
  uint64_t bits = 0;
  if (getrandom(&bits, sizeof(bits), 0) != sizeof(bits)) bits = static_cast<uint64_t>(getpid()) << 32 ^ time(nullptr);
  char text[17];
  snprintf(text, sizeof(text), "%016llx", static_cast<unsigned long long>(bits));
  return text;
}

// 0, or the exit status with the line in *error.
int Prepare(const LaunchOptions& launch, Plan* plan, std::string* error) {
  if (int status = ResolveProgram(launch.words, launch.python, &plan->program, error)) return status;
  if (!FindLibrary(plan, error) || !ResolveDatabase(launch.db, &plan->db, error)) return kMistake;
  char rundir[PATH_MAX];
  if (!ring::RundirPath(plan->db.c_str(), rundir, sizeof(rundir))) {
    *error = "the path of the database is too long: " + plan->db;
    return kMistake;
  }
  plan->rundir = rundir;
  if (ring::CheckRundir(rundir) != 0) {
    *error = "cannot record: " + plan->rundir + " or the folder above is another user's, or open to others: remove it";
    return kMistake;
  }
  if (launch.fresh && !StartAfresh(plan->db, plan->rundir, error)) return kMistake;
  plan->run = NewRun();
  return 0;
}

std::vector<std::string> Environment(const LaunchOptions& launch, const Plan& plan) {
  std::map<std::string, std::string> changes;
  for (const Setting& setting : AllSettings()) changes[setting.variable] = "";
  for (const auto& [variable, value] : launch.settings) changes[variable] = value;
  changes["PYTRACE_NEW"] = changes["PYTRACE_SHOW"] = "";  // were for this run, not for a pytrace that it starts
  changes["PYTRACE_DB"] = plan.db;
  changes["PYTRACE_RUN"] = plan.run;
  changes["PYTRACE_PROGRAM"] = ProgramJson(launch.words);
  return RunEnvironment(environ, changes, TakesPreload(plan.program.path.c_str()) ? plan.library : "");
}

std::vector<std::string> DumperCommand(const LaunchOptions& launch, const Plan& plan) {
  std::vector<std::string> command = {plan.dumper, "--db", plan.db, "--rundir", plan.rundir};
  for (const char* option : {"max-traces", "max-size"}) {
    auto setting = launch.settings.find(FindSetting(option)->variable);
    if (setting == launch.settings.end()) continue;
    command.push_back(std::string("--") + option);
    command.push_back(setting->second);
  }
  return command;
}

// A process of the run that still lives may have committed nothing so far, so the database alone does not tell.
bool SomebodyRecords(const Plan& plan) {
  for (const SegmentView& segment : ListSegments(plan.rundir)) {
    if (segment.run == plan.run) return true;
  }
  return false;
}

// The library has said on stderr why it could not record.
bool LibraryHasSaidIt(const Plan& plan) { return unlink((plan.rundir + ring::kSaidPrefix + plan.run).c_str()) == 0; }

void SayNothingRecorded(const LaunchOptions& launch, const Plan& plan) {
  const char* off = getenv("PYTRACE");
  std::string folder = plan.db.substr(0, std::max<size_t>(plan.db.rfind('/'), 1));
  if (access(folder.c_str(), F_OK) != 0) {
    Fail(0, "the recording is lost: its folder " + folder + " was removed");
  } else if (off && strcmp(off, "0") == 0) {
    Fail(0, "nothing was recorded: the variable PYTRACE is 0");
  } else {
    Fail(0, "nothing was recorded: " + launch.words[0] + " started no Python that could be traced");
  }
}

}  // namespace

LaunchResult Launch(const LaunchOptions& options) {
  Plan plan;
  std::string line;
  if (int status = Prepare(options, &plan, &line)) return {Fail(status, line), "", 0};

  SignalsHeld signals;
  int wait_status = 0;
  int failure = RunProgram(plan.program, Environment(options, plan), signals, &wait_status, &line);
  if (failure != 0) return {Fail(failure, line), "", 0};
  int status = WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);

  Commit commit = WaitForCommit({plan.db, plan.rundir, plan.run, DumperCommand(options, plan)}, signals, &line);
  if (commit != Commit::kDone) return {Fail(status, line), plan.db, 0};
  int64_t run = FindRun(plan.db, plan.run);
  bool said = LibraryHasSaidIt(plan);
  RemoveUnusedRundir(plan.rundir);
  if (run == 0 && !said && !SomebodyRecords(plan)) SayNothingRecorded(options, plan);
  std::string left_alone = run != 0 ? LeftAlone(plan.db, run) : "";
  if (!left_alone.empty()) Fail(0, left_alone);
  return {status, plan.db, run};
}

std::vector<std::string> RunEnvironment(const char* const* before, const std::map<std::string, std::string>& changes,
                                        const std::string& library) {
  std::vector<std::string> after;
  std::string preload = library;  // empty: the program takes none, its own list stays
  for (; *before; ++before) {
    std::string variable = *before;
    std::string name = variable.substr(0, variable.find('='));
    if (name == "LD_PRELOAD") {
      std::string others = variable.substr(name.size() + 1);
      // Inside another run it is there already. Else behind the others: some insist on being the first.
      bool there = library.empty() || (":" + others + ":").find(":" + library + ":") != std::string::npos;
      preload = there || others.empty() ? (there ? others : library) : others + ":" + library;
    } else if (!changes.count(name)) {
      after.push_back(variable);
    }
  }
  for (const auto& [name, value] : changes) {
    if (!value.empty()) after.push_back(name + "=" + value);
  }
  if (!preload.empty()) after.push_back("LD_PRELOAD=" + preload);
  return after;
}

std::string ProgramJson(const std::vector<std::string>& words) {
  std::string out = "[";
  for (const std::string& word : words) {
    std::string text = out.size() == 1 ? "\"" : ", \"";
    for (unsigned char c : word) {
      char escape[8];
      snprintf(escape, sizeof(escape), "\\u%04x", c);
      if (c == '"' || c == '\\') text += '\\';
      text += c < 0x20 ? escape : std::string(1, static_cast<char>(c));
    }
    text += '"';
    if (out.size() + text.size() > kMaxProgramJson) {
      out += out.size() == 1 ? "\"...\"" : ", \"...\"";
      break;
    }
    out += text;
  }
  return out + "]";
}

}  // namespace pytrace::reader
