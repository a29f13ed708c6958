// A record that is written off the hot path: Record r(t, tag); fields into r.out, r.Time() where the time belongs;
// r.Publish(). There must be a chunk; where the record does not fit, Publish says so and nothing was written.
#ifndef PYTRACE_PRELOAD_COLD_RECORD_H_
#define PYTRACE_PRELOAD_COLD_RECORD_H_

#include <string.h>

#include "preload/process.h"
#include "preload/thread_state.h"
#include "ringbuf/record/encode.h"

namespace pytrace {

class ColdRecord {
 public:
  // A text is not cut that is at most so long: half of what the largest chunk holds.
  static constexpr size_t kLongestText = ring::kUnitBytes * ring::kLargeUnits / 2;

  // Room for a record with one text of `size` bytes. False: there is none.
  static bool RoomFor(ThreadState& t, size_t size, What what) {
    if (size > kLongestText) size = kLongestText;
    return static_cast<size_t>(t.writer.end - t.writer.at) >= size + ring::kRoom ||
           MakeRoom(t, static_cast<uint32_t>(size), what);
  }

  ColdRecord(ThreadState& t, uint8_t record_tag)
      : out(t.writer.at, t.writer.end), t_(t), now_(process.Now()), message_(out.Open(record_tag)) {
    // Another core's counter may be behind.
    if (now_ < t.writer.last_time) now_ = t.writer.last_time;
  }
  // Of what is longer than `most` the first part; dots say so.
  void Text(uint32_t field_tag, const char* data, size_t size, size_t most = kLongestText) {
    out.Bytes(field_tag, data, size > most ? most : size);
    if (size > most && !out.full) memcpy(out.at - 3, "...", 3);
  }
  void Time() { out.Uint(record::tag::kTime, now_ - t_.writer.last_time); }
  bool Publish() {
    out.Close(message_);
    if (out.full) return false;
    t_.writer.last_time = now_;
    t_.writer.Publish(out.at);
    return true;
  }

  record::Encoder out;

 private:
  ThreadState& t_;
  uint64_t now_;
  uint8_t* message_;
};

}  // namespace pytrace

#endif  // PYTRACE_PRELOAD_COLD_RECORD_H_
