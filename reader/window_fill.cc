// Which events are on a page.
#include <algorithm>
#include <limits>
#include <utility>

#include "reader/window.h"

namespace pytrace::reader {
namespace {

constexpr int64_t kEver = std::numeric_limits<int64_t>::max();
constexpr int64_t kNever = std::numeric_limits<int64_t>::min();

}  // namespace

Window::Span Window::SpanOf(size_t page) const {
  const std::vector<store::ZoneMap>& zones = database_->zones();
  Span span{kNever, kEver};
  if (page > 0 && page < zones.size()) span.after_ns = zones[page].first_start_ns;
  if (page + 1 < zones.size()) span.until_ns = zones[page + 1].first_start_ns;
  return span;
}

bool Window::AddCalls(size_t number, Page* page) {
  const store::ZoneMap& zone = database_->zones()[number];
  if (!shown_.MayShow(zone)) return true;
  auto block = std::make_shared<store::DecodedBlock>();
  bool final = shown_.needs_values();  // else it is read again when something of it is shown
  if (!database_->ReadBlock(number, final, block.get(), final || shown_.needs_callers())) return false;
  shown_.Mark(*block, &zone, nullptr);
  int64_t until = SpanOf(number).until_ns;
  page->entries.reserve(2 * block->size());
  for (uint32_t row = 0; row < block->size(); ++row) {
    if (!shown_.starts()[row]) continue;
    page->entries.push_back(
        {{block->start_ns[row], EventKey::Rank::kStart, block->first_id + row}, row, Page::From::kStart});
  }
  for (uint32_t row = 0; row < block->size(); ++row) {
    int64_t end = block->start_ns[row] + block->duration_ns[row];
    if (!shown_.ends()[row] || end > until) continue;
    page->entries.push_back({{end, EventKey::Rank::kEnd, block->first_id + row}, row, Page::From::kEnd});
  }
  if (page->entries.empty()) return true;
  if (!final && !database_->ReadBlock(number, true, block.get())) return false;
  page->block = std::move(block);
  return true;
}

bool Window::AddLateEnds(size_t number, Span span, Page* page) {
  store::Keyframe keyframe;
  if (!database_->ReadKeyframe(number, &keyframe)) return false;
  store::DecodedBlock* late = &page->late;
  store::Database::End end;
  for (const store::ThreadStack& stack : keyframe) {
    if (!InRun(stack.thread)) continue;
    const std::vector<uint8_t>& importing = shown_.Imports(stack);
    for (size_t i = 0; i < stack.calls.size(); ++i) {
      const store::OpenCall& call = stack.calls[i];
      if (importing[i]) continue;
      if (!database_->LateEnd(call.id, call.start_ns, &end)) continue;
      if (end.end_ns <= span.after_ns || end.end_ns > span.until_ns) continue;
      uint32_t row = late->Add(call.function, stack.thread, call.start_ns, call.depth, store::Start::kCall, 0, {});
      late->End(row, end.end_ns - call.start_ns, end.outcome, end.result);
      late->parent.push_back(0);
      late->children_ns.push_back(end.children_ns);
      page->late_ids.push_back(call.id);
    }
  }
  late->has_values = true;
  shown_.Mark(*late, nullptr, &page->late_ids);
  for (uint32_t row = 0; row < late->size(); ++row) {
    int64_t time = late->start_ns[row] + late->duration_ns[row];
    if (shown_.ends()[row])
      page->entries.push_back({{time, EventKey::Rank::kEnd, page->late_ids[row]}, row, Page::From::kLateEnd});
  }
  return true;
}

void Window::AddNotes(size_t number, Page* page) {
  Span span = SpanOf(number);
  auto add = [&](const auto& notes, EventKey::Rank rank, Page::From from) {
    auto it = std::partition_point(notes.begin(), notes.end(),
                                   [&](const auto& note) { return note.time_ns < span.after_ns; });
    for (; it != notes.end() && it->time_ns < span.until_ns; ++it) {
      if (shown_.Has(*it))
        page->entries.push_back({{it->time_ns, rank, it->id}, static_cast<uint32_t>(it - notes.begin()), from});
    }
  };
  add(losses_, EventKey::Rank::kLoss, Page::From::kLoss);
  add(logs_, EventKey::Rank::kLog, Page::From::kLog);
}

bool Window::Fill(size_t number, Page* page) {
  page->number = number;
  if (number < database_->zones().size() && (!AddCalls(number, page) || !AddLateEnds(number, SpanOf(number), page))) {
    return Failed();
  }
  AddNotes(number, page);
  return true;
}

// Starts come first and in order.
void Page::Sort() {
  auto earlier = [](const Page::Entry& a, const Page::Entry& b) { return a.key < b.key; };
  auto rest = std::partition_point(entries.begin(), entries.end(),
                                   [](const Page::Entry& entry) { return entry.from == Page::From::kStart; });
  std::sort(rest, entries.end(), earlier);
  std::inplace_merge(entries.begin(), rest, entries.end(), earlier);
}

}  // namespace pytrace::reader
