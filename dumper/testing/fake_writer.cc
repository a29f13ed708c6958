#include "dumper/testing/fake_writer.h"

#include <algorithm>

namespace pytrace::dumper::testing {

std::vector<SeenCall> FakeDatabase::Calls() const {
  std::vector<SeenCall> calls;
  std::map<uint32_t, std::vector<int64_t>> newest_at_depth;  // by thread: the newest call of each depth
  for (const auto& [first_id, block] : blocks) {
    for (uint32_t row = 0; row < block.size(); ++row) {
      SeenCall call = {first_id + row,
                       0,
                       block.start_ns[row],
                       block.duration_ns[row],
                       block.function[row],
                       block.thread[row],
                       block.depth[row],
                       block.outcome[row],
                       block.start_kind[row],
                       std::string(block.Args(row)),
                       std::string(block.Result(row))};
      auto& newest = newest_at_depth[call.thread];
      newest.resize(std::max<size_t>(newest.size(), call.depth + 1));
      newest[call.depth] = call.id;
      if (call.depth != 0) call.parent = newest[call.depth - 1];
      auto late = late_ends.find(call.id);
      if (late != late_ends.end()) {
        call.duration_ns = late->second.end_ns - call.start_ns;
        call.outcome = late->second.outcome;
        call.result = late->second.result;
      }
      calls.push_back(std::move(call));
    }
  }
  return calls;
}

bool FakeWriter::LoadNewestBlock(store::Block* block) {
  if (now_.blocks.empty()) {
    block->Clear(1);
    return true;
  }
  *block = now_.blocks.rbegin()->second;
  if (block->full(block_calls_)) block->Clear(block->next_id());
  return true;
}

bool FakeWriter::FindProcess(std::string_view segment, store::ProcessState* out) {
  for (const auto& process : now_.processes) {
    if (process.row.segment != segment) continue;
    *out = process.state;
    return true;
  }
  return false;
}

int64_t FakeWriter::RunByToken(std::string_view token, int64_t, const std::string&, std::string_view) {
  auto found = std::find(now_.runs.begin(), now_.runs.end(), token);
  if (found == now_.runs.end()) found = now_.runs.insert(found, std::string(token));
  return found - now_.runs.begin() + 1;
}

int64_t FakeWriter::AddProcess(const store::ProcessRow& row) {
  FakeDatabase::Process process;
  process.row = row;
  process.state.process = static_cast<int64_t>(now_.processes.size()) + 1;
  process.state.run = row.run;
  now_.processes.push_back(std::move(process));
  return static_cast<int64_t>(now_.processes.size());
}

uint32_t FakeWriter::AddThread(int64_t process, uint32_t tid, std::string_view name, bool main, int64_t started_ns) {
  now_.threads.push_back({process, tid, std::string(name), main, started_ns, 0});
  return static_cast<uint32_t>(now_.threads.size());
}

uint32_t FakeWriter::AddFunction(int64_t process, int64_t, uint32_t id, const store::FunctionRow& row, bool main) {
  auto same = [&](const store::FunctionRow& f) { return f.qualname == row.qualname && f.line == row.line; };
  auto found = std::find_if(now_.functions.begin(), now_.functions.end(), same);
  if (found == now_.functions.end()) found = now_.functions.insert(found, row);
  auto function = static_cast<uint32_t>(found - now_.functions.begin()) + 1;
  auto& ids = now_.processes[process - 1].state.functions;
  std::erase_if(ids, [id](const store::FunctionId& f) { return f.id == id; });
  ids.push_back({id, function, main});
  return function;
}

void FakeWriter::SetMain(int64_t process, int64_t main_ns) {
  now_.processes[process - 1].main_ns = main_ns;
  now_.processes[process - 1].state.main_seen = true;
}

void FakeWriter::EndProcess(int64_t process, int64_t ended_ns) {
  auto& p = now_.processes[process - 1];
  p.ended_ns = ended_ns;
  p.state.ended = true;
  p.state.rings.clear();
  p.state.functions.clear();
}

void FakeWriter::AddCounts(const std::vector<store::FunctionCounts>& counts) {
  for (const auto& c : counts) {
    auto& sum = now_.counts[c.function];
    sum.calls += c.calls;
    sum.exceptions += c.exceptions;
    sum.total_ns += c.total_ns;
    sum.self_ns += c.self_ns;
  }
}

void FakeWriter::PutRing(int64_t process, const store::RingRow& row) {
  auto& rings = now_.processes[process - 1].state.rings;
  std::erase_if(rings, [&](const store::RingRow& r) { return r.ring == row.ring; });
  rings.push_back(row);
}

int64_t FakeWriter::newest_start_ns() const {
  for (auto block = now_.blocks.rbegin(); block != now_.blocks.rend(); ++block) {
    if (block->second.size() != 0) return block->second.start_ns.back();
  }
  return 0;
}

bool FakeWriter::Commit() {
  if (death_ == Death::kBeforeCommit) return false;
  now_.commits++;
  *database_ = now_;
  return death_ == Death::kNone;
}

}  // namespace pytrace::dumper::testing
