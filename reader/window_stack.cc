#include "reader/window_stack.h"

#include <algorithm>

namespace pytrace::reader {
namespace {

// The stack of the thread just before the page's first call, from its outermost call down to `id` (included). Empty:
// the call is not in it.
std::vector<store::OpenCall> KeyframeStack(const Window& window, const Page& page, uint32_t thread, int64_t id) {
  store::Keyframe keyframe;
  if (!window.database()->ReadKeyframe(page.number, &keyframe)) return {};
  for (store::ThreadStack& stack : keyframe) {
    if (stack.thread != thread) continue;
    auto found = std::find_if(stack.calls.begin(), stack.calls.end(),
                              [&](const store::OpenCall& call) { return call.id == id; });
    if (found == stack.calls.end()) return {};
    stack.calls.erase(found + 1, stack.calls.end());
    return std::move(stack.calls);
  }
  return {};
}

}  // namespace

std::vector<store::OpenCall> CallStack(const Window& window, const Page& page, const EventRef& event) {
  if (event.block == nullptr) return {};
  if (event.block == &page.late) return KeyframeStack(window, page, event.thread, event.call_id);
  const store::DecodedBlock& block = *page.block;
  std::vector<store::OpenCall> inner;  // innermost first
  int64_t id = event.call_id;
  while (id >= block.first_id && id < block.next_id()) {
    uint32_t row = static_cast<uint32_t>(id - block.first_id);
    inner.push_back({id, block.function[row], block.depth[row], block.start_ns[row]});
    int64_t parent = block.parent[row];
    // A damaged block could name itself or a later call.
    if (parent >= id) break;
    id = parent;
  }
  std::vector<store::OpenCall> stack;
  if (id > 0 && id < block.first_id) stack = KeyframeStack(window, page, event.thread, id);
  stack.insert(stack.end(), inner.rbegin(), inner.rend());
  return stack;
}

}  // namespace pytrace::reader
