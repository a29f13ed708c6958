#include "reader/call_source.h"

#include <string>

namespace pytrace::reader {
namespace {

constexpr size_t kRecentBlocks = 6;

}  // namespace

CallFacts FactsOf(const store::DecodedBlock& block, uint32_t row) {
  CallFacts facts;
  facts.id = block.first_id + row;
  facts.parent = block.parent[row];
  facts.function = block.function[row];
  facts.thread = block.thread[row];
  facts.depth = block.depth[row];
  facts.start_ns = block.start_ns[row];
  facts.duration_ns = block.duration_ns[row];
  facts.children_ns = block.children_ns[row];
  facts.outcome = block.outcome[row];
  return facts;
}

std::shared_ptr<const store::DecodedBlock> CallSource::BlockOf(int64_t id) {
  for (auto it = recent_.begin(); it != recent_.end(); ++it) {
    if (id < (*it)->first_id || id >= (*it)->next_id()) continue;
    recent_.splice(recent_.begin(), recent_, it);
    return recent_.front();
  }
  size_t number = database_->FindBlock(id);
  if (number >= database_->zones().size() || database_->zones()[number].first_id > id) return nullptr;
  auto block = std::make_shared<store::DecodedBlock>();
  if (!database_->ReadBlock(number, true, block.get()) || id >= block->next_id()) return nullptr;
  recent_.push_front(block);
  if (recent_.size() > kRecentBlocks) recent_.pop_back();
  return block;
}

void CallSource::Forget() {
  recent_.clear();
  reader_.Forget();
}

bool CallSource::Find(int64_t id, CallFacts* out) {
  std::shared_ptr<const store::DecodedBlock> block = BlockOf(id);
  if (block == nullptr) return false;
  *out = FactsOf(*block, static_cast<uint32_t>(id - block->first_id));
  return true;
}

bool CallSource::Read(int64_t id, CallFacts* facts, EventText* start, EventText* end) {
  std::shared_ptr<const store::DecodedBlock> block = BlockOf(id);
  if (block == nullptr) return false;
  EventRef event;
  event.row = static_cast<uint32_t>(id - block->first_id);
  *facts = FactsOf(*block, event.row);
  event.block = block.get();
  event.call_id = id;
  event.thread = facts->thread;
  event.function = facts->function;
  event.depth = facts->depth;
  event.key = {facts->start_ns, EventKey::Rank::kStart, id};
  event.kind =
      block->start_kind[event.row] == store::Start::kCall ? store::EventKind::kCall : store::EventKind::kResume;
  reader_.Read(event, start);
  if (end == nullptr || facts->duration_ns < 0) return true;
  event.side = query::Side::kEnd;
  event.kind = KindOf(facts->outcome);
  event.key = {facts->start_ns + facts->duration_ns, EventKey::Rank::kEnd, id};
  reader_.Read(event, end);
  return true;
}

void MakeCallLine(const EventText& start, const EventText* end, CallText* out) {
  MakeCallText(start, out);
  uint32_t arrow = out->spans[0].end;
  out->text.erase(0, arrow);
  out->spans.erase(out->spans.begin());
  for (Span& span : out->spans) span.end -= arrow;
  auto add = [&](std::string_view text, Ink ink) {
    out->text.append(text);
    out->spans.push_back({static_cast<uint32_t>(out->text.size()), ink});
  };
  if (end == nullptr) return add(" ...", Ink::kNote);
  bool raised = end->kind == store::EventKind::kException;
  add(raised ? " ! " : end->kind == store::EventKind::kYield ? " yields " : " = ", Ink::kPlain);
  if (end->arguments().empty() || end->arguments()[0].type == "...") return add("?", Ink::kNote);
  add(end->arguments()[0].value, raised ? Ink::kError : Ink::kValue);
}

}  // namespace pytrace::reader
