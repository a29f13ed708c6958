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
  if (!ColdRecord::RoomFor(t, size, What::kOther)) return;
  ColdRecord log(t, record::tag::kLog);
  log.Text(record::Tag(1, record::kBytes), text, size);
  log.Time();
  log.out.Uint(record::Tag(3, record::kVarint), level);
  log.Publish();
}

}  // namespace

void InitControl() { py::module_host = {&process.api, &MarkNoTrace, &WriteLog}; }

}  // namespace pytrace
