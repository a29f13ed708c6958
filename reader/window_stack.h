// The calls around an event: its callers, as far as they were recorded.
#ifndef PYTRACE_READER_WINDOW_STACK_H_
#define PYTRACE_READER_WINDOW_STACK_H_

#include <cstdint>
#include <vector>

#include "dumper/store/block.h"
#include "reader/window.h"

namespace pytrace::reader {

// The calls that were open when the event's call ran, outermost first, the call itself last. Empty for logs and losses.
std::vector<store::OpenCall> CallStack(const Window& window, const Page& page, const EventRef& event);

}  // namespace pytrace::reader

#endif  // PYTRACE_READER_WINDOW_STACK_H_
