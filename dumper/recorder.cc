#include "dumper/recorder.h"

#include <algorithm>
#include <utility>

namespace pytrace::dumper {
namespace {

constexpr int64_t kMillisecond = 1'000'000, kSecond = 1'000'000'000;
// A commit comes 200 ms after the oldest record at the latest; the rest is for the pass and the commit themselves.
constexpr int64_t kCommitNs = 150 * kMillisecond;
// And after so much: the guest reuses what is committed. Clearing memory that is new costs it as much as the records in
// it, so a process that has not written much yet is kept to a little; a commit costs us, so one that writes on is not.
constexpr size_t kMinCommitBytes = 4u << 20, kMaxCommitBytes = 16u << 20, kCommitsOfAll = 32;
constexpr size_t kPassBytes = 4u << 20, kCarefulPassBytes = 256u << 10;
constexpr int64_t kMinSleepNs = kMillisecond, kMaxSleepNs = 50 * kMillisecond;
constexpr int64_t kLookAroundNs = 100 * kMillisecond;  // also without news
constexpr int64_t kAimNs = kSecond, kMaxAimNs = 10 * kSecond;
constexpr int64_t kTerminateNs = kSecond;  // a busy guest must not keep a dumper that was told to leave
constexpr int64_t kGraceNs = kSecond;      // the next process of a `make` comes soon
// A guest needs a moment between reading the clock and publishing the record. Times this close to now wait for the next
// pass.
constexpr int64_t kPublishNs = 10'000;

}  // namespace

Recorder::Recorder(std::unique_ptr<store::Writer> writer, store::Block newest, Rundir* rundir, Doorbell* bell,
                   ring::Control* control)
    : writer_(std::move(writer)),
      pairing_(writer_.get(), std::move(newest)),
      rundir_(rundir),
      bell_(bell),
      control_(control),
      careful_(control->stopped.load(std::memory_order_relaxed) != static_cast<uint32_t>(ring::Stop::kNo)),
      last_aim_ns_(SteadyNs()) {
  TakeOver();
}

std::unique_ptr<Session> Recorder::Attach(const std::string& name) {
  ring::AttachError error;
  auto drain = ring::Drain::Attach(rundir_->PathOf(name).c_str(), &error);
  if (error == ring::AttachError::kForeign) foreign_.insert(name);
  scan_again_ |= error == ring::AttachError::kNoResources;
  if (drain == nullptr) return nullptr;
  return std::make_unique<Session>(name, std::move(drain), writer_.get(), &pairing_);
}

// The clocks are set when it is known what an earlier dumper has said: for processes that live on, time goes on as it
// was told, whatever the wall clock did.
void Recorder::TakeOver() {
  std::vector<std::pair<std::unique_ptr<Session>, bool>> found;
  int64_t newest_ns = pairing_.last_start_ns(), alive_ns = 0;
  for (const std::string& name : rundir_->Scan(&scan_again_)) {
    auto session = Attach(name);
    if (session == nullptr) continue;
    bool known = session->Restore();
    if (session->over()) {
      rundir_->Remove(name);
      continue;
    }
    const ring::Drain::Facts& facts = session->drain()->facts();
    if (facts.clock == ring::Clock::kTsc && !session->guest().from_before_boot()) {
      clocks_.Calibrate(facts.start_ticks, static_cast<int64_t>(facts.start_monotonic_ns));
    }
    found.emplace_back(std::move(session), known);
  }
  for (auto& [session, known] : found) {
    uint64_t ticks;
    int64_t ns;
    if (!session->NewestRestored(&ticks, &ns)) continue;
    newest_ns = std::max(newest_ns, ns);
    if (ns <= alive_ns || session->guest().Gone(session->drain()->ended(), SteadyNs())) continue;
    const ring::Drain::Facts& facts = session->drain()->facts();
    if (ticks < facts.start_ticks || clocks_.Of(facts.clock).ToNs(ticks) > clocks_.Now()) continue;  // nonsense
    alive_ns = ns;
    clocks_.ShowAt(facts.clock, ticks, ns);
  }
  int64_t first_ns = INT64_MAX;  // of what nobody has read
  for (auto& [session, known] : found) {
    const ring::Drain::Facts& facts = session->drain()->facts();
    if (known || session->guest().from_before_boot()) continue;
    first_ns = std::min(first_ns, clocks_.Of(facts.clock).ToNs(facts.start_ticks));
  }
  clocks_.NotBefore(newest_ns, first_ns);
  for (auto& [session, known] : found) {
    known ? session->UseClocks(clocks_) : session->Begin(clocks_);
    Join(std::move(session));
  }
}

void Recorder::FindSegments() {
  for (const std::string& name : rundir_->Scan(&scan_again_)) {
    bool known = foreign_.count(name) != 0;
    for (const auto& session : sessions_) known |= session->name() == name;
    if (known) continue;
    auto session = Attach(name);
    if (session == nullptr) continue;
    if (session->Restore()) {
      if (session->over()) {
        rundir_->Remove(name);
        continue;
      }
      session->UseClocks(clocks_);
    } else {
      session->Begin(clocks_);
    }
    Join(std::move(session));
  }
}

void Recorder::Join(std::unique_ptr<Session> session) {
  for (auto& other : sessions_) {
    if (other->guest().SameProcess(session->guest())) other->guest().SuspectExec();
  }
  control_->no_grace.store(0, std::memory_order_relaxed);
  bell_->Watch(session->guest().pidfd());
  // Writers may be waiting for chunks that a dumper freed just before it died.
  session->drain()->WakeWriters();
  sessions_.push_back(std::move(session));
  since_join_bytes_ = 0;
  if (!pending_) pending_since_ns_ = SteadyNs();
  pending_ = true;
}

void Recorder::CheckGuests() {
  int64_t now = SteadyNs();
  for (auto& session : sessions_) {
    int held = session->guest().pidfd();
    if (!session->gone() && session->guest().Gone(session->drain()->ended(), now)) session->SetGone();
    if (session->guest().pidfd() != held) bell_->Watch(session->guest().pidfd());
  }
}

bool Recorder::AnyGuestLives() {
  CheckGuests();
  return std::any_of(sessions_.begin(), sessions_.end(), [](const auto& s) { return !s->gone(); });
}

// Segments that have come and guests that have gone. False: it was not the time for it.
bool Recorder::LookAround(int64_t now) {
  bool rang = bell_->DescriptorRang();
  if (!rang && now - last_look_ns_ < kLookAroundNs) return false;
  // A death first, then a new segment of the same process: the other way round a segment would be missed for one look,
  // which is no harm.
  CheckGuests();
  if (rundir_->News() || scan_again_ || last_look_ns_ == 0) FindSegments();
  last_look_ns_ = now;
  return true;
}

size_t Recorder::Pass() {
  int64_t until = clocks_.Now() - kPublishNs;
  sources_.clear();
  for (auto& session : sessions_) session->Discover(&sources_);
  size_t taken = merge_.Run(sources_, until, pass_bytes());
  if (taken != 0) {
    if (!pending_) pending_since_ns_ = SteadyNs();
    pending_ = true;
    pending_bytes_ += taken;
    since_join_bytes_ += taken;
  }
  // A pass that stopped early has not seen the end of every ring. With busy guests that may be every pass.
  bool whole = taken < pass_bytes();
  for (auto& session : sessions_) {
    if (!session->gone() || session->over() || (!whole && !session->Exhausted(until))) continue;
    session->Save();
    session->End(clocks_.Now());
    pending_ = ended_ = true;
  }
  return taken;
}

bool Recorder::CommitIsDue(int64_t now) const {
  if (!pending_) return false;
  // The first one at once: where dumpers are killed again and again, each gets a step further.
  if (ended_ || careful_ || !committed_ || now - pending_since_ns_ >= kCommitNs) return true;
  size_t limit = std::clamp(since_join_bytes_ / kCommitsOfAll, kMinCommitBytes, kMaxCommitBytes);
  for (const auto& session : sessions_) {
    if (session->drain()->waiting() && pending_bytes_ != 0) return true;
    limit = std::min<size_t>(limit, session->drain()->buffer_bytes() / 4);
  }
  return pending_bytes_ >= limit;
}

bool Recorder::Commit(bool caught_up) {
  bool goes_on = careful_ && caught_up;
  for (auto& session : sessions_) {
    if (!session->over()) session->Save();
  }
  pairing_.Flush();
  if (goes_on) writer_->SetMeta("stopped", "");
  if (!writer_->Commit()) {
    error_ = writer_->error();
    disk_full_ = writer_->disk_full();
    return false;
  }
  for (auto& session : sessions_) session->Committed();
  pending_ = ended_ = false;
  committed_ = true;
  pending_bytes_ = 0;
  RemoveOver();
  control_->commits.fetch_add(1, std::memory_order_release);
  if (goes_on) SayThatItGoesOn();
  return true;
}

void Recorder::SayThatItGoesOn() {
  careful_ = false;
  rundir_->WriteError("");
  control_->stopped.store(static_cast<uint32_t>(ring::Stop::kNo), std::memory_order_release);
}

size_t Recorder::pass_bytes() const { return careful_ ? kCarefulPassBytes : kPassBytes; }

void Recorder::RemoveOver() {
  std::erase_if(sessions_, [this](const auto& session) {
    if (session->over()) rundir_->Remove(session->name());
    return session->over();
  });
}

bool Recorder::News() const {
  return std::any_of(sessions_.begin(), sessions_.end(), [](const auto& session) { return session->News(); });
}

// Aims at passes of about 1 MB, which are still in the cache when they are read. Little or nothing: longer and longer.
int64_t Recorder::SleepNs(size_t taken, int64_t now) {
  if (taken >= (1u << 20)) {
    sleep_ns_ /= 2;
  } else if (taken < (256u << 10)) {
    sleep_ns_ = std::min(sleep_ns_ * 2, kMaxSleepNs);
  }
  sleep_ns_ = std::max(sleep_ns_, kMinSleepNs);
  if (taken >= pass_bytes()) return 0;
  return pending_ ? std::min(sleep_ns_, pending_since_ns_ + kCommitNs - now) : sleep_ns_;
}

int64_t Recorder::GraceNs() const { return control_->no_grace.load(std::memory_order_acquire) != 0 ? 0 : kGraceNs; }

Recorder::Result Recorder::Run(const volatile sig_atomic_t& terminate) {
  for (;;) {
    int64_t now = SteadyNs();
    bool last = terminate != 0;
    if (last && terminated_ns_ == 0) terminated_ns_ = now;
    // Before anything of a new process goes to a file that somebody has removed. With nothing to record it stays so.
    if (LookAround(now) && !sessions_.empty() && writer_->replaced()) return Result::kReplaced;
    size_t taken = Pass();
    now = SteadyNs();
    bool caught_up = taken < pass_bytes();
    // With records from before the aim still to come, their times would be looked up on the long way.
    if (now - last_aim_ns_ >= (caught_up ? kAimNs : kMaxAimNs)) {
      clocks_.Aim();
      last_aim_ns_ = now;
    }
    last = last && (caught_up || now - terminated_ns_ >= kTerminateNs);
    bool due = CommitIsDue(now) || (careful_ && caught_up) || (last && pending_);
    if (due && writer_->replaced()) return Result::kReplaced;
    if (due && !Commit(caught_up)) return writer_->gave_up() ? Result::kTerminated : Result::kFailed;
    if (last) return sessions_.empty() ? Result::kNothingLeft : Result::kTerminated;
    if (!sessions_.empty()) {
      empty_since_ns_ = 0;
    } else if (empty_since_ns_ == 0) {
      empty_since_ns_ = now;
    } else if (!pending_ && now - empty_since_ns_ >= GraceNs()) {
      if (!scan_again_) return Result::kNothingLeft;
      // There is nothing here whose end would give back what is missing.
      error_ = "the dumper has no memory or no descriptors left; raise its limits (ulimit -v, ulimit -n)";
      return Result::kFailed;
    }
    bell_->Sleep(SleepNs(taken, now), [this] { return News(); });
  }
}

}  // namespace pytrace::dumper
