#include "reader/event_line.h"

#include <time.h>

#include <string_view>

#include "reader/amounts.h"
#include "reader/printable.h"

namespace pytrace::reader {
namespace {

using store::EventKind;

constexpr int64_t kSecond = 1'000'000'000;

void Assign(std::string_view text, std::string* out) {
  out->clear();
  AppendPrintable(text, out);
}

// Why events are missing, and what would keep them.
std::string LossSentence(const store::Loss& loss) {
  std::string sentence = Grouped(loss.enters + loss.leaves + loss.others) + " events lost here: ";
  if (loss.reason == "full")
    return sentence + "the buffer was full (--buffer makes it larger, --on-full block waits, --modules records less)";
  if (loss.reason == "stopped") return sentence + "recording had stopped";
  if (loss.reason == "no_memory") return sentence + "no shared memory was left";
  return sentence + loss.reason;
}

}  // namespace

Ink InkOfThread(int64_t tid) {
  size_t place = static_cast<size_t>((static_cast<uint64_t>(tid) * 0x9e3779b97f4a7c15) >> 40) % kThreadInks;
  return place == 0 ? Ink::kThread : static_cast<Ink>(static_cast<size_t>(Ink::kOtherThreads) + place - 1);
}

bool IsEnd(EventKind kind) {
  return kind == EventKind::kReturn || kind == EventKind::kException || kind == EventKind::kYield;
}

void EventReader::Forget() {
  thread_known_ = false;
  functions_.clear();
}

void EventReader::SetThread(uint32_t thread) {
  thread_known_ = true;
  thread_id_ = thread;
  thread_ = catalog_.thread(thread);
  process_ = catalog_.process_of_thread(thread);
  Assign(thread_ == nullptr ? "?" : std::string_view(thread_->name), &thread_name_);
}

const store::Function* EventReader::FunctionOf(uint32_t id) {
  constexpr uint32_t kRemembered = 1 << 20;  // a damaged block may name any id
  if (id >= kRemembered) return catalog_.function(id);
  if (id >= functions_.size()) functions_.resize(id + 1);
  if (functions_[id] == nullptr) functions_[id] = catalog_.function(id);
  return functions_[id];
}

void EventReader::ReadDateTime(int64_t time_ns, std::string* out) {
  int64_t second = time_ns / kSecond, fraction = time_ns % kSecond;
  if (fraction < 0) --second, fraction += kSecond;
  if (second != second_ || second_text_.empty()) {
    time_t when = second;
    tm local{};
    char text[64];
    localtime_r(&when, &local);
    second_text_.assign(text, strftime(text, sizeof text, "%Y/%m/%d %H:%M:%S", &local));
    second_ = second;
  }
  char digits[8] = {'.'};
  int64_t micros = fraction / 1000;
  for (int i = 6; i > 0; --i, micros /= 10) digits[i] = static_cast<char>('0' + micros % 10);
  out->assign(second_text_).append(digits, 7);
}

void EventReader::ReadArguments(const EventRef& event, const store::Function* function, EventText* out) {
  query::ReadArguments(*event.block, event.row, event.side, function, &found_);
  out->argument_count = found_.size();
  if (out->arguments_memory.size() < found_.size()) out->arguments_memory.resize(found_.size());
  query::ProcessTypes types(catalog_, process_ == nullptr ? 0 : process_->id);
  for (size_t i = 0; i < found_.size(); ++i) {
    ArgumentText& argument = out->arguments_memory[i];
    Assign(found_[i].name, &argument.name);
    argument.type.clear();
    record::AppendValueType(found_[i].value, types, &argument.type);
    MakePrintable(0, &argument.type);
    argument.value.clear();
    record::AppendValueText(found_[i].value, types, &argument.value);
    MakePrintable(0, &argument.value);
  }
}

void EventReader::Read(const EventRef& event, EventText* out) {
  const store::Function* function = event.function == 0 ? nullptr : FunctionOf(event.function);
  if (!thread_known_ || event.thread != thread_id_) SetThread(event.thread);
  out->kind = event.kind;
  out->time_ns = event.key.time_ns;
  out->call_id = event.call_id;
  out->depth = event.depth;
  out->tid = thread_ == nullptr ? 0 : thread_->tid;
  out->pid = process_ == nullptr ? 0 : process_->pid;
  ReadDateTime(out->time_ns, &out->date_time);
  out->thread = thread_name_;
  bool call = event.block != nullptr;
  Assign(function != nullptr ? std::string_view(function->module) : call ? "?" : "", &out->module);
  Assign(function != nullptr ? std::string_view(function->func) : call ? "?" : "", &out->func);
  out->note.clear();
  out->argument_count = 0;
  out->duration_ns = store::kOpen;
  out->thrown = false;
  if (event.loss != nullptr) Assign(LossSentence(*event.loss), &out->note);
  if (event.log != nullptr) Assign(event.log->text, &out->note);
  if (!call) return;
  out->duration_ns = event.block->duration_ns[event.row];
  out->thrown = event.block->start_kind[event.row] == store::Start::kThrow;
  ReadArguments(event, function, out);
}

std::string IsoTime(std::string date_time) {
  for (char& c : date_time) c = c == '/' ? '-' : c == ' ' ? 'T' : c;
  return date_time;
}

size_t Indent(const EventText& event) { return static_cast<size_t>(event.depth) + 3 + IsEnd(event.kind); }

void MakeCallText(const EventText& event, CallText* out, bool brief) {
  out->text.clear();
  out->spans.clear();
  out->function = {};
  out->arguments.clear();
  auto size = [&] { return static_cast<uint32_t>(out->text.size()); };
  auto add = [&](std::string_view text, Ink ink) {
    out->text.append(text);
    out->spans.push_back({size(), ink});
  };
  auto add_function = [&] {
    out->function.begin = size();
    add(event.func, Ink::kFunction);
    out->function.end = size();
  };
  if (event.kind == EventKind::kLog || event.kind == EventKind::kLost) {
    add(event.kind == EventKind::kLog ? "*** " : "----- ", Ink::kArrow);
    add(event.note, event.kind == EventKind::kLog ? Ink::kNote : Ink::kError);
    if (event.kind == EventKind::kLost) add(" -----", Ink::kArrow);
    return;
  }
  bool raised = event.kind == EventKind::kException;
  if (brief && IsEnd(event.kind)) {
    add(raised ? "<!! " : "<-- ", raised ? Ink::kError : Ink::kArrow);
    add_function();
    if (event.kind == EventKind::kYield) add(" yield", Ink::kNote);
    for (size_t i = 0; i < event.argument_count; ++i) {
      const ArgumentText& argument = event.arguments()[i];
      if (argument.type == "...") continue;
      add(raised ? " ! " : " = ", Ink::kPlain);
      uint32_t begin = size();
      add(argument.type, Ink::kType);
      add(": ", Ink::kPlain);
      add(argument.value, raised ? Ink::kError : Ink::kValue);
      out->arguments.push_back({begin, size(), i});
    }
    return;
  }
  add(IsEnd(event.kind) ? "<-- " : "--> ", Ink::kArrow);
  add_function();
  add("(", Ink::kPlain);
  bool first = true;
  if (event.kind == EventKind::kResume) {
    add(event.thrown ? "throw" : "resume", Ink::kNote);
    first = false;
  }
  for (size_t i = 0; i < event.argument_count; ++i) {
    const ArgumentText& argument = event.arguments()[i];
    // A value that was not captured has no type; as a result it says nothing.
    bool omitted = argument.type == "...";
    if (omitted && IsEnd(event.kind)) continue;
    if (!first) add(", ", Ink::kPlain);
    first = false;
    uint32_t begin = size();
    add(argument.name, Ink::kName);
    add(" = ", Ink::kPlain);
    if (!omitted) {
      add(argument.type, Ink::kType);
      add(": ", Ink::kPlain);
    }
    add(argument.value, event.kind == EventKind::kException ? Ink::kError : Ink::kValue);
    out->arguments.push_back({begin, size(), i});
  }
  // Without values there is still to say how it ended.
  if (first && event.kind == EventKind::kException) add("exception", Ink::kError);
  if (first && event.kind == EventKind::kYield) add("yield", Ink::kNote);
  add(")", Ink::kPlain);
}

}  // namespace pytrace::reader
