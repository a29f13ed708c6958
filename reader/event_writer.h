// Events in one of the formats that are printed and saved: what stands before them, each of them, what stands behind.
#ifndef PYTRACE_READER_EVENT_WRITER_H_
#define PYTRACE_READER_EVENT_WRITER_H_

#include <string>
#include <utility>
#include <vector>

#include "reader/event_line.h"
#include "reader/options.h"

namespace pytrace::reader {

class EventWriter {
 public:
  // `fields`: of text, csv, tsv, json and jsonl (event_line.h).
  EventWriter(Format format, const store::Catalog& catalog, std::vector<int> fields = {})
      : format_(format), reader_(catalog), fields_(std::move(fields)) {}

  // Of text: how times are written; `start_ns` is that of the run. No marks here: kSinceMark is kClock.
  void SetTimes(TimeFormat format, int64_t start_ns) { time_format_ = format, zero_ns_ = start_ns; }

  void SetColors(bool wanted) { colors_ = wanted; }  // of text

  void Begin(std::string* out);
  void Add(const EventRef& event, std::string* out);
  void End(std::string* out);
  void Forget() { reader_.Forget(); }  // the catalogue was read anew

 private:
  void WriteTime();

  Format format_;
  EventReader reader_;
  EventText text_;
  std::vector<int> fields_;
  bool first_ = true, colors_ = false;
  TimeFormat time_format_ = TimeFormat::kClock;
  int64_t zero_ns_ = 0;
};

// The format that a file's name asks for; kAuto: none that is known.
Format FormatOfName(const std::string& name);

}  // namespace pytrace::reader

#endif  // PYTRACE_READER_EVENT_WRITER_H_
