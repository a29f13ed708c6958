#include "dumper/testing/fake_guest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <fstream>

namespace pytrace::dumper::testing {
namespace {

namespace tag = record::tag;

uint64_t Read(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return static_cast<uint64_t>(t.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(t.tv_nsec);
}

}  // namespace

uint64_t NowTicks() { return Read(CLOCK_MONOTONIC); }

uint64_t StartOf(int pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  std::getline(in, text, '\0');
  size_t at = text.rfind(')');
  for (int field = 2; field < 22 && at != std::string::npos; ++field) at = text.find(' ', at + 1);
  return at == std::string::npos ? 0 : strtoull(text.c_str() + at, nullptr, 10);
}

FakeThread::FakeThread(FakeGuest* guest, uint32_t tid)
    : guest_(guest), ring_(guest->segment()->TakeRing(tid)), tid_(tid) {}

void FakeThread::NextChunk() {
  for (;;) {
    uint32_t epoch = guest_->segment()->FreeEpoch();
    bool no_memory;
    ring::ChunkHeader* chunk = guest_->segment()->TakeChunk(large_chunks, &no_memory);
    if (chunk != nullptr) return writer_.MoveTo(guest_->segment(), ring_, chunk);
    guest_->segment()->WaitForFree(epoch, 100);
  }
}

void FakeThread::SealChunk() { NextChunk(); }

void FakeThread::Record(uint8_t record_tag, uint64_t time, const Fields& before, const Fields& after) {
  if (writer_.chunk == nullptr) NextChunk();
  for (;;) {
    record::ValueEncoder e(writer_.at, writer_.end);
    uint8_t* body = e.Open(record_tag);
    if (before) before(&e);
    e.Uint(tag::kTime, time - writer_.last_time);
    if (after) after(&e);
    e.Close(body);
    if (!e.full) {
      writer_.last_time = time;
      writer_.Publish(e.at);
      return;
    }
    NextChunk();
  }
}

uint64_t FakeThread::Enter(uint32_t function, uint64_t time, const Fields& values, const Fields& rest) {
  Record(
      tag::kEnter, time, [&](auto* e) { e->Uint(tag::kFunctionId, function); },
      [&](auto* e) {
        if (values) values(e);
        if (rest) rest(e);
      });
  return ++writer_.calls;
}

void FakeThread::Leave(uint64_t time, uint32_t outcome, const Fields& value, uint64_t call) {
  Record(
      tag::kLeave, time,
      [&](auto* e) {
        if (outcome != 0) e->Uint(tag::kOutcome, outcome);
      },
      [&](auto* e) {
        if (value) value(e);
        if (call != 0) e->Uint(tag::kCall, call);
      });
}

void FakeThread::Function(uint32_t id, uint64_t time, const std::string& name, bool main) {
  Record(
      tag::kFunction, time, [&](auto* e) { e->Uint(record::Tag(1, record::kVarint), id); },
      [&](auto* e) {
        e->Text(record::Tag(3, record::kBytes), "test");
        e->Text(record::Tag(4, record::kBytes), name.c_str());
        e->Text(record::Tag(5, record::kBytes), name.c_str());
        e->Text(record::Tag(6, record::kBytes), "/test.py");
        e->Uint(record::Tag(7, record::kVarint), id);
        if (main) e->Uint(record::Tag(12, record::kVarint), 1);
      });
}

void FakeThread::Type(uint32_t id, uint64_t time, const std::string& name) {
  Record(
      tag::kType, time, [&](auto* e) { e->Uint(record::Tag(1, record::kVarint), id); },
      [&](auto* e) { e->Text(record::Tag(3, record::kBytes), name.c_str()); });
}

void FakeThread::Name(uint64_t time, const std::string& name, bool main) {
  Record(
      tag::kThread, time, [&](auto* e) { e->Uint(record::Tag(1, record::kVarint), tid_); },
      [&](auto* e) {
        e->Text(record::Tag(3, record::kBytes), name.c_str());
        if (main) e->Uint(record::Tag(4, record::kVarint), 1);
      });
}

void FakeThread::Lose(uint64_t time, uint64_t enters, uint64_t leaves, uint64_t next_call) {
  Record(tag::kLoss, time, {}, [&](auto* e) {
    e->Uint(record::Tag(3, record::kVarint), enters);
    e->Uint(record::Tag(4, record::kVarint), leaves);
    e->Uint(record::Tag(6, record::kVarint), next_call);
  });
  writer_.calls = next_call - 1;
}

void FakeThread::Log(uint64_t time, const std::string& text) {
  Record(tag::kLog, time, [&](auto* e) { e->Text(record::Tag(1, record::kBytes), text.c_str()); }, {});
}

void FakeThread::Raw(const std::string& bytes) {
  if (writer_.chunk == nullptr) NextChunk();
  memcpy(writer_.at, bytes.data(), bytes.size());
  writer_.Publish(writer_.at + bytes.size());
}

void FakeThread::Close() { ring_->state.store(ring::RingState::kClosed, std::memory_order_release); }

FakeGuest::FakeGuest(const GuestOptions& options) {
  uint8_t info[512];
  record::Encoder e(info, info + sizeof(info));
  e.Text(record::Tag(1, record::kBytes), options.run.c_str());
  e.Text(record::Tag(2, record::kBytes), "/usr/bin/python3");
  e.Text(record::Tag(3, record::kBytes), "python3");
  e.Text(record::Tag(5, record::kBytes), "3.11.2");
  e.Text(record::Tag(6, record::kBytes), "eval_frame");
  e.Text(record::Tag(9, record::kBytes), "[\"test\"]");
  if (options.pid_namespace != 0) e.Uint(record::Tag(10, record::kVarint), options.pid_namespace);
  ring::SegmentOptions o = {};
  o.rundir = options.rundir.c_str();
  o.buffer_bytes = options.buffer_bytes;
  o.clock = ring::Clock::kMonotonicNs;
  o.start_flags = options.start_flags;
  o.start_ticks = o.start_monotonic_ns = NowTicks();
  o.start_realtime_ns = Read(CLOCK_REALTIME);
  o.pid_start = options.pid_start != 0 ? options.pid_start : StartOf(getpid());
  o.info = info;
  o.info_bytes = static_cast<size_t>(e.at - info);
  error_ = segment_.Create(o);
}

std::string FakeGuest::name() const { return strrchr(segment_.path(), '/') + 1; }

void FakeGuest::End(ring::Ended how, uint64_t time) {
  segment_.header()->end_ticks.store(time, std::memory_order_relaxed);
  segment_.header()->ended.store(how, std::memory_order_release);
}

TestRundir::TestRundir() {
  char path[] = "/dev/shm/pytrace-test-XXXXXX";
  folder_ = mkdtemp(path);
  path_ = folder_ + "/run";
  mkdir(path_.c_str(), 0700);
}

TestRundir::~TestRundir() {
  std::string command = "rm -rf '" + folder_ + "'";
  if (system(command.c_str()) != 0) perror("rm");
}

}  // namespace pytrace::dumper::testing
