#include "reader/event_writer.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "reader/amounts.h"
#include "reader/event_html.h"
#include "reader/event_perfetto.h"

namespace pytrace::reader {

void EventWriter::Begin(std::string* out) {
  if (format_ == Format::kTsv || format_ == Format::kCsv)
    AppendHeader(format_ == Format::kCsv ? ',' : '\t', fields_, out);
  if (format_ == Format::kHtml) AppendHtmlBegin(out);
  if (format_ == Format::kPerfetto) AppendPerfettoBegin(out);
  if (format_ == Format::kJson) out->append("[\n");
}

void EventWriter::Add(const EventRef& event, std::string* out) {
  reader_.Read(event, &text_);
  switch (format_) {
    case Format::kClassic:
      AppendClassic(text_, out);
      break;
    case Format::kTsv:
      AppendFields(text_, '\t', fields_, out);
      break;
    case Format::kCsv:
      AppendFields(text_, ',', fields_, out);
      break;
    case Format::kJson:
      if (!first_) out->append(",\n");
      AppendJsonl(text_, fields_, out);
      out->pop_back();
      break;
    case Format::kJsonl:
      AppendJsonl(text_, fields_, out);
      break;
    case Format::kHtml:
      AppendHtml(text_, out);
      break;
    case Format::kPerfetto:
      AppendPerfetto(text_, first_, out);
      break;
    default:
      WriteTime();
      if (fields_.empty()) {
        AppendText(text_, out, colors_);
      } else {
        AppendTextFields(text_, fields_, out);
      }
  }
  first_ = false;
}

void EventWriter::WriteTime() {
  constexpr size_t kDateWidth = 26;
  if (time_format_ == TimeFormat::kIso) text_.date_time = IsoTime(text_.date_time);
  if (time_format_ != TimeFormat::kSinceStart && time_format_ != TimeFormat::kSinceBefore) return;
  int64_t since = time_format_ == TimeFormat::kSinceBefore && first_ ? 0 : text_.time_ns - zero_ns_;
  if (time_format_ == TimeFormat::kSinceBefore) zero_ns_ = text_.time_ns;
  std::string difference = DifferenceText(since);
  text_.date_time.assign(kDateWidth - std::min(kDateWidth, difference.size()), ' ');
  text_.date_time += difference;
}

void EventWriter::End(std::string* out) {
  if (format_ == Format::kHtml) AppendHtmlEnd(out);
  if (format_ == Format::kPerfetto) AppendPerfettoEnd(out);
  if (format_ == Format::kJson) out->append(first_ ? "]\n" : "\n]\n");
}

Format FormatOfName(const std::string& name) {
  static constexpr std::pair<const char*, Format> kNames[] = {
      {".txt", Format::kText},    {".log", Format::kText},      {".csv", Format::kCsv},  {".tsv", Format::kTsv},
      {".jsonl", Format::kJsonl}, {".json", Format::kPerfetto}, {".html", Format::kHtml}};
  for (auto [end, format] : kNames) {
    if (name.ends_with(end)) return format;
  }
  return Format::kAuto;
}

}  // namespace pytrace::reader
