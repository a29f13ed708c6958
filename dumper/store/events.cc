#include "dumper/store/events.h"

#include <algorithm>
#include <queue>
#include <vector>

#include "dumper/store/event_notes.h"

namespace pytrace::store {

const char* KindName(EventKind kind) {
  static constexpr const char* kNames[] = {"call", "return", "exception", "yield", "resume", "log", "lost"};
  switch (kind) {
    case EventKind::kCall:
      return kNames[0];
    case EventKind::kReturn:
      return kNames[1];
    case EventKind::kException:
      return kNames[2];
    case EventKind::kYield:
      return kNames[3];
    case EventKind::kResume:
      return kNames[4];
    case EventKind::kLog:
      return kNames[5];
    case EventKind::kLost:
      return kNames[6];
  }
  return "?";
}

EventKind KindOf(Outcome outcome) {
  switch (outcome) {
    case Outcome::kException:
      return EventKind::kException;
    case Outcome::kYield:
      return EventKind::kYield;
    default:
      return EventKind::kReturn;
  }
}

namespace {

// An end that lies ahead; of two at the same time the younger call's comes first.
struct End {
  int64_t time_ns, call_id;
  uint32_t thread, function, depth;
  Outcome outcome;
  std::shared_ptr<const DecodedBlock> block;
  uint32_t row;

  bool operator>(const End& other) const {
    return time_ns != other.time_ns ? time_ns > other.time_ns : call_id < other.call_id;
  }
};

// A call that was passed while its end was not known.
struct Open {
  int64_t call_id, start_ns;
  uint32_t thread, function, depth;
  std::shared_ptr<const DecodedBlock> block;
  uint32_t row;
};

}  // namespace

struct EventWalker::State {
  State(Database* database, int64_t first_id, bool values, const CallFilter& filter);
  bool Next(Event* event);

  bool Enter(bool any);
  bool HasStart();
  void Begin();
  void CatchUp();
  void AddKeyframe();
  void AddEnd(Open call, int64_t end_ns, Outcome outcome);
  void FindEnds();
  void PassRow();
  void EmitStart(Event* event);
  void EmitEnd(Event* event);

