#include "reader/event_html.h"

#include <string_view>

namespace pytrace::reader {
namespace {

constexpr char kBegin[] = R"(<!DOCTYPE html>
<html><head><meta charset="utf-8"><title>pytrace</title><style>
body { background: #fff; color: #333 } pre { font: 13px/1.4 monospace }
.t { color: #005faf } .d { color: #af0000 } .m, .n { color: #008700 } .f { color: #005faf; font-weight: bold }
.y { color: #008787 } .v { color: #af0000 } .e { color: #d70000; font-weight: bold } .o, .a { color: #626262 }
@media (prefers-color-scheme: dark) {
body { background: #111; color: #ccc } .t, .f { color: #87d7ff } .d, .v { color: #ff8787 } .m, .n { color: #87ffaf }
.y { color: #87ffff } .e { color: #ff5f5f } .o, .a { color: #949494 } }
</style></head><body><pre>
)";

constexpr char kClasses[] = "ptdmafnyveo";  // by Ink

void AppendEscaped(std::string_view text, std::string* out) {
  for (char c : text) {
    if (c == '&') {
      out->append("&amp;");
    } else if (c == '<') {
      out->append("&lt;");
    } else if (c == '>') {
      out->append("&gt;");
    } else {
      out->push_back(c);
    }
  }
}

void AppendSpan(Ink ink, std::string_view text, std::string* out) {
  if (ink == Ink::kPlain) return AppendEscaped(text, out);
  out->append("<span class=").append(1, kClasses[static_cast<size_t>(ink)]).append(">");
  AppendEscaped(text, out);
  out->append("</span>");
}

}  // namespace

void AppendHtmlBegin(std::string* out) { out->append(kBegin); }
void AppendHtmlEnd(std::string* out) { out->append("</pre></body></html>\n"); }

void AppendHtml(const EventText& event, std::string* out) {
  constexpr size_t kModuleWidth = 24, kTidWidth = 10;
  AppendSpan(Ink::kTime, event.date_time, out);
  out->push_back(' ');
  std::string tid = std::to_string(event.tid);
  AppendSpan(Ink::kThread, tid, out);
  if (tid.size() < kTidWidth) out->append(kTidWidth - tid.size(), ' ');
  out->push_back(' ');
  if (event.module.size() < kModuleWidth) out->append(kModuleWidth - event.module.size(), ' ');
  AppendSpan(Ink::kModule, event.module, out);
  out->push_back(' ');
  out->append(Indent(event), ' ');
  thread_local CallText call;
  MakeCallText(event, &call);
  size_t begin = 0;
  for (const Span& span : call.spans) {
    AppendSpan(span.ink, std::string_view(call.text).substr(begin, span.end - begin), out);
    begin = span.end;
  }
  out->push_back('\n');
}

}  // namespace pytrace::reader
