#include "reader/testing/recording.h"

#include <cstdio>
#include <cstdlib>
#include <protozero/pbf_writer.hpp>
#include <utility>

namespace pytrace::reader::testing {
namespace {

// `field`: of Value, that says of which kind they are.
std::string Items(protozero::pbf_tag_type field, const std::vector<std::string>& values) {
  std::string items, out;
  for (const std::string& value : values) protozero::pbf_writer(items).add_message(1, value);
  protozero::pbf_writer(out).add_message(field, items);
  return out;
}

}  // namespace

std::string None() { return ""; }

std::string Int(int64_t value) {
  std::string out;
  protozero::pbf_writer(out).add_sint64(1, value);
  return out;
}

std::string Float(double value) {
  std::string out;
  protozero::pbf_writer(out).add_double(3, value);
  return out;
}

std::string Bool(bool value) {
  std::string out;
  protozero::pbf_writer(out).add_bool(4, value);
  return out;
}

std::string Str(std::string_view text) {
  std::string out;
  protozero::pbf_writer(out).add_bytes(5, text.data(), text.size());
  return out;
}

std::string Tuple(const std::vector<std::string>& items) { return Items(7, items); }
std::string List(const std::vector<std::string>& items) { return Items(8, items); }
std::string Dict(const std::vector<std::string>& keys_and_values) { return Items(11, keys_and_values); }

std::string Object(uint32_t type, uint64_t address) {
  std::string object, out;
  protozero::pbf_writer writer(object);
  writer.add_uint32(1, type);
  writer.add_uint64(2, address);
  protozero::pbf_writer(out).add_message(12, object);
  return out;
}

std::string Exception(uint32_t type, const std::vector<std::string>& args) {
  std::string object, out;
  protozero::pbf_writer writer(object);
  writer.add_uint32(1, type);
  writer.add_message(3, Tuple(args));
  protozero::pbf_writer(out).add_message(13, object);
  return out;
}

Recording::Recording(const std::string& path, uint32_t block_calls, const std::string& token) {
  store::WriterOptions options;
  options.path = path;
  options.max_bytes = 0;
  options.block_calls = block_calls;
  std::string error;
  writer_ = store::Writer::Open(options, 1000, &error);
  if (writer_ == nullptr) {
    fprintf(stderr, "%s\n", error.c_str());
    exit(1);
  }
  writer_->LoadNewestBlock(&block_);
  run_ = writer_->RunByToken(token, now_, R"(["pytrace", "shop.py"])", "/home/ada");
}

int64_t Recording::AddProcess(int64_t pid, const std::vector<std::string>& argv) {
  store::ProcessRow row;
  row.run = run_;
  row.pid = pid;
  row.parent_pid = 1;
  row.started_ns = now_;
  row.python = "3.11.2";
  row.mode = "eval_frame";
  row.executable = "/usr/bin/python3";
  row.argv = argv;
  row.cwd = "/home/ada";
  row.segment = std::to_string(run_) + "-" + std::to_string(pid) + ".seg";
  processes_.push_back(writer_->AddProcess(row));
  return processes_.back();
}

int Recording::AddThread(int64_t process, uint32_t tid, std::string_view name, bool main) {
  threads_.push_back({writer_->AddThread(process, tid, name, main, now_), {}});
  return static_cast<int>(threads_.size()) - 1;
}

uint32_t Recording::AddFunction(int64_t process, const store::FunctionRow& row) {
  return writer_->AddFunction(process, run_, next_function_++, row, false);
}

store::FunctionCounts* Recording::CountsOf(uint32_t function) {
  if (counts_.size() <= function) counts_.resize(function + 1);
  counts_[function].function = function;
  return &counts_[function];
}

// The keyframe: what is open now.
void Recording::NextBlock() {
  writer_->PutBlock(block_);
  block_.Clear(block_.next_id());
  for (const Thread& thread : threads_) {
    if (thread.open.empty()) continue;
    store::ThreadStack stack{thread.id, {}};
    for (const OpenCall& open : thread.open) stack.calls.push_back(open.call);
    block_.keyframe.push_back(std::move(stack));
  }
}

int64_t Recording::Enter(int thread, uint32_t function, const std::vector<std::string>& values, store::Start kind) {
  if (block_.size() >= writer_->block_calls()) NextBlock();
  ++now_;
  Thread& on = threads_[thread];
  values_.clear();
  for (const std::string& value : values) protozero::pbf_writer(values_).add_message(3, value);
  uint32_t depth = static_cast<uint32_t>(on.open.size());
  uint32_t row = block_.Add(function, on.id, now_, depth, kind, kind == store::Start::kCall ? 0 : 1, values_);
  int64_t id = block_.first_id + row;
  on.open.push_back({{id, function, depth, now_}, 0});
  ++CountsOf(function)->calls;
  return id;
}

void Recording::Leave(int thread, const std::string& value, store::Outcome outcome) {
  ++now_;
  Thread& on = threads_[thread];
  OpenCall ended = on.open.back();
  on.open.pop_back();
  int64_t duration = now_ - ended.call.start_ns;
  if (!on.open.empty()) on.open.back().children_ns += duration;
  store::FunctionCounts* counts = CountsOf(ended.call.function);
  counts->exceptions += outcome == store::Outcome::kException;
  counts->total_ns += duration;
  counts->self_ns += duration - ended.children_ns;
  if (ended.call.id >= block_.first_id) {
    block_.End(static_cast<uint32_t>(ended.call.id - block_.first_id), duration, outcome, value);
  } else {
    writer_->AddLateEnd({ended.call.id, now_, ended.children_ns, outcome, value});
  }
}

void Recording::Log(int thread, std::string_view text) {
  const Thread& on = threads_[thread];
  writer_->AddLog(on.id, ++now_, on.open.empty() ? 0 : on.open.back().call.id, 20, text);
}

void Recording::Lose(int thread, uint64_t enters, uint64_t leaves) {
  writer_->AddLoss({threads_[thread].id, ++now_, enters, leaves, 0, 0}, block_.next_id() - 1);
}

void Recording::Commit() {
  writer_->PutBlock(block_);
  std::erase_if(counts_, [](const store::FunctionCounts& counts) { return counts.function == 0; });
  writer_->AddCounts(counts_);
  counts_.clear();
  if (writer_->Commit()) return;
  fprintf(stderr, "%s\n", writer_->error().c_str());
  exit(1);
}

void Recording::End() {
  for (int64_t process : processes_) writer_->EndProcess(process, ++now_);
  Commit();
}

}  // namespace pytrace::reader::testing
