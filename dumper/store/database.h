// The readers' side: opens a recording read-only and decodes what is asked for. Never blocks the writer: every read
// transaction ends with the call that began it. The same code serves the command, the virtual tables inside any SQLite
// connection, and the export.
#ifndef PYTRACE_DUMPER_STORE_DATABASE_H_
#define PYTRACE_DUMPER_STORE_DATABASE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "dumper/store/block.h"
#include "dumper/store/schema.h"

struct sqlite3;

namespace pytrace::store {

struct Run {
  int64_t id;
  int64_t started_ns, ended_ns;  // ended_ns 0: a process of it lives
  std::string program;           // JSON array
};
struct Process {
  int64_t id = 0, run = 0, pid = 0, parent_pid = 0;
  int64_t started_ns = 0, main_ns = 0, main_end_ns = 0, ended_ns = 0;  // 0: NULL
  std::string python, mode, mode_reason, executable, argv, cwd;
};
struct Thread {
  uint32_t id = 0;
  int64_t process = 0;
  int64_t tid = 0;
  std::string name;
  bool main = false;
  int64_t started_ns = 0, ended_ns = 0;
};
struct Function {
  uint32_t id = 0;
  int64_t run = 0;
  std::string module, func, qualname, file;
  uint32_t line = 0, flags = 0, star = 0, star_star = 0;
  std::vector<std::string> arguments;
  int64_t calls = 0, exceptions = 0, total_ns = 0, self_ns = 0;
};

// A block as readers want it: the columns, the late ends filled in (duration_ns, outcome and result are final as far as
// they are known), and what follows from them.
struct DecodedBlock : Block {
  std::vector<int64_t> parent;       // call id, 0: none
  std::vector<int64_t> children_ns;  // self time = duration - children; see ReadBlock
  bool has_values = false;
};

// The names behind the ids. Small beside the blocks, loaded whole, refreshed by Refresh().
class Catalog {
 public:
  // nullptr: unknown (a damaged database); callers print "?".
  const Function* function(uint32_t id) const;
  const Thread* thread(uint32_t id) const;
  const Process* process(int64_t id) const;
  const Process* process_of_thread(uint32_t thread) const;
  std::string_view type_name(int64_t process, uint32_t type) const;  // "?" when unknown
  const std::vector<Run>& runs() const { return runs_; }
  const std::unordered_map<uint32_t, Function>& functions() const { return functions_; }
  const std::unordered_map<uint32_t, Thread>& threads() const { return threads_; }
  const std::unordered_map<int64_t, Process>& processes() const { return processes_; }
  // Before __main__'s first line, or on the main thread after its last.
  bool IsStartup(uint32_t thread, int64_t start_ns) const;

 private:
  friend class Database;
  std::vector<Run> runs_;
  std::unordered_map<uint32_t, Function> functions_;
  std::unordered_map<uint32_t, Thread> threads_;
  std::unordered_map<int64_t, Process> processes_;
  std::unordered_map<int64_t, std::vector<std::string>> types_;  // by process, index Type.id
};

struct Loss {
  int64_t id, time_ns, before_call;
  uint32_t thread;
  std::string reason;
  int64_t enters, leaves, others;
};
struct LogRow {
  int64_t id, time_ns, call_id;
  uint32_t thread, level;
  std::string text;
};

class Database {
 public:
  // nullptr with one line in *error that names the file and the cure: missing, not SQLite, not pytrace's, newer schema,
  // unreadable.
  static std::unique_ptr<Database> Open(const std::string& path, std::string* error);
  // Over a connection that somebody else owns (the virtual tables); its schema is not checked again.
  static std::unique_ptr<Database> Wrap(sqlite3* connection);
  ~Database();

  // Reads the catalogue and the zone maps anew: what the dumper has committed since. Cheap when nothing changed (PRAGMA
  // data_version). false: error().
  bool Refresh();
  int64_t version() const { return data_version_; }  // another one after a Refresh that found something new
  const Catalog& catalog() const { return catalog_; }
  const std::vector<ZoneMap>& zones() const { return zones_; }  // by first_id
  int64_t let_go_calls() const { return let_go_calls_; }
  const std::string& stopped() const { return stopped_; }  // why recording stopped; empty: it did not

  // Index in zones() of the block with call `id`, or of the first block after it; zones().size() when there is none.
  size_t FindBlock(int64_t id) const;
  // Decodes a block, with late ends. `values`: also args and results. false: it was let go meanwhile, or is damaged
  // (error()). `callers`: also parent and children_ns, which follow from the other columns; else they are empty.
  bool ReadBlock(size_t zone, bool values, DecodedBlock* out, bool callers = true);
  bool ReadKeyframe(size_t zone, Keyframe* out);
  // The end of a call that started then and ended after its block was full. false: it has not, or was let go.
  struct End {
    int64_t call_id, end_ns, children_ns;
    Outcome outcome;
    std::string result;
  };
  bool LateEnd(int64_t call_id, int64_t start_ns, End* out);
  // The asyncio task whose coroutine runs in this call. false: none.
  bool TaskOf(int64_t process, uint64_t frame, int64_t call_id, std::string* name);
  bool Losses(std::vector<Loss>* out);
  bool Logs(std::vector<LogRow>* out);

  sqlite3* connection() { return connection_; }
  const std::string& error() const { return error_; }
  bool gone() const { return gone_; }  // the last ReadBlock or ReadKeyframe failed because the block was let go

 private:
  Database();
  bool LoadMeta();
  bool LoadZones();
  bool LoadRuns();
  bool LoadProcesses();
  bool LoadThreads();
  bool LoadFunctions();
  bool LoadCounters();
  bool LoadTypes();
  bool ApplyLateEnds(DecodedBlock* block, bool values, std::vector<bool>* late);
  void AddUpChildren(const std::vector<bool>& late, DecodedBlock* block) const;
  bool Failed(const char* doing);

  sqlite3* connection_ = nullptr;
  bool owned_ = false;
  Catalog catalog_;
  std::vector<ZoneMap> zones_;
  int64_t let_go_calls_ = 0;
  std::string stopped_, error_;
  bool gone_ = false;
  int64_t data_version_ = -1;
  uint32_t newest_function_ = 0;
  struct Statements;
  std::unique_ptr<Statements> sql_;
};

}  // namespace pytrace::store

#endif  // PYTRACE_DUMPER_STORE_DATABASE_H_
