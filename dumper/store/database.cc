// Opening a recording, and its blocks. catalog.cc has the names.
#include "dumper/store/database.h"

#include <algorithm>

#include "dumper/store/bounds.h"
#include "dumper/store/connect.h"
#include "dumper/store/database_sql.h"
#include "dumper/store/parents.h"
#include "dumper/store/schema.h"

namespace pytrace::store {
namespace {

// Of a call that started then.
int64_t BoundedEnd(int64_t end_ns, int64_t start_ns) { return std::clamp(end_ns, start_ns, start_ns + kMostNs); }

void BoundStacks(Keyframe* keyframe) {
  for (ThreadStack& stack : *keyframe) {
    for (OpenCall& call : stack.calls) {
      call.id = Bounded(call.id);
      call.start_ns = Bounded(call.start_ns);
    }
  }
}

void Truncate(uint32_t rows, DecodedBlock* block) {
  if (block->size() <= rows) return;
  block->function.resize(rows);
  block->thread.resize(rows);
  block->start_ns.resize(rows);
  block->duration_ns.resize(rows);
  block->depth.resize(rows);
  block->outcome.resize(rows);
  block->start_kind.resize(rows);
  block->frame.resize(rows);
  block->args_end.resize(rows);
  block->result_at.resize(rows);
  block->result_size.resize(rows);
  std::erase_if(block->parent_fixes, [&](const ParentFix& fix) { return fix.row >= rows; });
}

}  // namespace

Database::Database() : sql_(std::make_unique<Statements>()) {}

Database::~Database() {
  sql_.reset();
  if (owned_) sqlite3_close(connection_);
}

std::unique_ptr<Database> Database::Open(const std::string& path, std::string* error) {
  sqlite3* connection = ConnectToRead(path, error);
  if (connection == nullptr) return nullptr;
  std::unique_ptr<Database> database = Wrap(connection);
  database->owned_ = true;
  Identity identity = Identify(connection, path, error);
  if (identity == Identity::kEmpty) *error = path + " is empty: nothing has been recorded into it";
  if (identity != Identity::kRecording) return nullptr;
  if (!database->Refresh()) {
    *error = "cannot read " + path + ": " + database->error();
    return nullptr;
  }
  return database;
}

std::unique_ptr<Database> Database::Wrap(sqlite3* connection) {
  std::unique_ptr<Database> database(new Database);
  database->connection_ = connection;
  return database;
}

bool Database::Failed(const char* doing) {
  error_ = std::string(doing) + ": " + sqlite3_errmsg(connection_);
  return false;
}

bool Database::Refresh() {
  Statement& version = sql_->data_version;
  if (!version.Prepare(connection_, "PRAGMA main.data_version")) return Failed("reading");
  int64_t now = version.Step() ? version.IntAt(0) : -1;
  int result = version.result();
  version.Reset();
  if (result != SQLITE_ROW) return Failed("reading");
  if (now == data_version_) return true;
  // One transaction, so that every block's names are there. A connection of somebody else has one while its statement
  // runs.
  bool begun = owned_ && sqlite3_exec(connection_, "BEGIN", nullptr, nullptr, nullptr) == SQLITE_OK;
  bool read = LoadMeta() && LoadZones() && LoadRuns() && LoadProcesses() && LoadThreads() && LoadFunctions() &&
              LoadCounters() && LoadTypes();
  if (begun) sqlite3_exec(connection_, "COMMIT", nullptr, nullptr, nullptr);
  // What was committed between the two readings is read again with the next change.
  if (read) data_version_ = now;
  return read;
}

bool Database::LoadMeta() {
  Statement& meta = sql_->meta;
  if (!meta.Prepare(connection_, "SELECT key, value FROM main.meta WHERE key IN ('let_go_calls', 'stopped')")) {
    return Failed("reading meta");
  }
  Using use(&meta);
  let_go_calls_ = 0;
  stopped_.clear();
  while (meta.Step()) {
    if (meta.TextAt(0) == "stopped") {
      stopped_ = meta.TextAt(1);
    } else {
      let_go_calls_ = Bounded(meta.IntAt(1));
    }
  }
  return meta.result() == SQLITE_DONE || Failed("reading meta");
}

// Only the newest block that we know can have changed; older ones can only have gone.
bool Database::LoadZones() {
  Statement &oldest = sql_->oldest, &zones = sql_->zones;
  if (!oldest.Prepare(connection_, "SELECT min(first_id) FROM main.blocks") ||
      !zones.Prepare(connection_,
                     "SELECT first_id, calls, first_start_ns, last_start_ns, max_duration_ns, max_depth, exceptions,"
                     " open, functions, threads FROM main.blocks WHERE first_id >= ? ORDER BY first_id")) {
    return Failed("reading blocks");
  }
  {
    Using use(&oldest);
    if (!oldest.Step()) return Failed("reading blocks");
    int64_t first = oldest.IsNull(0) ? INT64_MAX : oldest.IntAt(0);
    std::erase_if(zones_, [&](const ZoneMap& zone) { return zone.first_id < first; });
  }
  Using use(&zones);
  zones.Int(zones_.empty() ? INT64_MIN : zones_.back().first_id);
  if (!zones_.empty()) zones_.pop_back();
  while (zones.Step()) {
    ZoneMap zone;
    zone.first_id = zones.IntAt(0);
    zone.calls = static_cast<uint32_t>(std::clamp<int64_t>(zones.IntAt(1), 0, kMaxBlockRows));
    zone.first_start_ns = Bounded(zones.IntAt(2));
    zone.last_start_ns = Bounded(zones.IntAt(3));
    zone.max_duration_ns = Bounded(zones.IntAt(4));
    zone.max_depth = static_cast<uint32_t>(zones.IntAt(5));
    zone.exceptions = static_cast<uint32_t>(zones.IntAt(6));
    zone.open = static_cast<uint32_t>(zones.IntAt(7));
    if (zone.first_id <= 0 || zone.first_id > kMaxId || !DecodeSet(zones.BlobAt(8), &zone.functions) ||
        !DecodeSet(zones.BlobAt(9), &zone.threads)) {
      error_ = "the block of call " + std::to_string(zone.first_id) + " is damaged";
      return false;
    }
    zones_.push_back(std::move(zone));
  }
  return zones.result() == SQLITE_DONE || Failed("reading blocks");
}

size_t Database::FindBlock(int64_t id) const {
  auto after = std::upper_bound(zones_.begin(), zones_.end(), id,
                                [](int64_t value, const ZoneMap& zone) { return value < zone.first_id; });
  size_t index = after - zones_.begin();
  if (index > 0 && id - zones_[index - 1].first_id < zones_[index - 1].calls) --index;
  return index;
}

bool Database::ReadBlock(size_t zone, bool values, DecodedBlock* out, bool callers) {
  const ZoneMap& map = zones_[zone];
  gone_ = false;
  Statement& read = values ? sql_->calls_and_values : sql_->calls;
  if (!read.Prepare(connection_,
                    values ? "SELECT call_columns, keyframe, value_columns FROM main.blocks WHERE first_id = ?"
                           : "SELECT call_columns, keyframe FROM main.blocks WHERE first_id = ?")) {
    return Failed("reading a block");
  }
  Using use(&read);
  if (!read.Int(map.first_id).Step()) {
    if (read.result() != SQLITE_DONE) return Failed("reading a block");
    gone_ = true;
    error_ = "the calls from " + std::to_string(map.first_id) + " on were let go meanwhile";
    return false;
  }
  if (!DecodeCalls(read.BlobAt(0), read.BlobAt(1), out) || (values && !DecodeValues(read.BlobAt(2), out))) {
    error_ = "the block of call " + std::to_string(map.first_id) + " is damaged";
    return false;
  }
  out->first_id = map.first_id;
  out->has_values = values;
  // The dumper may have gone on since the zone maps were read: calls that came later have names that we do not know.
  Truncate(map.calls, out);
  BoundStacks(&out->keyframe);
  for (ParentFix& fix : out->parent_fixes) fix.parent = Bounded(fix.parent);
  out->parent.clear();
  out->children_ns.clear();
  if (!callers) return ApplyLateEnds(out, values, nullptr);
  std::vector<bool> late(out->size());
  FindParents(*out, &out->parent);
  out->children_ns.assign(out->size(), 0);
  if (!ApplyLateEnds(out, values, &late)) return false;
  AddUpChildren(late, out);
  return true;
}

void Database::AddUpChildren(const std::vector<bool>& late, DecodedBlock* block) const {
  for (uint32_t row = 0; row < block->size(); ++row) {
    int64_t id = block->parent[row];
    if (id < block->first_id || id >= block->first_id + row || block->duration_ns[row] == kOpen) continue;
    int64_t parent = id - block->first_id;
    if (late[parent]) continue;
    block->children_ns[parent] = Bounded(block->children_ns[parent] + block->duration_ns[row]);
  }
}

bool Database::ApplyLateEnds(DecodedBlock* block, bool values, std::vector<bool>* late) {
  Statement& ends = sql_->late_ends;
  if (!ends.Prepare(connection_,
                    "SELECT call_id, end_ns, children_ns, outcome, result FROM main.late_ends"
                    " WHERE call_id >= ? AND call_id < ?")) {
    return Failed("reading late ends");
  }
  Using use(&ends);
  ends.Int(block->first_id).Int(block->next_id());
  while (ends.Step()) {
    // The index of a damaged file may lead to other rows than it was asked for.
    if (ends.IntAt(0) < block->first_id || ends.IntAt(0) >= block->next_id()) continue;
    uint32_t row = static_cast<uint32_t>(ends.IntAt(0) - block->first_id);
    if (late != nullptr) (*late)[row] = true;
    block->duration_ns[row] = BoundedEnd(ends.IntAt(1), block->start_ns[row]) - block->start_ns[row];
    if (late != nullptr) block->children_ns[row] = Bounded(ends.IntAt(2));
    block->outcome[row] = static_cast<Outcome>(ends.IntAt(3) & 3);
    if (!values) continue;
    std::string_view result = ends.BlobAt(4);
    block->result_at[row] = static_cast<uint32_t>(block->results.size());
    block->result_size[row] = static_cast<uint32_t>(result.size());
    block->results.append(result);
  }
  return ends.result() == SQLITE_DONE || Failed("reading late ends");
}

bool Database::ReadKeyframe(size_t zone, Keyframe* out) {
  gone_ = false;
  Statement& read = sql_->keyframe;
  if (!read.Prepare(connection_, "SELECT keyframe FROM main.blocks WHERE first_id = ?"))
    return Failed("reading a block");
  Using use(&read);
  if (!read.Int(zones_[zone].first_id).Step()) {
    if (read.result() != SQLITE_DONE) return Failed("reading a block");
    gone_ = true;
    error_ = "the calls from " + std::to_string(zones_[zone].first_id) + " on were let go meanwhile";
    return false;
  }
  if (DecodeKeyframe(read.BlobAt(0), out)) {
    BoundStacks(out);
    return true;
  }
  error_ = "the block of call " + std::to_string(zones_[zone].first_id) + " is damaged";
  return false;
}

bool Database::LateEnd(int64_t call_id, int64_t start_ns, End* out) {
  Statement& end = sql_->late_end;
  if (!end.Prepare(connection_, "SELECT end_ns, children_ns, outcome, result FROM main.late_ends WHERE call_id = ?")) {
    return Failed("reading late ends");
  }
  Using use(&end);
  if (!end.Int(call_id).Step()) return false;
  *out = {call_id, BoundedEnd(end.IntAt(0), start_ns), Bounded(end.IntAt(1)), static_cast<Outcome>(end.IntAt(2) & 3),
          std::string(end.BlobAt(3))};
  return true;
}

bool Database::TaskOf(int64_t process, uint64_t frame, int64_t call_id, std::string* name) {
  Statement& task = sql_->task;
  // A recording of an older pytrace has no such table, and no tasks.
  if (!task.Prepare(connection_,
                    "SELECT last_call, name FROM main.tasks WHERE process = ? AND frame = ? AND call_id <= ?"
                    " ORDER BY call_id DESC LIMIT 1"))
    return false;
  Using use(&task);
  bool found = task.Int(process).Int(static_cast<int64_t>(frame)).Int(call_id).Step() &&
               (task.IsNull(0) || call_id <= task.IntAt(0));
  if (found) *name = task.TextAt(1);
  return found;
}

bool Database::Losses(std::vector<Loss>* out) {
  Statement& all = sql_->losses;
  if (!all.Prepare(connection_,
                   "SELECT id, time_ns, before_call, thread, reason, enters, leaves, others FROM main.losses"
                   " ORDER BY time_ns, id")) {
    return Failed("reading losses");
  }
  Using use(&all);
  out->clear();
  while (all.Step()) {
    out->push_back({all.IntAt(0), Bounded(all.IntAt(1)), Bounded(all.IntAt(2)), static_cast<uint32_t>(all.IntAt(3)),
                    std::string(all.TextAt(4)), Bounded(all.IntAt(5)), Bounded(all.IntAt(6)), Bounded(all.IntAt(7))});
  }
  return all.result() == SQLITE_DONE || Failed("reading losses");
}

bool Database::Logs(std::vector<LogRow>* out) {
  Statement& all = sql_->logs;
  if (!all.Prepare(connection_,
                   "SELECT id, time_ns, call_id, thread, level, text FROM main.logs ORDER BY time_ns, id")) {
    return Failed("reading logs");
  }
  Using use(&all);
  out->clear();
  while (all.Step()) {
    out->push_back({all.IntAt(0), Bounded(all.IntAt(1)), Bounded(all.IntAt(2)), static_cast<uint32_t>(all.IntAt(3)),
                    static_cast<uint32_t>(all.IntAt(4)), std::string(all.TextAt(5))});
  }
  return all.result() == SQLITE_DONE || Failed("reading logs");
}

}  // namespace pytrace::store
