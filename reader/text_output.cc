#include "reader/text_output.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <optional>
#include <string>

#include "reader/call_output.h"
#include "reader/event_line.h"
#include "reader/event_writer.h"
#include "reader/output.h"
#include "reader/printable.h"
#include "reader/program_ends.h"
#include "reader/stopped.h"

namespace pytrace::reader {
namespace {

constexpr int kPollMs = 100;

bool IsSet(const char* variable) {
  const char* value = getenv(variable);
  return value != nullptr && *value != '\0';
}

// Into a pipe only when they are forced.
bool WantsColors(const ReaderOptions& options) {
  if (options.color != Color::kAuto) return options.color == Color::kAlways;
  if (IsSet("NO_COLOR")) return false;
  if (IsSet("CLICOLOR_FORCE")) return strcmp(getenv("CLICOLOR_FORCE"), "0") != 0;
  return isatty(STDOUT_FILENO) != 0 && IsSet("TERM") && strcmp(getenv("TERM"), "dumb") != 0;
}

class Printer {
 public:
  Printer(Window* window, const ReaderOptions& options)
      : window_(window), options_(options), writer_(options.format, window->database()->catalog(), Fields(options)) {}

  int Run() {
    writer_.SetColors(WantsColors(options_));
    writer_.SetTimes(options_.time_format, window_->StartNs());
    writer_.Begin(output_.buffer());
    bool more = PrintFrom(0);
    while (more && options_.follow && Live(window_->database()->catalog(), window_->run())) more = Wait() && PrintNew();
    if (!output_.closed() && !output_.failed() && !OutputSignals::interrupted()) {
      writer_.End(output_.buffer());
      output_.Flush();
    }
    if (OutputSignals::interrupted()) return kInterrupted;
    if (failed_ || output_.failed()) return kFailed;
    return printed_ > 0 || output_.closed() ? kPrinted : kNothingPrinted;
  }

 private:
  // false: no more is to be printed.
  bool PrintFrom(size_t page) {
    for (size_t number = page; number < window_->pages(); ++number) {
      std::shared_ptr<const Page> shown = window_->Get(number);
      // Let go while we were reading: the next ones may still be there.
      if (shown == nullptr) continue;
      for (size_t i = 0; i < shown->entries.size(); ++i) {
        if (last_ && !(*last_ < shown->entries[i].key)) continue;
        if (OutputSignals::interrupted() || !Print(window_->At(*shown, i))) return false;
        last_ = shown->entries[i].key;
      }
    }
    return true;
  }

  static std::vector<int> Fields(const ReaderOptions& options) {
    std::vector<int> fields;
    std::string error;
    if (!options.fields.empty()) ParseFields(options.fields, &fields, &error);  // was checked by ReadDatabase
    return fields;
  }

  bool PrintNew() {
    window_->Refresh();
    writer_.Forget();
    return PrintFrom(last_ ? window_->PageOf(*last_) : 0) && output_.Flush();
  }

  bool Wait() {
    if (!output_.Flush()) return false;
    // Also wakes when the other end of the pipe goes.
    pollfd out{STDOUT_FILENO, 0, 0};
    if (poll(&out, 1, kPollMs) > 0 && (out.revents & (POLLERR | POLLHUP))) {
      output_.Close();
      return false;
    }
    if (OutputSignals::interrupted()) return false;
    if (window_->database()->Refresh()) return true;
    fprintf(stderr, "pytrace: %s\n", window_->database()->error().c_str());
    failed_ = true;
    return false;
  }

  bool Print(const EventRef& event) {
    writer_.Add(event, output_.buffer());
    ++printed_;
    if (!output_.Advance()) return false;
    return options_.limit == 0 || printed_ < options_.limit;
  }

  Window* window_;
  const ReaderOptions& options_;
  EventWriter writer_;
  Output output_;
  std::optional<EventKey> last_;
  int64_t printed_ = 0;
  bool failed_ = false;
};

int PrintCalls(Window* window, const ReaderOptions& options) {
  Output output;
  int64_t printed = options.format == Format::kTree ? PrintTree(window, options.limit, &output)
                                                    : PrintHot(window, options.limit, &output);
  if (!output.closed() && !output.failed()) output.Flush();
  if (OutputSignals::interrupted()) return kInterrupted;
  if (output.failed()) return kFailed;
  return printed > 0 || output.closed() ? kPrinted : kNothingPrinted;
}

int PrintCount(Window* window) {
  int64_t total = 0;
  for (size_t page = 0; page < window->pages(); ++page) {
    if (OutputSignals::interrupted()) return kInterrupted;
    total += std::max<int64_t>(0, window->Count(page));
  }
  printf("%lld\n", static_cast<long long>(total));
  fflush(stdout);
  return total > 0 ? kPrinted : kNothingPrinted;
}

// What is missing from what was printed.
void SayWhatIsMissing(const store::Database& database, const std::string& file) {
  if (database.let_go_calls() > 0) {
    fprintf(stderr, "pytrace: the oldest %lld calls were let go (--max-traces and --max-size say how much is kept)\n",
            static_cast<long long>(database.let_go_calls()));
  }
  SayWhyStopped(&database, file);
}

}  // namespace

int PrintEvents(Window* window, const ReaderOptions& options) {
  // What other programs read must stay what it is.
  constexpr Format kForPeople[] = {Format::kAuto, Format::kText, Format::kClassic, Format::kTree, Format::kHot};
  TakeTextAsItIs(options.raw &&
                 std::find(std::begin(kForPeople), std::end(kForPeople), options.format) != std::end(kForPeople));
  OutputSignals signals;
  bool calls = options.format == Format::kTree || options.format == Format::kHot;
  int status = options.count ? PrintCount(window)
               : calls       ? PrintCalls(window, options)
                             : Printer(window, options).Run();
  SayWhatIsMissing(*window->database(), options.file);
  if (window->problem().empty()) return status;
  fprintf(stderr, "pytrace: %s\n", window->problem().c_str());
  return status == kInterrupted ? status : kFailed;
}

}  // namespace pytrace::reader