  Database* database;
  const bool values;
  const CallFilter filter;
  int64_t next_id;              // the call whose start comes next
  int64_t from_ns = INT64_MIN;  // events before are not given
  bool begun = false, failed = false;
  int64_t version = INT64_MIN;                // of the database, when it was looked at last
  std::shared_ptr<const DecodedBlock> block;  // with next_id, or nullptr
  std::priority_queue<End, std::vector<End>, std::greater<End>> ends;
  std::vector<Open> open;
  EventNotes notes;
};

EventWalker::State::State(Database* database, int64_t first_id, bool values, const CallFilter& filter)
    : database(database), values(values), filter(filter), next_id(first_id) {}

// The walk begins with the block of its first call, so that ends of the calls before it in the block are known.
void EventWalker::State::Begin() {
  const auto& zones = database->zones();
  size_t zone = database->FindBlock(next_id);
  if (zone == zones.size()) return;
  int64_t first_id = std::max(next_id, zones[zone].first_id);
  next_id = zones[zone].first_id;
  if (!Enter(true)) return;
  begun = true;
  from_ns = block->start_ns[first_id - block->first_id];
  AddKeyframe();
  while (next_id < first_id) PassRow();
  notes.Load(database, from_ns, filter);
}

// Decodes the block of next_id, or the first after it in which a call may match. False: there is none (so far), or an
// error.
bool EventWalker::State::Enter(bool any) {
  if (failed) return false;
  const auto& zones = database->zones();
  size_t zone = database->FindBlock(next_id);
  while (zone < zones.size() && !any && !filter.MayMatch(zones[zone])) {
    next_id = zones[zone].first_id + zones[zone].calls;
    ++zone;
  }
  if (zone == zones.size()) return false;
  auto fresh = std::make_shared<DecodedBlock>();
  failed = !database->ReadBlock(zone, values, fresh.get()) && !database->gone();
  if (failed || database->gone()) return false;
  next_id = std::max(next_id, fresh->first_id);
  block = std::move(fresh);
  return next_id < block->next_id();
}

// Goes on to the next call that matches.
bool EventWalker::State::HasStart() {
  do {
    for (; next_id < block->next_id(); ++next_id) {
      int64_t row = next_id - block->first_id;
      if (filter.Matches(block->function[row], block->thread[row])) return true;
    }
  } while (Enter(false));
  return false;
}

void EventWalker::State::AddKeyframe() {
  for (const ThreadStack& stack : block->keyframe) {
    for (const OpenCall& call : stack.calls) {
      if (!filter.Matches(call.function, stack.thread)) continue;
      Open before = {call.id, call.start_ns, stack.thread, call.function, call.depth, nullptr, 0};
      Database::End end;
      if (database->LateEnd(call.id, call.start_ns, &end)) {
        AddEnd(before, end.end_ns, end.outcome);
      } else {
        open.push_back(before);
      }
    }
  }
}

void EventWalker::State::AddEnd(Open call, int64_t end_ns, Outcome outcome) {
  if (end_ns < from_ns) return;
  ends.push({end_ns, call.call_id, call.thread, call.function, call.depth, outcome, std::move(call.block), call.row});
}

// Steps over the start of next_id; its end, if it has one, lies ahead.
void EventWalker::State::PassRow() {
  uint32_t row = static_cast<uint32_t>(next_id - block->first_id);
  Open call = {next_id, block->start_ns[row], block->thread[row], block->function[row], block->depth[row], block, row};
  ++next_id;
  if (!filter.Matches(call.function, call.thread)) return;
  if (block->duration_ns[row] == kOpen) {
    open.push_back(std::move(call));
  } else {
    AddEnd(std::move(call), block->start_ns[row] + block->duration_ns[row], block->outcome[row]);
  }
}

// The recording has gone on: what was open may have ended.
void EventWalker::State::FindEnds() {
  std::vector<Open> still;
  std::shared_ptr<DecodedBlock> again;
  for (Open& call : open) {
    Database::End end;
    if (database->LateEnd(call.call_id, call.start_ns, &end)) {
      // The block that the walk decoded does not have this end; nobody should look for its result there.
      call.block = nullptr;
      AddEnd(std::move(call), end.end_ns, end.outcome);
      continue;
    }
    // Or its end is in its own block, which was the newest.
    if (call.block != nullptr && (again == nullptr || again->first_id != call.block->first_id)) {
      size_t zone = database->FindBlock(call.call_id);
      auto fresh = std::make_shared<DecodedBlock>();
      bool there = zone < database->zones().size() && database->zones()[zone].first_id == call.block->first_id;
      if (there && database->ReadBlock(zone, values, fresh.get())) again = std::move(fresh);
    }
    if (call.block != nullptr && again != nullptr && again->first_id == call.block->first_id &&
        call.row < again->size() && again->duration_ns[call.row] != kOpen) {
      int64_t end_ns = again->start_ns[call.row] + again->duration_ns[call.row];
      call.block = again;
      AddEnd(std::move(call), end_ns, again->outcome[call.row]);
      continue;
    }
    still.push_back(std::move(call));
  }
  open = std::move(still);
}

// After a Refresh: begins, where there was nothing to begin with; else looks for what has come since.
void EventWalker::State::CatchUp() {
  failed = false;
  if (!begun) {
    Begin();
  } else {
    FindEnds();
    notes.Load(database, from_ns, filter);
  }
  version = database->version();
}

void EventWalker::State::EmitStart(Event* event) {
  uint32_t row = static_cast<uint32_t>(next_id - block->first_id);
  *event = Event();
  event->kind = block->start_kind[row] == Start::kCall ? EventKind::kCall : EventKind::kResume;
  event->time_ns = block->start_ns[row];
  event->call_id = next_id;
  event->thread = block->thread[row];
  event->function = block->function[row];
  event->depth = block->depth[row];
  event->block = block;
  event->row = row;
  PassRow();
}

void EventWalker::State::EmitEnd(Event* event) {
  const End& end = ends.top();
  *event = Event();
  event->kind = KindOf(end.outcome);
  event->time_ns = end.time_ns;
  event->call_id = end.call_id;
  event->thread = end.thread;
  event->function = end.function;
  event->depth = end.depth;
  event->block = end.block;
  event->row = end.row;
  ends.pop();
}

bool EventWalker::State::Next(Event* event) {
  if (version != database->version()) CatchUp();
  if (!begun) return false;
  // The start that comes next, from the next block when this one is through.
  bool has_start = HasStart();
  int64_t start_ns = has_start ? block->start_ns[next_id - block->first_id] : INT64_MAX;
  int64_t end_ns = ends.empty() ? INT64_MAX : ends.top().time_ns;
  if (notes.Next(std::min(start_ns, end_ns), *block, event)) return true;
  if (!ends.empty() && end_ns <= start_ns) {
    EmitEnd(event);
    return true;
  }
  if (has_start) EmitStart(event);
  return has_start;
}

EventWalker::EventWalker(Database* database, int64_t first_id, bool values, const CallFilter& filter)
    : state_(std::make_unique<State>(database, first_id, values, filter)) {}
EventWalker::~EventWalker() = default;
bool EventWalker::Next(Event* event) { return state_->Next(event); }
bool EventWalker::failed() const { return state_->failed; }

}  // namespace pytrace::store
