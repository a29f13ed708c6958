#include "dumper/ring_source.h"

#include "dumper/open_calls.h"
#include "dumper/session.h"

namespace pytrace::dumper {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr uint32_t kDamaged = 3;  // Loss.Reason
constexpr uint32_t kYield = 2;    // Outcome
// Calls open at once in one stack: more are not believed. (A Python frame has half a kilobyte.)
constexpr size_t kMostOpen = 1u << 22;

// How far one may read from the beginning of `part`, which is a part of `all` or lies elsewhere.
size_t Readable(std::string_view part, std::string_view all) {
  size_t offset = reinterpret_cast<uintptr_t>(part.data()) - reinterpret_cast<uintptr_t>(all.data());
  return offset < all.size() ? all.size() - offset : part.size();
}

}  // namespace

RingSource::RingSource(Session* session, uint32_t index) : session_(session), reader_(session->drain(), index) {
  session_->pairing()->Add(&calls_);
}

RingSource::~RingSource() { session_->pairing()->Remove(&calls_); }

void RingSource::Restore(const store::RingRow& row) {
  reader_.Resume(row.generation, row.position);
  generation_ = row.generation;
  ticks_ = row.last_ticks;
  damage_told_ = row.position == ring::RingReader::kDamagedPosition;
  calls_.thread = row.thread;
  calls_.next_serial = row.next_call;
  calls_.last_ns = row.last_ns;
  thread_ended_ = row.open_calls.empty();
  DecodeOpenCalls(row.open_calls, session_->pairing()->newest_call(), &calls_);
}

void RingSource::BeginGeneration() {
  generation_ = reader_.generation();
  ticks_ = 0;
  session_->pairing()->Remove(&calls_);
  calls_ = RingCalls();
  session_->pairing()->Add(&calls_);
  task_runs_.clear();
  damage_told_ = thread_ended_ = false;
  changed_ = true;
}

int64_t RingSource::Sane(int64_t ns, int64_t now) const {
  return ns > now && (session_->gone() || ns > now + kSecond) ? now : ns;
}

bool RingSource::HeadTime(int64_t now) {
  std::string_view rest = reader_.bytes(), body;
  record::Kind kind;
  uint64_t delta;
  if (!record::NextRecord(&rest, &kind, &body) || !record::DecodeTime(body, &delta)) return false;
  head_ns_ = Sane(session_->clock().ToNs(ticks_ + delta), now);
  return true;
}

bool RingSource::Look(int64_t now) {
  bool some = reader_.Look();
  if (reader_.generation() != generation_) BeginGeneration();
  if (some && reader_.at_chunk_start()) {
    ticks_ = reader_.first_time();
    calls_.next_serial = reader_.first_call();
  }
  if (some && HeadTime(now)) return true;
  if (some) {
    reader_.Damage();
    reader_.Look();
  }
  if (reader_.damaged() && !damage_told_) {
    damage_told_ = changed_ = true;
    NeedThread(now);
    record::Loss loss;
    loss.reason = kDamaged;
    session_->pairing()->Lose(&calls_, now, loss);
  }
  if (reader_.finished() && !thread_ended_) EndThread(calls_.last_ns);
  return false;
}

size_t RingSource::Take(int64_t limit, int64_t now) {
  std::string_view rest = reader_.bytes();
  const std::string_view all = rest;
  const TickClock& clock = session_->clock();
  Pairing* pairing = session_->pairing();
  uint64_t ticks = ticks_;
  record::Enter enter;
  record::Leave leave;
  FunctionRef ended;
  while (!rest.empty()) {
    std::string_view after = rest, body;
    record::Kind kind;
    bool ok = record::NextRecord(&after, &kind, &body);
    uint64_t delta = 0;
    if (!ok) {
    } else if (kind == record::Kind::kEnter) {
      ok = record::DecodeEnter(body, &enter, &scratch_);
      delta = enter.time;
    } else if (kind == record::Kind::kLeave) {
      ok = record::DecodeLeave(body, &leave);
      delta = leave.time;
    } else {
      ok = record::DecodeTime(body, &delta);
    }
    if (!ok) [[unlikely]] {
      reader_.Damage();
      break;
    }
    int64_t ns = clock.ToNs(ticks + delta);
    if (ns > limit && (ns = Sane(ns, now)) > limit) {
      head_ns_ = ns;
      // Look found the first record to be in time: it says two times, and would be looked at for ever.
      if (rest.size() == all.size()) reader_.Damage();
      break;
    }
    ticks += delta;
    rest = after;
    if (kind == record::Kind::kEnter) {
      if (calls_.thread == 0) [[unlikely]]
        NeedThread(ns);
      FunctionRef function = session_->FunctionOf(enter.function);
      pairing->Enter(&calls_, ns, function, enter, Readable(enter.values, all));
      if (function.main()) [[unlikely]]
        session_->MainBegan(calls_.last_ns);
      if (enter.frame != 0 && session_->HasTasks()) [[unlikely]]
        TaskRunBegan(enter);
    } else if (kind == record::Kind::kLeave) {
      if (!pairing->Leave(&calls_, ns, leave, Readable(leave.value, all), &ended)) [[unlikely]]
        continue;
      if (ended.main()) [[unlikely]]
        session_->MainEnded(calls_.last_ns);
      if (ended.task()) [[unlikely]]
        TaskRunEnded(leave.outcome != kYield);
    } else {
      TakeCold(kind, body, ns);
    }
  }
  ticks_ = ticks;
  if (calls_.open.size() > kMostOpen) [[unlikely]]
    reader_.Damage();
  size_t taken = all.size() - rest.size();
  reader_.Consume(taken);
  changed_ |= taken != 0;
  return taken;
}

