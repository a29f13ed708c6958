#include "dumper/store/test_recorder.h"

#include <stdlib.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "dumper/store/columns.h"

namespace pytrace::store {
namespace {

std::string Field(uint32_t number, std::string_view bytes) {
  std::string out;
  PutVarint(number << 3 | 2, &out);
  PutVarint(bytes.size(), &out);
  return out.append(bytes);
}
std::string Field(uint32_t number, uint64_t value) {
  std::string out;
  PutVarint(number << 3, &out);
  PutVarint(value, &out);
  return out;
}

}  // namespace

TestFolder::TestFolder() {
  const char* base = getenv("TEST_TMPDIR");
  std::string name = std::string(base ? base : "/tmp") + "/store-XXXXXX";
  if (mkdtemp(name.data()) == nullptr) abort();
  folder_ = name;
}
TestFolder::~TestFolder() { std::filesystem::remove_all(folder_); }

WriterOptions SmallBlocks(const std::string& path) {
  WriterOptions options;
  options.path = path;
  options.block_calls = 64;
  return options;
}

std::string IntValue(int64_t value) { return Field(1, ZigZag(value)); }
std::string StrValue(std::string_view text) { return Field(5, text); }
std::string ObjectValue(uint32_t type, uint64_t address) { return Field(12, Field(1, type) + Field(2, address)); }
std::string ExceptionValue(uint32_t type, std::string_view argument) {
  return Field(13, Field(1, type) + Field(2, 64) + Field(3, Field(7, Field(1, StrValue(argument)))));
}
std::string Argument(const std::string& value) { return Field(3, value); }

TestRecorder::TestRecorder(const WriterOptions& options) {
  std::string error;
  writer_ = Writer::Open(options, 0, &error);
  if (!writer_) {
    fprintf(stderr, "%s\n", error.c_str());
    abort();
  }
  writer_->LoadNewestBlock(&block_);
  now_ = std::max(now_, writer_->newest_start_ns() + 1);
  std::string token = "run" + std::to_string(now_);
  run_ = writer_->RunByToken(token, now_, "[\"pytrace\",\"shop.py\"]", "/home/me");
  for (int i = 0; i < 2; ++i) {
    ProcessRow row;
    row.run = run_;
    row.pid = 100 + i;
    row.parent_pid = 99;
    row.started_ns = now_;
    row.python = "3.11.2";
    row.mode = "eval_frame";
    row.executable = "/usr/bin/python3";
    row.argv = {"python3", "shop.py"};
    row.cwd = "/home/me";
    row.segment = token + "-" + std::to_string(i) + ".seg";
    processes_[i] = writer_->AddProcess(row);
    writer_->AddType(processes_[i], 1, "shop.cart.Cart");
    writer_->AddType(processes_[i], 2, "KeyError");
    FunctionRow f{"shop.py", "f", "f", "/home/me/shop.py", 3, 0, 0, 0, {"n"}};
    FunctionRow add{"shop.cart", "add", "Cart.add", "/home/me/shop/cart.py", 10, 4, 3, 0, {"self", "n", "items"}};
    FunctionRow gen{"shop.py", "gen", "gen", "/home/me/shop.py", 30, 32, 0, 0, {"n"}};
    functions_ = {writer_->AddFunction(processes_[i], run_, 1, f, false),
                  writer_->AddFunction(processes_[i], run_, 2, add, false),
                  writer_->AddFunction(processes_[i], run_, 3, gen, false)};
    for (uint32_t t = 0; t < 2; ++t) {
      uint32_t tid = 100 + i + 10 * t;
      threads_.push_back({writer_->AddThread(processes_[i], tid, t ? "worker" : "MainThread", t == 0, now_), {}, 0});
    }
  }
  first_id_ = block_.next_id();
}

// Events of different threads may come at the same time.
void TestRecorder::Tick(Thread* on, uint32_t most) {
  now_ = std::max(now_ + static_cast<int64_t>(random_() % most), on->last_ns + 1);
  on->last_ns = now_;
}

int64_t TestRecorder::Enter(int thread, int function, int64_t n) {
  Thread& on = threads_[thread];
  if (block_.full(writer_->block_calls())) {
    Put();
    block_.Clear(block_.next_id());
    for (const Thread& other : threads_) {
      if (other.open.empty()) continue;
      ThreadStack stack{other.id, {}};
      for (int64_t id : other.open) {
        stack.calls.push_back({id, call(id).function, call(id).depth, call(id).start_ns});
      }
      block_.keyframe.push_back(stack);
    }
  }
  Tick(&on, 4);
  std::string values;
  if (function == 1) values += Argument(ObjectValue(1, 0x7f00 + n));
  values += Argument(IntValue(n));
  if (function == 1) values += Argument("\x3a" + std::string(1, '\0'));
  Start kind = function == 2 && n % 2 ? Start::kResume : Start::kCall;
  uint32_t depth = static_cast<uint32_t>(on.open.size());
  uint32_t id_of_function = functions_[function];
  uint32_t row = block_.Add(id_of_function, on.id, now_, depth, kind, function == 2 ? 77 : 0, values);
  int64_t id = block_.first_id + row;
  int64_t parent = on.open.empty() ? 0 : on.open.back();
  calls_.push_back({id, parent, id_of_function, on.id, depth, kind, now_, 0, 0, Outcome::kNone, n});
  on.open.push_back(id);
  counts_.push_back({id_of_function, 1, 0, 0, 0});
  return id;
}

void TestRecorder::Leave(int thread, Outcome outcome) {
  Thread& on = threads_[thread];
  if (on.open.empty()) return;
  TestCall& ended = calls_[on.open.back() - first_id_];
  on.open.pop_back();
  Tick(&on, 50);
  ended.end_ns = now_;
  ended.outcome = outcome;
  int64_t duration = now_ - ended.start_ns;
  std::string result =
      outcome == Outcome::kException ? ExceptionValue(2, "B-" + std::to_string(ended.n)) : IntValue(ended.n * 10);
  if (ended.id >= block_.first_id) {
    block_.End(static_cast<uint32_t>(ended.id - block_.first_id), duration, outcome, result);
  } else {
    writer_->AddLateEnd({ended.id, now_, ended.children_ns, outcome, result});
  }
  if (ended.parent != 0) calls_[ended.parent - first_id_].children_ns += duration;
  counts_.push_back({ended.function, 0, outcome == Outcome::kException, duration, duration - ended.children_ns});
}

void TestRecorder::Random(int events, uint32_t seed) {
  std::mt19937 random(seed);
  for (int i = 0; i < events; ++i) {
    int thread = random() % threads_.size();
    if (random() % 100 < (threads_[thread].open.size() < 8 ? 55u : 40u)) {
      Enter(thread, random() % 3, random() % 10);
    } else {
      Leave(thread, static_cast<Outcome>(1 + random() % 3));
    }
  }
}

void TestRecorder::Log(int thread, std::string_view text) {
  const Thread& on = threads_[thread];
  writer_->AddLog(on.id, ++now_, on.open.empty() ? 0 : on.open.back(), 20, text);
}

void TestRecorder::Put() { writer_->PutBlock(block_); }

bool TestRecorder::Commit() {
  Put();
  writer_->AddCounts(counts_);
  counts_.clear();
  return writer_->Commit();
}

void TestRecorder::CloseAll() {
  for (size_t t = 0; t < threads_.size(); ++t) {
    while (!threads_[t].open.empty()) Leave(static_cast<int>(t), Outcome::kReturn);
  }
}

void TestRecorder::End() {
  for (int64_t process : processes_) writer_->EndProcess(process, ++now_);
  Commit();
}

}  // namespace pytrace::store
