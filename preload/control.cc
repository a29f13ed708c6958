// What the module `pytrace` asks of the recording.
#include "preload/control.h"

#include <string.h>

#include "preload/call_path.h"
#include "preload/cold_record.h"
#include "pyshim/module/module.h"

namespace pytrace {
namespace {

void MarkNoTrace(py::Object* code) {
  if (code == nullptr || process.load_word == nullptr) return;  // no hook, no marks
  uint64_t word = process.load_word(code);
  if ((word ^ process.epoch_bits) & py::CodeWord::kEpochMask) word = 0;  // of a process before a fork
  process.store_word(code, word | process.epoch_bits | py::CodeWord::kNoTrace);
}

void WriteLog(const char* text, py::Ssize size, long level) {
  ThreadState& t = thread_state;
  if (process.off.load(std::memory_order_relaxed)) return;
  py::Ssize largest = ring::kUnitBytes * ring::kLargeUnits / 2;
  bool cut = size > largest;
  if (cut) size = largest;
  if (static_cast<py::Ssize>(t.writer.end - t.writer.at) < size + ring::kRoom &&
      !MakeRoom(t, static_cast<uint32_t>(size), What::kOther))
    return;
  ColdRecord log(t, record::tag::kLog);
  log.out.Bytes(record::Tag(1, record::kBytes), text, size);
  if (cut && !log.out.full) memcpy(log.out.at - 3, "...", 3);
  log.Time();
  log.out.Uint(record::Tag(3, record::kVarint), level);
  log.Publish();
}

}  // namespace

void InitControl() { py::module_host = {&process.api, &MarkNoTrace, &WriteLog}; }

}  // namespace pytrace