void RingSource::TakeCold(record::Kind kind, std::string_view body, int64_t ns) {
  switch (kind) {
    case record::Kind::kFunction: {
      record::Function function;
      if (Decode(body, &function)) session_->Define(function);
      break;
    }
    case record::Kind::kType: {
      record::Type type;
      if (Decode(body, &type)) session_->Define(type);
      break;
    }
    case record::Kind::kThread: {
      record::Thread thread;
      if (Decode(body, &thread)) TakeThread(thread, ns);
      break;
    }
    case record::Kind::kLoss: {
      record::Loss loss;
      if (!Decode(body, &loss)) break;
      NeedThread(ns);
      session_->pairing()->Lose(&calls_, ns, loss);
      break;
    }
    case record::Kind::kLog: {
      record::Log log;
      if (!Decode(body, &log)) break;
      NeedThread(ns);
      int64_t call = calls_.open.empty() ? 0 : calls_.open.back().id;
      int64_t at = session_->pairing()->Stamp(&calls_, ns);
      session_->writer()->AddLog(calls_.thread, at, call, log.level, log.text);
      break;
    }
    case record::Kind::kStrand: {
      record::Strand strand;
      if (Decode(body, &strand)) calls_.RunStrand(strand.id);
      break;
    }
    case record::Kind::kTask: {
      record::Task task;
      if (Decode(body, &task)) TakeTask(task);
      break;
    }
    default:
      break;  // of a newer guest
  }
}

// The first record of a generation names its thread, a later one renames it.
void RingSource::TakeThread(const record::Thread& thread, int64_t ns) {
  if (calls_.thread == 0) {
    calls_.thread = session_->AddThread(thread.tid, thread.name, thread.main, ns);
  } else {
    session_->writer()->RenameThread(calls_.thread, thread.name);
  }
}

// For events of a thread whose Thread record was lost, or of a strand that is new.
void RingSource::NeedThread(int64_t ns) {
  if (calls_.thread != 0) return;
  std::string name = calls_.strand == 0 ? std::string() : "greenlet-" + std::to_string(calls_.strand);
  calls_.thread = session_->AddThread(reader_.tid(), name, false, ns);
}

// The newest open call is the first run of a task's coroutine.
void RingSource::TakeTask(const record::Task& task) {
  if (calls_.open.empty() || task.frame == 0) return;
  OpenCall& call = calls_.open.back();
  session_->TaskBegan(task.frame, call.id, task.name);
  call.function.SetTask();
  task_runs_.push_back({call.id, task.frame});
}

void RingSource::TaskRunBegan(const record::Enter& enter) {
  if (!session_->IsTask(enter.frame)) return;
  OpenCall& call = calls_.open.back();
  // Another coroutine at the same address: the end of the task was not seen.
  if (enter.start == 0) return session_->TaskEnded(enter.frame, call.id - 1);
  call.function.SetTask();
  task_runs_.push_back({call.id, enter.frame});
}

// `for_good`: the coroutine is done.
void RingSource::TaskRunEnded(bool for_good) {
  while (!task_runs_.empty() && task_runs_.back().call > calls_.ended_task_run) task_runs_.pop_back();
  if (task_runs_.empty() || task_runs_.back().call != calls_.ended_task_run) return;
  if (for_good) session_->TaskEnded(task_runs_.back().frame, calls_.ended_task_run);
  task_runs_.pop_back();
}

void RingSource::EndThread(int64_t ended_ns) {
  thread_ended_ = changed_ = true;
  ring::RingReader::Untold untold = reader_.untold();
  if ((untold.enters | untold.leaves | untold.others) != 0) {
    NeedThread(ended_ns);
    record::Loss loss = {untold.reason, untold.enters, untold.leaves, untold.others, 0};
    session_->pairing()->Lose(&calls_, ended_ns, loss);
  }
  calls_.waiting[calls_.strand] = std::move(static_cast<Strand&>(calls_));
  static_cast<Strand&>(calls_) = {};
  for (const auto& [id, strand] : calls_.waiting) {
    if (strand.thread != 0) session_->writer()->EndThread(strand.thread, std::max(ended_ns, calls_.last_ns));
  }
  calls_.waiting.clear();
}

void RingSource::Save() {
  if (!changed_) return;
  changed_ = false;
  session_->writer()->PutRing(session_->process(),
                              {reader_.index(), generation_, calls_.thread, reader_.position(), ticks_, calls_.last_ns,
                               calls_.next_serial, thread_ended_ ? std::string() : EncodeOpenCalls(calls_)});
}

bool RingSource::Committed() {
  if (!reader_.finished()) return reader_.Free();
  reader_.Finish();
  return true;
}

void RingSource::End(int64_t ended_ns) {
  if (generation_ != 0 && !thread_ended_) EndThread(ended_ns);
}

}  // namespace pytrace::dumper
