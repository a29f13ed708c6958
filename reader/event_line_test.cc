#include "reader/event_line.h"

#include <string>

#include "reader/printable.h"
#include "tests/unit/check.h"

namespace pytrace::reader {
namespace {

TEST(NothingUnprintableIsLeft) {
  CHECK_EQ(Printable("plain ~ é 日本 🐍"), "plain ~ é 日本 🐍");
  CHECK_EQ(Printable("\033[31m\x07\t\r\n\x7f"), "\\x1b[31m\\x07\\x09\\x0d\\x0a\\x7f");
  CHECK_EQ(Printable(std::string_view("\0", 1)), "\\x00");
  CHECK_EQ(Printable("\xc2\x9b"
                     "31m"),
           "\\x9b31m");                                    // C1 control sequence introducer
  CHECK_EQ(Printable("\xe2\x80\xae"), "\\u202e");          // right-to-left override
  CHECK_EQ(Printable("\xff\xc0\xaf"), "\\xff\\xc0\\xaf");  // never valid, and an overlong slash
  CHECK_EQ(Printable("\xed\xa0\x80"), "\\xed\\xa0\\x80");  // surrogate
  CHECK_EQ(Printable("\xe2\x82"), "\\xe2\\x82");           // cut
  CHECK_EQ(Printable("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");
  std::string text = "kept \033";
  MakePrintable(5, &text);
  CHECK_EQ(text, "kept \\x1b");
}

EventText Sample(store::EventKind kind) {
  EventText event;
  event.kind = kind;
  event.time_ns = 1'345'078'291'791'034'567;
  event.date_time = "2012/08/16 00:51:31.791034";
  event.call_id = 9, event.pid = 812, event.tid = 813, event.depth = 2;
  event.thread = "Main, \"first\"";
  event.module = "a_module_with_a_long_name.py";
  event.func = "fib";
  return event;
}

void SetArguments(EventText* event, std::vector<ArgumentText> arguments) {
  event->argument_count = arguments.size();
  event->arguments_memory = std::move(arguments);
}

TEST(LinesHaveTheirLayout) {
  EventText call = Sample(store::EventKind::kCall);
  SetArguments(&call, {{"n", "int", "4"}, {"s", "str", "'a, \"b\"'"}});
  std::string out;
  AppendClassic(call, &out);
  CHECK_EQ(out,
           "2012/08/16 00:51:31,0.791034 813         a_module_with_a_long_nam      --> fib(n = int: 4, s = str: 'a, "
           "\"b\"')\n");
  out.clear();
  AppendText(call, &out);
  CHECK_EQ(out,
           "2012/08/16 00:51:31.791034 813        a_module_with_a_long_name.py      --> fib(n = int: 4, s = str: 'a, "
           "\"b\"')\n");
  out.clear();
  AppendFields(call, ',', {}, &out);
  CHECK_EQ(out,
           "1345078291.791034567,call,812,813,\"Main, \"\"first\"\"\",2,a_module_with_a_long_name.py,fib,9,,\"n = int: "
           "4, s = str: 'a, \"\"b\"\"'\"\n");
  out.clear();
  AppendJsonl(call, {}, &out);
  CHECK_EQ(
      out,
      R"({"time": 1345078291.791034567, "kind": "call", "pid": 812, "tid": 813, "depth": 2, "call_id": 9, "thread": "Main, \"first\"", )"
      R"("module": "a_module_with_a_long_name.py", "func": "fib", "arguments": [{"name": "n", "type": "int", "value": "4"}, )"
      R"({"name": "s", "type": "str", "value": "'a, \"b\"'"}]})"
      "\n");
}

std::string Call(const EventText& event) {
  CallText call;
  MakeCallText(event, &call);
  CHECK(call.spans.empty() || call.spans.back().end == call.text.size());
  return std::string(Indent(event), ' ') + call.text;
}

TEST(EveryKindReadsWell) {
  EventText event = Sample(store::EventKind::kReturn);
  SetArguments(&event, {{"return value", "int", "3"}});
  CHECK_EQ(Call(event), "      <-- fib(return value = int: 3)");
  event = Sample(store::EventKind::kException);
  SetArguments(&event, {{"exception", "KeyError", "KeyError('x')"}});
  CHECK_EQ(Call(event), "      <-- fib(exception = KeyError: KeyError('x'))");
  event = Sample(store::EventKind::kResume);
  CHECK_EQ(Call(event), "     --> fib(resume)");
  event.thrown = true;
  CHECK_EQ(Call(event), "     --> fib(throw)");
  // Without values.
  CHECK_EQ(Call(Sample(store::EventKind::kCall)), "     --> fib()");
  CHECK_EQ(Call(Sample(store::EventKind::kReturn)), "      <-- fib()");
  CHECK_EQ(Call(Sample(store::EventKind::kException)), "      <-- fib(exception)");
  CHECK_EQ(Call(Sample(store::EventKind::kYield)), "      <-- fib(yield)");
  event = Sample(store::EventKind::kReturn);
  SetArguments(&event, {{"return value", "...", "..."}});
  CHECK_EQ(Call(event), "      <-- fib()");
  event = Sample(store::EventKind::kCall);
  SetArguments(&event, {{"n", "...", "..."}});
  CHECK_EQ(Call(event), "     --> fib(n = ...)");
  event = Sample(store::EventKind::kLog);
  event.note = "half way";
  CHECK_EQ(Call(event), "     *** half way");
}

}  // namespace
}  // namespace pytrace::reader
