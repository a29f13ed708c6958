#include "reader/call_output.h"

#include <algorithm>
#include <string>
#include <vector>

#include "dumper/store/bounds.h"
#include "reader/amounts.h"
#include "reader/call_source.h"
#include "reader/call_walk.h"
#include "reader/printable.h"
#include "reader/profile.h"

namespace pytrace::reader {
namespace {

// Right-aligned in columns, not bytes: µ has two of these.
void AppendAmount(const std::string& text, size_t width, std::string* out) {
  size_t columns =
      static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
  if (columns < width) out->append(width - columns, ' ');
  out->append(text);
}

std::string Place(const store::Function* function) {
  if (function == nullptr) return "?";
  std::string place;
  AppendPrintable(function->file, &place);
  return place + ":" + std::to_string(function->line);
}

void AppendCallLine(const CallFacts& facts, size_t level, const CallText& line, const store::Function* function,
                    std::string* out) {
  bool running = facts.duration_ns < 0;
  AppendAmount(running ? "running" : DurationText(facts.duration_ns, false), 9, out);
  AppendAmount(running ? "" : DurationText(facts.self_ns(), false), 10, out);
  out->append(2 + 2 * level, ' ');
  out->append(line.text).append("  ").append(Place(function)).push_back('\n');
}

}  // namespace

int64_t PrintTree(Window* window, int64_t limit, Output* output) {
  CallWalk walk(window, 0, window->database()->zones().size());
  CallSource source(window->database());
  CallFacts facts;
  EventText start, end;
  CallText line;
  std::vector<size_t> levels;
  int64_t printed = 0;
  while (!OutputSignals::interrupted() && walk.Next()) {
    const store::DecodedBlock& block = walk.block();
    levels.assign(block.size(), 0);
    for (uint32_t row = 0; row < block.size(); ++row) {
      if (!walk.shown(row)) continue;
      int64_t caller = walk.caller(row).id;
      const std::vector<store::OpenCall>& stack = walk.open_stack(block.thread[row]);
      if (caller >= block.first_id) {
        levels[row] = levels[static_cast<size_t>(caller - block.first_id)] + 1;
      } else if (caller > 0) {
        auto at =
            std::find_if(stack.begin(), stack.end(), [&](const store::OpenCall& call) { return call.id == caller; });
        levels[row] = static_cast<size_t>(at - stack.begin()) + 1;
      }
      if (!source.Read(block.first_id + row, &facts, &start, &end)) continue;
      MakeCallLine(start, facts.duration_ns < 0 ? nullptr : &end, &line);
      AppendCallLine(facts, levels[row], line, window->database()->catalog().function(facts.function),
                     output->buffer());
      ++printed;
      if (!output->Advance() || OutputSignals::interrupted() || (limit > 0 && printed >= limit)) return printed;
    }
  }
  return printed;
}

int64_t PrintHot(Window* window, int64_t limit, Output* output) {
  Profile profile(window);
  while (!OutputSignals::interrupted() && profile.Work(std::chrono::steady_clock::now())) continue;
  if (OutputSignals::interrupted()) return 0;
  std::vector<FunctionSums> functions = profile.Functions();
  std::stable_sort(functions.begin(), functions.end(),
                   [](const FunctionSums& a, const FunctionSums& b) { return a.self_ns > b.self_ns; });
  int64_t all = 0, printed = 0;
  for (const FunctionSums& sums : functions) store::AddTo(&all, sums.self_ns);
  std::string* out = output->buffer();
  out->append("     SELF    %     TOTAL       CALLS   AVERAGE   LONGEST  RAISED  FUNCTION\n");
  for (const FunctionSums& sums : functions) {
    const store::Function* function = window->database()->catalog().function(sums.function);
    AppendAmount(DurationText(sums.self_ns, false), 9, out);
    AppendAmount(std::to_string(Percent(sums.self_ns, all)) + "%", 5, out);
    AppendAmount(DurationText(sums.total_ns, false), 10, out);
    AppendAmount(Grouped(sums.calls), 12, out);
    AppendAmount(DurationText(sums.total_ns / std::max<int64_t>(1, sums.calls), false), 10, out);
    AppendAmount(DurationText(sums.longest_ns, false), 10, out);
    AppendAmount(sums.exceptions > 0 ? Grouped(sums.exceptions) : "", 8, out);
    out->append("  ");
    AppendPrintable(function == nullptr ? "?" : function->qualname.empty() ? function->func : function->qualname, out);
    out->append("  ").append(Place(function)).push_back('\n');
    ++printed;
    if (!output->Advance() || (limit > 0 && printed >= limit)) break;
  }
  return printed;
}

}  // namespace pytrace::reader
