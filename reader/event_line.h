// An event as the texts that all outputs are made of, and as a line in the layout of the first pytrace. All texts are
// printable (printable.h).
#ifndef PYTRACE_READER_EVENT_LINE_H_
#define PYTRACE_READER_EVENT_LINE_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dumper/store/database.h"
#include "reader/window.h"

namespace pytrace::reader {

struct ArgumentText {
  std::string name, type, value;
};

struct EventText {
  store::EventKind kind = store::EventKind::kCall;
  bool thrown = false;  // a resume by throw() or close()
  int64_t time_ns = 0, call_id = 0, pid = 0, tid = 0, depth = 0;
  int64_t duration_ns = store::kOpen;
  std::string date_time;  // 2012/08/16 00:51:31.791034, local time
  std::string thread, module, func;
  std::vector<ArgumentText> arguments_memory;  // kept for later events; of this one are the first argument_count
  size_t argument_count = 0;
  std::span<const ArgumentText> arguments() const { return {arguments_memory.data(), argument_count}; }
  std::string note;  // of logs and losses: a sentence
};

// What a piece of a line is, for colours.
enum class Ink : uint8_t {
  kPlain,
  kTime,
  kThread,
  kModule,
  kArrow,
  kFunction,
  kName,
  kType,
  kValue,
  kError,
  kNote,
  kOtherThreads,  // and as many more as kThreadInks says
};
// Of the screen, for threads that are to be told apart: kThread and those from kOtherThreads on.
inline constexpr size_t kThreadInks = 6;
inline constexpr size_t kInkCount = static_cast<size_t>(Ink::kOtherThreads) + kThreadInks - 1;
// Always the same for a number.
Ink InkOfThread(int64_t tid);
struct Span {
  uint32_t end;  // where it ends; it starts where the one before ends
  Ink ink;
};
struct CallText {
  std::string text;
  std::vector<Span> spans;
  // Bytes of the text that are the function's name, and of each argument: `name = type: value`. Spans end where they
  // do.
  struct Part {
    uint32_t begin = 0, end = 0;
    size_t argument = 0;  // its place in EventText::arguments
  };
  Part function;
  std::vector<Part> arguments;
};

class EventReader {
 public:
  explicit EventReader(const store::Catalog& catalog) : catalog_(catalog) {}
  void Read(const EventRef& event, EventText* out);
  void Forget();  // what was remembered of the catalogue: it was read anew

 private:
  void SetThread(uint32_t thread);
  const store::Function* FunctionOf(uint32_t id);
  void ReadDateTime(int64_t time_ns, std::string* out);
  void ReadArguments(const EventRef& event, const store::Function* function, EventText* out);

  const store::Catalog& catalog_;
  int64_t second_ = -1;
  std::string second_text_;  // of second_, without the fraction
  std::vector<query::Argument> found_;
  // Of the event before; most come from the same thread.
  uint32_t thread_id_ = 0;
  bool thread_known_ = false;
  const store::Thread* thread_ = nullptr;
  const store::Process* process_ = nullptr;
  std::string thread_name_;
  std::vector<const store::Function*> functions_;  // by id
};

bool IsEnd(store::EventKind kind);  // of a call
// `--> fib(n = int: 4)`, `<-- fib(return value = int: 3)`, without indentation.
// `brief`: ends as `<-- fib = int: 3` and `<!! fib ! KeyError: ...`.
void MakeCallText(const EventText& event, CallText* out, bool brief = false);
// Blanks before it: a column for each level, and one more before returns.
size_t Indent(const EventText& event);

// 2012/08/16 00:51:31.791034 -> 2012-08-16T00:51:31.791034
std::string IsoTime(std::string date_time);

// Lines end in a newline.
void AppendText(const EventText& event, std::string* out, bool colors = false);
void AppendClassic(const EventText& event,
                   std::string* out);  // columns as wide and cut as the first pytrace printed them
// `fields` here and below: by their place in kFieldNames, empty: all.
void AppendJsonl(const EventText& event, const std::vector<int>& fields, std::string* out);
void AppendTextFields(const EventText& event, const std::vector<int>& fields, std::string* out);
// csv and tsv, by separator; values have no tabs.
inline constexpr size_t kFieldCount = 11;
extern const char* const kFieldNames[kFieldCount];
void AppendFields(const EventText& event, char separator, const std::vector<int>& fields, std::string* out);
void AppendHeader(char separator, const std::vector<int>& fields, std::string* out);
// `time,func`. false: *error names the one that there is not, and those that there are.
bool ParseFields(const std::string& text, std::vector<int>* out, std::string* error);
// Printable text as a JSON string.
void AppendJsonString(std::string_view text, std::string* out);

}  // namespace pytrace::reader

#endif  // PYTRACE_READER_EVENT_LINE_H_
