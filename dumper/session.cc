#include "dumper/session.h"

#include <algorithm>
#include <utility>

namespace pytrace::dumper {
namespace {

// Ids count from 1, so they are dense. Beyond this the guest is not to be believed.
constexpr uint32_t kMaxId = 1u << 24;

record::ProcessInfo InfoOf(const ring::Drain& drain) {
  record::ProcessInfo info;
  if (!Decode(drain.info(), &info)) return {};
  return info;
}

}  // namespace

Session::Session(std::string name, std::unique_ptr<ring::Drain> drain, store::Writer* writer, Pairing* pairing)
    : name_(std::move(name)),
      drain_(std::move(drain)),
      writer_(writer),
      pairing_(pairing),
      guest_(drain_->facts(), InfoOf(*drain_).pid_namespace, name_) {}

bool Session::Restore() {
  store::ProcessState state;
  if (!writer_->FindProcess(name_, &state)) return false;
  process_ = state.process;
  run_ = state.run;
  main_seen_ = state.main_seen;
  over_ = state.ended;
  for (const store::FunctionId& f : state.functions) Remember(f.id, FunctionRef(f.function, f.main));
  for (const store::TaskRow& task : state.tasks) tasks_[task.frame] = task.call_id;
  restored_ = std::move(state.rings);
  return true;
}

bool Session::NewestRestored(uint64_t* ticks, int64_t* ns) const {
  *ns = 0;
  for (const store::RingRow& row : restored_) {
    if (row.last_ns > *ns) *ns = row.last_ns, *ticks = row.last_ticks;
  }
  return *ns != 0;
}

void Session::UseClocks(const Clocks& clocks) {
  const ring::Drain::Facts& facts = drain_->facts();
  clock_ = &clocks.Of(facts.clock);
  if (!guest_.from_before_boot()) return;
  own_clock_.emplace(Reading{facts.start_ticks, static_cast<int64_t>(facts.start_realtime_ns)}, clock_->ns_per_tick());
  clock_ = &*own_clock_;
}

void Session::Begin(const Clocks& clocks) {
  UseClocks(clocks);
  const ring::Drain::Facts& facts = drain_->facts();
  record::ProcessInfo info = InfoOf(*drain_);
  int64_t started_ns = clock_->ToNs(facts.start_ticks);
  run_ = writer_->RunByToken(info.run.empty() ? std::string_view(name_) : info.run, started_ns,
                             std::string(info.program), info.cwd);
  store::ProcessRow row;
  row.run = run_;
  row.pid = facts.pid;
  row.parent_pid = info.parent_pid;
  row.started_ns = started_ns;
  row.python = info.python;
  row.mode = info.mode;
  row.mode_reason = info.mode_reason;
  row.executable = info.executable;
  row.cwd = info.cwd;
  row.segment = name_;
  row.argv.assign(info.argv.begin(), info.argv.end());
  process_ = writer_->AddProcess(row);
  if (facts.start_flags & ring::kForkedAfterMain) MainBegan(started_ns);
}

void Session::Discover(std::vector<RingSource*>* out) {
  uint32_t used = drain_->rings_used();
  while (sources_.size() < used) {
    auto index = static_cast<uint32_t>(sources_.size());
    sources_.push_back(std::make_unique<RingSource>(this, index));
    for (const store::RingRow& row : restored_) {
      if (row.ring == index) sources_.back()->Restore(row);
    }
  }
  for (auto& source : sources_) out->push_back(source.get());
}

bool Session::News() const {
  if (drain_->rings_used() != sources_.size()) return true;
  for (const auto& source : sources_) {
    if (source->News()) return true;
  }
  return false;
}

bool Session::Exhausted(int64_t now) {
  if (drain_->rings_used() != sources_.size()) return false;
  return std::none_of(sources_.begin(), sources_.end(), [now](auto& source) { return source->Look(now); });
}

void Session::Save() {
  for (auto& source : sources_) source->Save();
}

void Session::Committed() {
  if (gone_) return;
  bool freed = false;
  for (auto& source : sources_) freed |= source->Committed();
  if (freed || drain_->waiting()) drain_->WakeWriters();
}

void Session::End(int64_t now) {
  int64_t ended_ns = now;
  if (drain_->ended() != ring::Ended::kNo && drain_->end_ticks() != 0)
    ended_ns = std::min(now, clock_->ToNs(drain_->end_ticks()));
  for (auto& source : sources_) source->End(ended_ns);
  writer_->EndProcess(process_, ended_ns);
  over_ = true;
}

void Session::Define(const record::Function& function) {
  if (function.id == 0 || function.id > kMaxId) return;
  store::FunctionRow row;
  row.module = function.module;
  row.func = function.name;
  row.qualname = function.qualname;
  row.file = function.file;
  row.line = function.line;
  row.flags = function.flags;
  row.star = function.star;
  row.star_star = function.star_star;
  row.arguments.assign(function.arguments.begin(), function.arguments.end());
  uint32_t id = writer_->AddFunction(process_, run_, function.id, row, function.main);
  Remember(function.id, FunctionRef(id, function.main));
}

void Session::Define(const record::Type& type) {
  if (type.id != 0 && type.id <= kMaxId) writer_->AddType(process_, type.id, type.name);
}

void Session::Remember(uint32_t id, FunctionRef function) {
  if (id > kMaxId) return;
  if (id >= functions_.size()) functions_.resize(std::max<size_t>(id + 1, functions_.size() * 2));
  functions_[id] = function;
}

// Definitions come before their use; where one was lost (a damaged ring) its calls are still calls.
FunctionRef Session::UnknownFunction() {
  if (functions_.empty() || !functions_[0].known()) {
    store::FunctionRow row;
    row.module = row.func = row.qualname = row.file = "?";
    Remember(0, FunctionRef(writer_->AddFunction(process_, run_, 0, row, false), false));
  }
  return functions_[0];
}

void Session::TaskBegan(uint64_t frame, int64_t call, std::string_view name) {
  if (IsTask(frame)) TaskEnded(frame, call - 1);
  tasks_[frame] = call;
  writer_->AddTask(process_, {frame, call}, name);
}

void Session::TaskEnded(uint64_t frame, int64_t last) {
  auto found = tasks_.find(frame);
  if (found == tasks_.end()) return;
  writer_->EndTask(process_, {frame, found->second}, last);
  tasks_.erase(found);
}

void Session::MainBegan(int64_t ns) {
  if (main_seen_) return;
  main_seen_ = true;
  writer_->SetMain(process_, ns);
}

}  // namespace pytrace::dumper
